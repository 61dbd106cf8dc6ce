// Package survey is the domain of Rileva: what a questionnaire is, what an
// answer is, and what the checks say of it. It does no I/O and knows no
// particular survey; every question and rule stands in a YAML file
// (docs/questionnaire.md, questionnaires/).
//
// The device and the server call the same functions with the same
// questionnaire and the same Institution, so that they reach the same verdict.
//
// Start reading at [Load], then [Sheet.Evaluate]. What two computers made of one
// part is brought together by [Sheet.Merge]: m := sheet.Merge(base, mine, theirs)
// holds all that does not overlap; each of m.Groups is one decision, which
// m.Take(group, mine) or m.Take(group, theirs) carries out; then m.Content is
// evaluated again. [Carry] takes a part over to another version.
//
// It may import the standard library, the YAML decoder and the expression
// engine, nothing else.
package survey
