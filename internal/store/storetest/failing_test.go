package storetest

import (
	"errors"
	"reflect"
	"testing"
)

// TestEveryMethodIsAPoint: a use case that is added to the store's contract
// without a point could fail nowhere.
func TestEveryMethodIsAPoint(t *testing.T) {
	f := &Failing{} // behind it stands nothing: a call that is let through panics
	f.FailWhen(func(string, int) string { return FailBefore })
	for _, name := range Points() {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() != nil {
					t.Errorf("Failing lacks %s: add it to failing.go", name)
				}
			}()
			method := reflect.ValueOf(f).MethodByName(name)
			var args []reflect.Value
			for i := range method.Type().NumIn() {
				args = append(args, reflect.Zero(method.Type().In(i)))
			}
			call := method.Call
			if method.Type().IsVariadic() {
				call = method.CallSlice
			}
			out := call(args)
			if err, _ := out[len(out)-1].Interface().(error); !errors.Is(err, ErrInjected) {
				t.Errorf("%s gives %v", name, err)
			}
		})
	}
}
