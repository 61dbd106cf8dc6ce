// Package milano carries the register of the upper-secondary schools of the
// Milano province, for the demo and for tests. It is real, published data; the
// README beside it names source, years and licence.
package milano

import _ "embed"

// CSV is the register, a gzipped csv as internal/register reads it.
//
//go:embed schools_milano.csv.gz
var CSV []byte
