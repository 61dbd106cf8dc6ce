package survey

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// shaper reads the YAML tree into the shapes of file.go. What does not fit is
// told and left out, so that the rest can be judged too: the library's decoder
// would stop at the first mistake.
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
	// shortened says that another text stands for this one on the screen.
	shortened bool
}

// maxNumber bounds every number of the file, so that no sum of cells can
// overflow.
const maxNumber = 1_000_000_000

// into reads n into v; what keeps it from being read is told. what is the place
// of v among the shapes, such as rowFile.label.
func (s *shaper) into(v reflect.Value, n ast.Node, what string) bool {
	switch to := v.Addr().Interface().(type) {
	case *source:
		if !s.text(&to.text, n) {
			return false
		}
		to.pos = tokenPosition(n.GetToken())
		return true
	case *Text:
		return s.words(to, n, what)
	case *orderedTexts:
		return s.entriesOf(n, func(key string, n ast.Node) {
			option := Option{ID: key}
			if s.words(&option.Label, n, what) {
				*to = append(*to, option)
			}
		})
	case *axisFile:
		if _, name := scalar(n); name {
			return s.text(&to.ref, n)
		}
		return s.structure(v, n, "a name or an axis")
	case *constFile:
		if mapping(n) == nil {
			return s.float(&to.value, n)
		}
		to.bySheet = map[string]float64{}
		return s.into(reflect.ValueOf(&to.bySheet).Elem(), n, what)
	case *time.Time:
		return s.moment(to, n)
	case *string:
		return s.text(to, n)
	case *int:
		return s.whole(to, n)
	case *float64:
		return s.float(to, n)
	case *bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			s.wrong(n, "true or false")
			return false
		}
		*to = b.Value
		return true
	}
	switch v.Kind() {
	case reflect.Pointer:
		to := reflect.New(v.Type().Elem())
		if !s.into(to.Elem(), n, what) {
			return false
		}
		v.Set(to)
		return true
	case reflect.Slice:
		return s.list(v, n, what)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		return s.entriesOf(n, func(key string, n ast.Node) {
			to := reflect.New(v.Type().Elem()).Elem()
			// A constant's name is there even when its number is none, so
			// expressions may use it.
			if s.into(to, n, what) || v.Type().Elem() == reflect.TypeFor[constFile]() {
				v.SetMapIndex(reflect.ValueOf(key), to)
			}
		})
	}
	return s.structure(v, n, "a mapping")
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

func (s *shaper) text(to *string, n ast.Node) bool {
	text, ok := scalar(n)
	if !ok {
		s.wrong(n, "a text")
		return false
	}
	if strings.ContainsFunc(text, unprintable) {
		s.faults = append(s.faults, newFault(nodePosition(n), "control"))
		return false
	}
	*to = text
	return true
}

// unprintable is what a terminal would act upon or hide: a quoted text of YAML
// can hold what the file may not (\e, \u202e), and these texts go to screens.
func unprintable(r rune) bool { return !unicode.IsGraphic(r) && r != '\n' && r != '\t' }

func (s *shaper) whole(to *int, n ast.Node) bool {
	v, ok := n.(*ast.IntegerNode)
	if !ok {
		s.wrong(n, "a whole number")
		return false
	}
	switch k := v.Value.(type) {
	case int64:
		if k >= -maxNumber && k <= maxNumber {
			*to = int(k)
			return true
		}
	case uint64:
		if k <= maxNumber {
			*to = int(k)
			return true
		}
	}
	s.wrong(n, "a number in reach")
	return false
}

func (s *shaper) float(to *float64, n ast.Node) bool {
	if f, ok := n.(*ast.FloatNode); ok && f.Value >= -maxNumber && f.Value <= maxNumber {
		*to = f.Value
		return true
	}
	if _, ok := n.(*ast.IntegerNode); ok {
		var k int
		ok = s.whole(&k, n)
		*to = float64(k)
		return ok
	}
	s.wrong(n, "a number")
	return false
}

func (s *shaper) moment(to *time.Time, n ast.Node) bool {
	if text, ok := scalar(n); ok {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			*to = at
			return true
		}
	}
	s.wrong(n, "a moment")
	return false
}

