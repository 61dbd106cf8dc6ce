// Package questionnaires carries the questionnaires that the server ships
// with. A new store begins with the first of them published.
package questionnaires

import _ "embed"

// Dispersione202223 is the survey on early school leaving of 2022/23, as
// survey.Load reads it.
//
//go:embed dispersione-2022-23.yaml
var Dispersione202223 []byte
