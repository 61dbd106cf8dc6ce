package drafts

import (
	"reflect"
	"testing"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func anAnswer(id string, value any) Aside {
	return Aside{Answer: &survey.DroppedAnswer{ID: id, Value: value, Label: survey.Text{"it": id}, Reason: survey.DropRemoved},
		From: "v1", To: "v2", At: testTime}
}

func TestAside(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	list := []Aside{anAnswer("b", 3), anAnswer("a", "testo"), anAnswer("c", []string{"x", "y"}), anAnswer("d", true),
		{Answer: &survey.DroppedAnswer{ID: "e", Unavailable: "other", Label: survey.Text{"": "e"}}, From: "v1", At: testTime},
		{Explanation: &survey.LapsedExplanation{Check: "S04", Explanation: survey.Explanation{Reason: "other", Text: "controllato"}}, From: "v1", At: testTime}}
	if got, err := s.Aside(owner, "general"); err != nil || got != nil {
		t.Fatal(got, err) // before there is an owner, or a bucket
	}
	must(t, s.SetAside(owner, "general", list))
	must(t, s.SetAside(owner, "tecnico", list[:1]))
	must(t, s.Close())
	s = open(t, dir)
	if got, err := s.Aside(owner, "general"); err != nil || !reflect.DeepEqual(got, list) {
		t.Fatalf("%+v, %v", got, err)
	}
	must(t, s.SetAside(owner, "general", nil))
	for part, want := range map[string]int{"general": 0, "tecnico": 1, "": 0, "iefp": 0} {
		if got, err := s.Aside(owner, part); err != nil || len(got) != want {
			t.Errorf("%s: %+v, %v", part, got, err)
		}
	}
	wantCode(t, s.SetAside(owner, "tecnico", []Aside{{From: "v1", At: testTime}}), CodeValue)
	wantCode(t, s.SetAside(owner, "", list), CodeValue)
	if got, _ := s.Aside(owner, "tecnico"); len(got) != 1 {
		t.Error("a refused list has replaced the old one")
	}
}

func TestCarryOver(t *testing.T) {
	v1, v2 := surveysync.Digest([]byte("1")), surveysync.Digest([]byte("2"))
	explained := survey.Explanation{Reason: "other", Text: "controllato nel registro"}
	begin := func(t *testing.T) (*Store, Draft) {
		s := open(t, t.TempDir())
		_, err := s.Begin(owner, "tecnico", v1, survey.Answers{"a": 1, "gone": 2})
		must(t, err)
		d, _, err := s.Draft(owner, "tecnico")
		must(t, err)
		return s, d
	}
	read := func(t *testing.T, s *Store) Draft {
		d, _, err := s.Draft(owner, "tecnico")
		must(t, err)
		return d
	}
	carry := Carry{Questionnaire: v2, Changes: []Change{{Variable: "gone"}, {Variable: "new", Value: 0}}, Lapsed: []string{"S04"},
		Aside: []Aside{anAnswer("gone", 2)}}

	t.Run("untouched stays untouched", func(t *testing.T) {
		s, d := begin(t)
		if done, err := s.CarryOver(owner, d, carry); err != nil || !done {
			t.Fatal(done, err)
		}
		got := read(t, s)
		if got.Questionnaire != v2 || got.Touched || !reflect.DeepEqual(got.Answers, survey.Answers{"a": 1, "new": 0}) {
			t.Errorf("%+v", got)
		}
		if list, err := s.Aside(owner, "tecnico"); err != nil || len(list) != 1 || list[0].Answer.Value != 2 {
			t.Error(list, err)
		}
	})
	t.Run("explanations lapse, others stay", func(t *testing.T) {
		s, _ := begin(t)
		for _, check := range []string{"S04", "S05"} {
			_, err := s.Explain(owner, "tecnico", check, &explained)
			must(t, err)
		}
		if done, err := s.CarryOver(owner, read(t, s), carry); err != nil || !done {
			t.Fatal(done, err)
		}
		if got := read(t, s); len(got.Explanations) != 1 || got.Explanations["S05"].Text != explained.Text || !got.Touched {
			t.Errorf("%+v", got)
		}
	})
	t.Run("changed meanwhile", func(t *testing.T) {
		s, d := begin(t)
		_, err := s.Set(owner, "tecnico", []Change{{Variable: "gone", Value: 7}})
		must(t, err)
		if done, err := s.CarryOver(owner, d, carry); err != nil || done {
			t.Fatal(done, err)
		}
		if got := read(t, s); got.Questionnaire != v1 || got.Answers["gone"] != 7 {
			t.Errorf("%+v", got)
		}
		d = read(t, s)
		must(t, second(s.UseQuestionnaire(owner, "tecnico", v2)))
		if done, _ := s.CarryOver(owner, d, carry); done {
			t.Error("carried a draft that stands on another version")
		}
	})
	t.Run("no draft", func(t *testing.T) {
		s, d := begin(t)
		d.Part = "iefp"
		_, err := s.CarryOver(owner, d, carry)
		wantCode(t, err, CodeNoDraft)
	})
	t.Run("all or nothing", func(t *testing.T) {
		s, d := begin(t)
		bad := carry
		bad.Aside = append(bad.Aside, Aside{})
		_, err := s.CarryOver(owner, d, bad)
		wantCode(t, err, CodeValue)
		if got := read(t, s); got.Questionnaire != v1 || got.Answers["gone"] != 2 {
			t.Errorf("half carried: %+v", got)
		}
	})
	t.Run("sent", func(t *testing.T) {
		s, _ := begin(t)
		m := &machine{}
		_, body := m.body(content{Answers: survey.Answers{"a": 1}}, "tecnico", nil)
		filled, err := s.Adopt(owner, "tecnico", downloaded(body, 1))
		if err != nil || !filled {
			t.Fatal(filled, err)
		}
		if done, err := s.CarryOver(owner, read(t, s), Carry{Questionnaire: v2}); err != nil || !done || !read(t, s).Sent {
			t.Error("a version that changes nothing has made it unsent", done, err)
		}
		back := Carry{Questionnaire: v1, Changes: []Change{{Variable: "new", Value: 0}}}
		if done, err := s.CarryOver(owner, read(t, s), back); err != nil || !done || read(t, s).Sent {
			t.Error("the server does not have this", done, err)
		}
	})
}

func TestCheckAside(t *testing.T) {
	s, err := Open(t.TempDir(), testOptions())
	must(t, err)
	defer func() { _ = s.Close() }()
	must(t, s.SetAside(owner, "general", []Aside{anAnswer("a", 1)}))
	for _, c := range [][2]string{ // in this order: the last one can still be read
		{"not JSON", "{"},
		{"nothing", `{"from":"v1","at":"2023-12-18T10:00:00Z"}`},
		{"no value", `{"answer":{"id":"a","label":{}},"from":"v1","at":"2023-12-18T10:00:00Z"}`},
		{"no time", `{"answer":{"id":"a","value":1,"label":{}},"from":"v1"}`},
	} {
		name, raw := c[0], c[1]
		must(t, s.change(owner, func(b *bucket) error {
			return b.Bucket(bAside).Bucket([]byte("general")).Put([]byte("k"), []byte(raw))
		}))
		if broken, err := s.Check(); err != nil || len(broken) != 1 {
			t.Errorf("%s: %v %v", name, broken, err)
		}
	}
	if _, err = s.Aside(owner, "general"); err != nil {
		t.Error(err) // readable, though incomplete: shown rather than hidden
	}
}
