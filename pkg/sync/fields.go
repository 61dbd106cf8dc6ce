package sync

import (
	"reflect"
	"strings"
)

// fields finds the fields of the struct that v points to by their JSON names,
// and gives a pointer to each.
func fields(v any) map[string]any {
	of := reflect.ValueOf(v).Elem()
	out := make(map[string]any, of.NumField())
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out[name] = of.Field(i).Addr().Interface()
		}
	}
	return out
}
