package survey

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../../docs/questionnaire.schema.json"

func readSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("questionnaire.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("questionnaire.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)["$defs"].(map[string]any)
}

// plainJSON turns YAML's own numbers and keys into those of JSON.
func plainJSON(t *testing.T, raw []byte) any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What the program loads, an editor that knows the schema must not underline.
func TestSchemaTakesWhatLoads(t *testing.T) {
	s, _ := readSchema(t)
	files := []string{"questionnaires/dispersione-2022-23.yaml", "../../internal/store/storetest/testdata/tiny.yaml",
		"../../internal/server/testdata/tiny.yaml", "testdata/mini.yaml", "testdata/tutorial.yaml", "testdata/everything.yaml"}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plainJSON(t, raw)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s, _ := readSchema(t)
	good := "format: 1\nid: x\nparts: [{id: general, sections: [{id: s, items: [{question: a, type: integer}]}]}]\n"
	if err := s.Validate(plainJSON(t, []byte(good))); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another format":      {"format: 1", "format: 2"},
		"an unknown key":      {"id: x", "id: x\ncolour: red"},
		"an unknown type":     {"integer", "integre"},
		"an improper id":      {"question: a", "question: A b"},
		"no parts":            {"parts: [{", "across: [{"},
		"a text for a number": {"type: integer", "type: integer, min: few"},
		"both":                {"question: a", "question: a, grid: g"},
	} {
		if err := s.Validate(plainJSON(t, []byte(strings.Replace(good, change[0], change[1], 1)))); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// The schema and the structs of file.go name the same keys, so that neither can
// be changed without the other.
func TestSchemaHasTheKeysOfTheFile(t *testing.T) {
	_, defs := readSchema(t)
	for name, shape := range map[string]reflect.Type{
		"survey": reflect.TypeFor[surveyFile](), "office": reflect.TypeFor[Office](), "dates": reflect.TypeFor[Dates](),
		"numbers": reflect.TypeFor[numberRange](), "checks": reflect.TypeFor[builtinChecks](), "part": reflect.TypeFor[partFile](),
		"section": reflect.TypeFor[sectionFile](), "item": reflect.TypeFor[itemFile](), "option": reflect.TypeFor[optionFile](),
		"axis": reflect.TypeFor[axisFile](), "position": reflect.TypeFor[axisItemFile](), "closed": reflect.TypeFor[closedFile](),
		"row": reflect.TypeFor[rowFile](), "rule": reflect.TypeFor[ruleFile](),
	} {
		var inFile []string
		for _, field := range reflect.VisibleFields(shape) {
			if key := field.Tag.Get("yaml"); key != "" {
				inFile = append(inFile, key)
			}
		}
		slices.Sort(inFile)
		inSchema := slices.Sorted(maps.Keys(defs[name].(map[string]any)["properties"].(map[string]any)))
		if !slices.Equal(inFile, inSchema) {
			t.Errorf("%s: the file has %v, the schema %v", name, inFile, inSchema)
		}
	}
}

// Every key of the format stands in the survey that TestFormat goes through, is
// explained to editors, and is written about.
func TestEveryKeyIsTriedAndDescribed(t *testing.T) {
	_, defs := readSchema(t)
	raw, err := os.ReadFile("testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/questionnaire.md")
	if err != nil {
		t.Fatal(err)
	}
	_, reference, _ := strings.Cut(string(document), "\n# Reference\n")
	for name, def := range defs {
		properties, _ := def.(map[string]any)["properties"].(map[string]any)
		for key, says := range properties {
			word := regexp.MustCompile(`\b` + key + `:`)
			if !word.Match(raw) {
				t.Errorf("%s: everything.yaml has no %s", name, key)
			}
			if !word.MatchString(reference) && !strings.Contains(reference, "`"+key+"`") {
				t.Errorf("%s: the reference says nothing of %s", name, key)
			}
			if s := says.(map[string]any); s["description"] == nil && s["$ref"] == nil {
				t.Errorf("%s: the schema does not explain %s", name, key)
			}
		}
	}
}

// The schema offers the same words as the program takes.
func TestSchemaHasTheWordsOfTheFile(t *testing.T) {
	_, defs := readSchema(t)
	enum := func(def, key string) []string {
		var out []string
		for _, x := range defs[def].(map[string]any)["properties"].(map[string]any)[key].(map[string]any)["enum"].([]any) {
			out = append(out, x.(string))
		}
		slices.Sort(out)
		return out
	}
	var types []string
	for _, x := range questionTypes {
		types = append(types, string(x))
	}
	slices.Sort(types)
	if got := enum("item", "type"); !slices.Equal(got, types) {
		t.Errorf("types %v, want %v", got, types)
	}
	if got := enum("item", "prefill"); !slices.Equal(got, slices.Sorted(slices.Values(institutionFields))) {
		t.Errorf("prefill %v", got)
	}
	if got := enum("rule", "severity"); !slices.Equal(got, []string{"explain", "hard", "note"}) {
		t.Errorf("severity %v", got)
	}
	for _, field := range institutionFields {
		if institutionField(Institution{}, field) == nil {
			t.Errorf("%s is no field of the institution", field)
		}
	}
}
