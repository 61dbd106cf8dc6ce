package survey

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// shaper compares the YAML tree with the shapes of file.go and takes out of
// the tree what does not fit, so that the rest can be decoded and judged too:
// the decoder itself would stop at the first mistake.
type shaper struct {
	faults Faults
	texts  []textAt
}

// textAt is a text of the file with what it is, for the checks of its length
// and languages.
type textAt struct {
	what string // rowFile.label
	at   position
	text Text
}

var (
	fileShape    = reflect.TypeFor[surveyFile]()
	sourceShape  = reflect.TypeFor[source]()
	textShape    = reflect.TypeFor[Text]()
	axisShape    = reflect.TypeFor[axisFile]()
	constShape   = reflect.TypeFor[constFile]()
	orderedShape = reflect.TypeFor[orderedTexts]()
	timeShape    = reflect.TypeFor[time.Time]()
)

// maxNumber bounds every number of the file, so that no sum of cells can
// overflow.
const maxNumber = 1_000_000_000

// fits tells whether n can be read as t; what keeps it from being read is told.
func (s *shaper) fits(n ast.Node, t reflect.Type, what string) bool {
	switch t {
	case sourceShape:
		return s.isScalar(n, "a text")
	case textShape:
		return s.isText(n, what)
	case axisShape:
		if _, ok := scalar(n); ok {
			return true
		}
		return s.fitsStruct(n, reflect.TypeFor[axisBody](), "a name or an axis")
	case constShape:
		if mapping(n) == nil {
			return s.isNumber(n)
		}
		return s.fitsMap(n, reflect.TypeFor[float64](), what)
	case orderedShape:
		return s.fitsMap(n, textShape, what)
	case timeShape:
		return s.isTime(n)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.fits(n, t.Elem(), what)
	case reflect.Struct:
		return s.fitsStruct(n, t, "a mapping")
	case reflect.Slice:
		return s.fitsList(n, t.Elem(), what)
	case reflect.Map:
		return s.fitsMap(n, t.Elem(), what)
	case reflect.String:
		return s.isScalar(n, "a text")
	case reflect.Int:
		return s.isInt(n)
	case reflect.Float64:
		return s.isNumber(n)
	case reflect.Bool:
		if _, ok := n.(*ast.BoolNode); !ok {
			s.wrong(n, "true or false")
			return false
		}
	}
	return true
}

func (s *shaper) wrong(n ast.Node, want string) {
	found := "a list"
	if text, ok := scalar(n); ok {
		found = strconv.Quote(shorten(text, 40))
	} else if mapping(n) != nil {
		found = "a mapping"
	}
	s.faults = append(s.faults, newFault(nodePosition(n), "wrong_value_"+strings.ReplaceAll(want, " ", "_"), found))
}

func (s *shaper) isScalar(n ast.Node, want string) bool {
	if _, ok := scalar(n); !ok {
		s.wrong(n, want)
		return false
	}
	return true
}

func (s *shaper) isInt(n ast.Node) bool {
	if v, ok := n.(*ast.IntegerNode); ok {
		switch k := v.Value.(type) {
		case int64:
			if k >= -maxNumber && k <= maxNumber {
				return true
			}
		case uint64:
			if k <= maxNumber {
				return true
			}
		}
		s.wrong(n, "a number in reach")
		return false
	}
	s.wrong(n, "a whole number")
	return false
}

func (s *shaper) isNumber(n ast.Node) bool {
	if f, ok := n.(*ast.FloatNode); ok && f.Value >= -maxNumber && f.Value <= maxNumber {
		return true
	}
	if _, ok := n.(*ast.IntegerNode); ok {
		return s.isInt(n)
	}
	s.wrong(n, "a number")
	return false
}

func (s *shaper) isTime(n ast.Node) bool {
	text, ok := scalar(n)
	if ok {
		_, err := time.Parse(time.RFC3339, text)
		ok = err == nil
	}
	if !ok {
		s.wrong(n, "a moment")
	}
	return ok
}

func (s *shaper) isText(n ast.Node, what string) bool {
	if text, ok := scalar(n); ok {
		s.texts = append(s.texts, textAt{what, nodePosition(n), Text{"": text}})
		return true
	}
	m := mapping(n)
	if m == nil {
		s.wrong(n, "a text")
		return false
	}
	text := Text{}
	s.entries(m, func(key string, v *ast.MappingValueNode) bool {
		if !s.isScalar(v.Value, "a text") {
			return false
		}
		text[key], _ = scalar(v.Value)
		return true
	})
	s.texts = append(s.texts, textAt{what, nodePosition(n), text})
	return true
}

// entries keeps the entries of m that keep approves, each key once. What is
// written without a value is as if it were not written.
func (s *shaper) entries(m *ast.MappingNode, keep func(string, *ast.MappingValueNode) bool) {
	seen := map[string]int{}
	m.Values = slices.DeleteFunc(m.Values, func(v *ast.MappingValueNode) bool {
		key := keyName(v.Key)
		if line, double := seen[key]; double {
			s.faults = append(s.faults, newFault(nodePosition(v.Key), "duplicate_key", key, line))
			return true
		}
		seen[key] = nodePosition(v.Key).line
		if v.Value == nil || v.Value.Type() == ast.NullType {
			return true
		}
		return !keep(key, v)
	})
}

func (s *shaper) fitsMap(n ast.Node, elem reflect.Type, what string) bool {
	m := mapping(n)
	if m == nil {
		s.wrong(n, "a mapping")
		return false
	}
	s.entries(m, func(_ string, v *ast.MappingValueNode) bool {
		good := s.fits(v.Value, elem, what)
		if !good && elem == constShape {
			// The constant's name is there, so expressions may use it.
			v.Value = ast.Integer(token.New("0", "0", v.Key.GetToken().Position))
			return true
		}
		return good
	})
	return true
}

func (s *shaper) fitsList(n ast.Node, elem reflect.Type, what string) bool {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		s.wrong(n, "a list")
		return false
	}
	list.Values = slices.DeleteFunc(list.Values, func(v ast.Node) bool {
		if v == nil || v.Type() == ast.NullType {
			s.faults = append(s.faults, newFault(nodePosition(n), "empty_entry"))
			return true
		}
		return !s.fits(v, elem, what)
	})
	return true
}

func (s *shaper) fitsStruct(n ast.Node, t reflect.Type, want string) bool {
	m := mapping(n)
	if m == nil {
		s.wrong(n, want)
		return false
	}
	fields := map[string]reflect.Type{}
	var known []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" {
			fields[key] = t.Field(i).Type
			known = append(known, key)
		}
	}
	s.entries(m, func(key string, v *ast.MappingValueNode) bool {
		field, ok := fields[key]
		if !ok {
			s.faults = append(s.faults, newFault(nodePosition(v.Key), "unknown_key", key).near(nearest(key, known)))
			return false
		}
		return s.fits(v.Value, field, t.Name()+"."+key)
	})
	return true
}