func (s *shaper) words(to *Text, n ast.Node, what string) bool {
	if _, one := scalar(n); one {
		var text string
		if !s.text(&text, n) {
			return false
		}
		*to = Text{"": text}
	} else {
		m := mapping(n)
		if m == nil {
			s.wrong(n, "a text")
			return false
		}
		*to = make(Text, len(m.Values))
		s.entries(m, func(key string, v *ast.MappingValueNode) {
			var text string
			if s.text(&text, v.Value) {
				(*to)[key] = text
			}
		})
	}
	s.texts = append(s.texts, textAt{what: what, at: nodePosition(n), text: *to})
	return true
}

// entries goes through the entries of m, each key once. What is written without
// a value is as if it were not written.
func (s *shaper) entries(m *ast.MappingNode, take func(string, *ast.MappingValueNode)) {
	seen := make(map[string]ast.Node, len(m.Values))
	for _, v := range m.Values {
		key := keyName(v.Key)
		if first, double := seen[key]; double {
			s.faults = append(s.faults, newFault(nodePosition(v.Key), "duplicate_key", key, nodePosition(first).line))
			continue
		}
		seen[key] = v.Key
		if v.Value != nil && v.Value.Type() != ast.NullType {
			take(key, v)
		}
	}
}

// entriesOf is entries of what should be a mapping.
func (s *shaper) entriesOf(n ast.Node, take func(key string, value ast.Node)) bool {
	m := mapping(n)
	if m == nil {
		s.wrong(n, "a mapping")
		return false
	}
	s.entries(m, func(key string, v *ast.MappingValueNode) { take(key, v.Value) })
	return true
}

func (s *shaper) list(to reflect.Value, n ast.Node, what string) bool {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		s.wrong(n, "a list")
		return false
	}
	to.Set(reflect.MakeSlice(to.Type(), len(list.Values), len(list.Values)))
	kept := 0
	for _, v := range list.Values {
		if v == nil || v.Type() == ast.NullType {
			s.faults = append(s.faults, newFault(nodePosition(n), "empty_entry"))
			continue
		}
		to.Index(kept).SetZero()
		if s.into(to.Index(kept), v, what) {
			kept++
		}
	}
	to.SetLen(kept)
	return true
}

// structure reads a mapping whose keys are the fields of a struct.
func (s *shaper) structure(to reflect.Value, n ast.Node, want string) bool {
	m := mapping(n)
	if m == nil {
		s.wrong(n, want)
		return false
	}
	shape, first := shapeOf(to.Type()), len(s.texts)
	s.entries(m, func(key string, v *ast.MappingValueNode) {
		field, ok := shape.fields[key]
		if !ok {
			s.faults = append(s.faults, newFault(nodePosition(v.Key), "unknown_key", key).near(nearest(key, shape.keys)))
			return
		}
		s.into(to.FieldByIndex(field.index), v.Value, field.place)
	})
	if short := shape.fields["short"].place; short != "" {
		s.shorten(s.texts[first:], short, shape.fields["label"].place)
	}
	return true
}

// shape is what is looked up of a struct for each mapping of the file.
type shape struct {
	keys   []string
	fields map[string]shapeField // by key
}

type shapeField struct {
	index []int
	place string // rowFile.label
}

// shorten notes that a label has a short form for its place on the screen.
func (s *shaper) shorten(texts []textAt, short, label string) {
	if room[short] != room[label] || !slices.ContainsFunc(texts, func(t textAt) bool { return t.what == short }) {
		return
	}
	for i := range texts {
		texts[i].shortened = texts[i].shortened || texts[i].what == label
	}
}

var shapes sync.Map // reflect.Type → *shape

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	out := &shape{fields: map[string]shapeField{}}
	for _, field := range reflect.VisibleFields(t) { // those of an embedded answerFile too
		if key := field.Tag.Get("yaml"); key != "" {
			out.keys = append(out.keys, key)
			out.fields[key] = shapeField{field.Index, t.Name() + "." + key}
		}
	}
	shapes.Store(t, out)
	return out
}
