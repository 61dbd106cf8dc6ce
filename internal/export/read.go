package export

import "encoding/json"

// SentSheet is one part of one institution as an export holds it.
type SentSheet struct {
	Code   string   // with which the institution signed in
	Codes  []string // all of them
	Part   string
	Values map[string]string // by variable, as written in the table; "" is no answer
}

// ReadSheets hands the parts of an export to yield, in its order. Errors:
// ErrNotExport, the file system's, yield's.
func ReadSheets(dir string, yield func(SentSheet) error) error {
	if _, err := ReadManifest(dir); err != nil {
		return err
	}
	codes := map[string][]string{}
	if err := eachRow(dir, "institutions.csv", func(get func(string) string, _ map[string]string) error {
		var list []string
		if err := json.Unmarshal([]byte(get("codes")), &list); err != nil {
			list = nil
		}
		codes[get("institution_id")] = list
		return nil
	}); err != nil {
		return err
	}
	for _, name := range []string{"general.csv", "tracks.csv"} {
		err := eachRow(dir, name, func(get func(string) string, values map[string]string) error {
			sheet := SentSheet{Code: get("code"), Codes: codes[get("institution_id")], Part: firstOf(get("track"), "general"), Values: values}
			return yield(sheet)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachRow reads a table: a column by its name, and all of them.
func eachRow(dir, name string, do func(get func(string) string, values map[string]string) error) error {
	r, err := openTable(dir, name)
	if err != nil {
		return err
	}
	for row := r.next(); row != nil; row = r.next() {
		values := make(map[string]string, len(row))
		for i, column := range r.header {
			values[column] = row[i]
		}
		if err := do(func(column string) string { return values[column] }, values); err != nil {
			return firstError(err, r.close())
		}
	}
	return r.close()
}
