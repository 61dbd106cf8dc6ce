// Package account knows what a password, a one-time password and a token are:
// how they are made, kept and compared, which passwords are refused, and how
// sign-ins that fail are slowed down. Who has which account, and in what state
// it is, is the store's business: nothing here touches a disk or a clock.
//
// It may import the standard library, golang.org/x/crypto/argon2 and
// pkg/survey. Randomness and time are passed in.
//
// Where to start: [Hasher] for passwords, [NewOneTimePassword] for the letters
// to the schools, [CheckNewPassword] for the rules, [NewToken] for what a
// device holds after signing in, [Throttle] for failed sign-ins.
package account
