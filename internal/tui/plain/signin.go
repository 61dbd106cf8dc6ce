package plain

import "errors"

// signIn asks until somebody is signed in and has a password of their own.
func (s *session) signIn() error {
	account, ok := s.desk.Account()
	if ok && !account.MustChange {
		s.say("signed_in", account.Code, account.Name)
		return nil
	}
	s.say("sign_in")
	for {
		server, code := s.desk.Server(), ""
		var err error
		if server == "" {
			if server, err = s.ask(s.words["server"]); err != nil {
				return err
			}
		}
		if code, err = s.askOr(s.words["code"], s.desk.LastCode()); err != nil {
			return err
		}
		password, err := s.password(s.words["password"])
		if err != nil {
			return err
		}
		account, err := s.desk.SignIn(s.ctx, server, code, password)
		if err == nil && account.MustChange {
			err = s.newPassword(password)
		}
		if errors.Is(err, errLeave) {
			return err
		}
		if err == nil {
			s.say("signed_in", account.Code, account.Name)
			return nil
		}
		s.refused(err)
	}
}

// askOr offers a value that an empty line takes.
func (s *session) askOr(prompt, otherwise string) (string, error) {
	if otherwise != "" {
		prompt += " [" + otherwise + "]"
	}
	line, err := s.ask(prompt)
	if err == nil && line == "" {
		line = otherwise
	}
	return line, err
}

func (s *session) newPassword(current string) error {
	s.say("must_change")
	for {
		next, err := s.password(s.words["new_password"])
		if err != nil {
			return err
		}
		again, err := s.password(s.words["again"])
		if err != nil {
			return err
		}
		if next != again {
			s.say("passwords_differ")
			continue
		}
		if err = s.desk.ChangePassword(s.ctx, current, next); err == nil {
			s.say("password_changed")
			return nil
		}
		s.refused(err)
	}
}
