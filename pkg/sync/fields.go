package sync

import (
	"reflect"
	"strings"
	"sync"
)

// shape says at which place of a struct the field of a JSON name stands.
type shape map[string]int

// shapes keeps the shape of each type that was asked for; they are a handful.
var shapes sync.Map // reflect.Type → shape

func shapeOf(t reflect.Type) shape {
	if known, ok := shapes.Load(t); ok {
		return known.(shape)
	}
	out := make(shape, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out[name] = i
		}
	}
	shapes.Store(t, out)
	return out
}

// fields finds the fields of the struct that v points to by their JSON names,
// and gives a pointer to each.
func fields(v any) map[string]any {
	of := reflect.ValueOf(v).Elem()
	out := make(map[string]any, of.NumField())
	for name, i := range shapeOf(of.Type()) {
		out[name] = of.Field(i).Addr().Interface()
	}
	return out
}
