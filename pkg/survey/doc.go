// Package survey is the domain of Rileva: what a questionnaire is, what an
// answer is, and what the checks say of it. It does no I/O and knows no
// particular survey; every question and rule stands in a YAML file
// (docs/questionnaire.md, questionnaires/).
//
// The device and the server call the same functions with the same
// questionnaire and the same Institution, so that they reach the same verdict.
//
// Start reading at [Load], then [Sheet.Evaluate].
//
// It may import the standard library, the YAML decoder and the expression
// engine, nothing else.
package survey
