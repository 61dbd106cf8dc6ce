package survey

import "reflect"

// CheckIDs lists every id under which a finding of this survey can stand, for
// the test that each of them is tried both ways.
func (q *Questionnaire) CheckIDs() map[string]bool {
	ids := map[string]bool{q.builtin.Integer: true, q.builtin.Required: true, q.builtin.Exclusive: true}
	for _, s := range q.sheets {
		for _, r := range s.rules {
			ids[r.id] = true
		}
		for _, c := range s.closers {
			ids[c.check] = true
		}
		for _, v := range s.vars {
			ids[v.Check] = true
		}
	}
	for _, r := range q.across {
		ids[r.id] = true
	}
	delete(ids, "")
	delete(ids, CheckType)
	return ids
}

// LintCodes lists every code of a remark on a questionnaire file.
func LintCodes() []string {
	var out []string
	for code := range lintWords {
		if code != "nearest" {
			out = append(out, code)
		}
	}
	return out
}

// Judgement tells whether only Lint refuses files with this fault.
func Judgement(code string) bool { return judgements[code] }

// SameFile tells whether two files say the same, wherever in them it stands.
func SameFile(a, b []byte) (bool, error) {
	var files [2]*surveyFile
	for i, raw := range [][]byte{a, b} {
		l := read(raw, true)
		if faults, _ := l.faults.Split(); len(faults) > 0 {
			return false, faults
		}
		files[i] = l.file
		forgetPlaces(reflect.ValueOf(l.file).Elem())
	}
	return reflect.DeepEqual(files[0], files[1]), nil
}

func forgetPlaces(v reflect.Value) {
	if v.CanInterface() { // else it is embedded, and its fields can be set
		if s, ok := v.Addr().Interface().(*source); ok {
			s.pos = position{}
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				forgetPlaces(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			forgetPlaces(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			forgetPlaces(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			forgetPlaces(v.Elem())
		}
	}
}

// Busiest is the variable with the most to be done again after a change.
func (s *Sheet) Busiest() string {
	id, most := "", 0
	for _, v := range s.vars {
		if m := s.impactOf(v.slot); len(m.places)+len(m.steps) > most {
			id, most = v.ID, len(m.places)+len(m.steps)
		}
	}
	return id
}

// BothWays computes an expression of the given kind over the values: by the
// engine's machine, and by closures where put says that they do for it.
func BothWays(text, kind string, values map[string]any) (machined, quick any, put bool, err error) {
	p, err := newPrograms().compile(text, kind, func(name string) (any, error) { return values[name], nil })
	if err != nil {
		return nil, nil, false, err
	}
	f, in := p.among(p.names), &frame{}
	for _, name := range p.names {
		var v value
		if v.set(values[name]); v.kind == anOther {
			if list, ok := values[name].([]int); ok {
				v = value{kind: aList, cells: list}
			}
		}
		in.values = append(in.values, v)
	}
	run, err := compileTyped(p.source, configFor(kind, values))
	if err != nil {
		return nil, nil, false, err
	}
	var m machine
	machined, err = m.vm.Run(run, values)
	return machined, f.quick.any(in), f.run == nil, err
}
