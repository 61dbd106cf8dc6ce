package rileva_test

import (
	"net/url"
	"os"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"rileva/internal/build"
)

// TestPubliccode holds publiccode.yml to what version 0.4 of the standard
// (yml.publiccode.tools, schema.core) asks: the keys that must be there, the
// values that it lists, the lengths of its texts.
func TestPubliccode(t *testing.T) {
	raw, err := os.ReadFile("publiccode.yml")
	if err != nil {
		t.Fatal(err)
	}
	type text struct {
		ShortDescription string   `yaml:"shortDescription"`
		LongDescription  string   `yaml:"longDescription"`
		Documentation    string   `yaml:"documentation"`
		Features         []string `yaml:"features"`
	}
	var file struct {
		Version           string   `yaml:"publiccodeYmlVersion"`
		Name              string   `yaml:"name"`
		URL               string   `yaml:"url"`
		SoftwareVersion   string   `yaml:"softwareVersion"`
		Platforms         []string `yaml:"platforms"`
		Categories        []string `yaml:"categories"`
		DevelopmentStatus string   `yaml:"developmentStatus"`
		SoftwareType      string   `yaml:"softwareType"`
		IntendedAudience  struct {
			Countries []string `yaml:"countries"`
			Scope     []string `yaml:"scope"`
		} `yaml:"intendedAudience"`
		Description map[string]text `yaml:"description"`
		Legal       struct {
			License string `yaml:"license"`
		} `yaml:"legal"`
		Maintenance struct {
			Type     string `yaml:"type"`
			Contacts []struct {
				Name string `yaml:"name"`
			} `yaml:"contacts"`
		} `yaml:"maintenance"`
		Localisation struct {
			Ready     *bool    `yaml:"localisationReady"`
			Languages []string `yaml:"availableLanguages"`
		} `yaml:"localisation"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil { // an unknown key is a misspelt one
		t.Fatal(err)
	}
	if file.SoftwareVersion != build.Number {
		t.Errorf("softwareVersion %s, the programs are %s", file.SoftwareVersion, build.Number)
	}
	for what, ok := range map[string]bool{
		"version":     file.Version == "0.4",
		"name":        file.Name == "Rileva",
		"url":         isURL(file.URL),
		"platforms":   slices.Equal(file.Platforms, []string{"linux", "windows", "mac"}),
		"categories":  len(file.Categories) > 0,
		"status":      slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, file.DevelopmentStatus),
		"type":        file.SoftwareType == "standalone/desktop",
		"audience":    slices.Equal(file.IntendedAudience.Countries, []string{"it"}) && len(file.IntendedAudience.Scope) > 0,
		"licence":     file.Legal.License == "EUPL-1.2",
		"maintenance": file.Maintenance.Type == "internal" && len(file.Maintenance.Contacts) > 0 && file.Maintenance.Contacts[0].Name != "",
		"languages":   file.Localisation.Ready != nil && slices.Equal(file.Localisation.Languages, []string{"it", "en"}) && len(file.Description) == 2,
	} {
		if !ok {
			t.Errorf("%s: not as the standard asks", what)
		}
	}
	for lang, d := range file.Description {
		if n := utf8.RuneCountInString(d.ShortDescription); n == 0 || n > 150 {
			t.Errorf("%s: shortDescription of %d characters", lang, n)
		}
		if n := utf8.RuneCountInString(d.LongDescription); n < 150 || n > 10_000 {
			t.Errorf("%s: longDescription of %d characters", lang, n)
		}
		if len(d.Features) == 0 || !isURL(d.Documentation) {
			t.Errorf("%s: no features, or no documentation", lang)
		}
	}
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != ""
}
