package survey

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds on what is handed to the YAML library. It descends once for each
// level, keeps some hundred bytes for each mark, and Go cannot recover from a
// stack that is full, so a file is measured before it is parsed. The survey of
// 2022/23 stays far below all of them.
const (
	maxNesting = 60
	maxMarks   = 120_000
)

// parseYAML reads the file as one YAML mapping.
func parseYAML(raw []byte) (root *ast.MappingNode, faults Faults) {
	defer func() {
		// The library has panicked on broken files before; a server that
		// publishes surveys must not fall over one.
		if r := recover(); r != nil {
			root, faults = nil, Faults{newFault(position{}, "yaml_syntax")}
		}
	}()
	if fault, bad := measure(raw); bad {
		return nil, Faults{fault}
	}
	tokens := lexer.Tokenize(string(raw))
	for _, t := range tokens {
		switch t.Type {
		case token.AliasType, token.AnchorType:
			faults = append(faults, newFault(tokenPosition(t), "yaml_alias"))
		case token.TagType:
			faults = append(faults, newFault(tokenPosition(t), "yaml_tag"))
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if tabs := tabsIn(raw); len(tabs) > 0 {
			return nil, tabs
		}
		return nil, Faults{yamlFault(err)}
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body == nil || d.Body.Type() == ast.CommentType || d.Body.Type() == ast.NullType {
			continue
		}
		if body != nil {
			return nil, Faults{newFault(nodePosition(d.Body), "yaml_documents")}
		}
		body = d.Body
	}
	if body == nil {
		return nil, Faults{newFault(position{}, "empty")}
	}
	root = mapping(body)
	if root == nil {
		return nil, Faults{newFault(nodePosition(body), "not_a_survey")}
	}
	return root, nil
}

// measure refuses what is too large, no text, or nested beyond reason, looking
// at bytes only.
func measure(raw []byte) (Fault, bool) {
	switch {
	case len(raw) > MaxFile:
		return newFault(position{}, "too_large", len(raw), MaxFile), true
	case !utf8.Valid(raw):
		return newFault(badByte(raw), "not_utf8"), true
	}
	depth, marks, number := 0, 0, 0
	for line := range bytes.Lines(raw) {
		number++
		// Each level of a block takes a column of the indentation, or a dash.
		if len(line)-len(bytes.TrimLeft(line, "-?:! \t")) > 4*maxNesting {
			return newFault(position{number, 1}, "too_deep", maxNesting), true
		}
		for i, b := range line {
			if b < ' ' && b != '\n' && b != '\t' && b != '\r' {
				return newFault(position{number, utf8.RuneCount(line[:i]) + 1}, "control"), true
			}
			switch b {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			case ',', ':', '-', '"', '\'', '?', '#', '&', '*', '!', '|', '>', '%', '@', '`', '\n':
			default:
				continue
			}
			marks++
			if depth > maxNesting {
				return newFault(position{number, i + 1}, "too_deep", maxNesting), true
			}
		}
		if marks > maxMarks {
			return newFault(position{number, 1}, "too_many_marks", maxMarks), true
		}
	}
	return Fault{}, false
}

// tabsIn finds the lines that are indented with tabs, all at once: who made one
// has an editor that made many.
func tabsIn(raw []byte) Faults {
	var faults Faults
	number := 0
	for line := range bytes.Lines(raw) {
		number++
		text := bytes.TrimLeft(line, " ")
		if len(text) > 0 && text[0] == '\t' && len(bytes.TrimSpace(text)) > 0 {
			faults = append(faults, newFault(position{number, len(line) - len(text) + 1}, "yaml_tab"))
		}
	}
	return faults
}

func badByte(raw []byte) position {
	at := position{1, 1}
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at.column++
		if r == '\n' {
			at = position{at.line + 1, 1}
		}
		raw = raw[size:]
	}
	return at
}

// yamlMistakes tells the library's sentences apart. What is not here is told
// as a line that cannot be read.
var yamlMistakes = []struct{ part, code string }{
	{"end character of double-quoted", "yaml_quote"},
	{"end character of single-quoted", "yaml_quote"},
	{"sequence end token", "yaml_bracket"},
	{"flow mapping end token", "yaml_bracket"},
	{"must be specified", "yaml_bracket"},
	{"corresponding to", "yaml_bracket"},
	{"flow map content", "yaml_bracket"},
	{"non-map value", "yaml_colon"},
	{"unexpected key name", "yaml_colon"},
	{"mapping value is not allowed", "yaml_colon"},
	{"value is not allowed in this context", "yaml_indent"},
	{"not allowed in this", "yaml_indent"},
	{"'\\t'", "yaml_tab"},
	{"tab character", "yaml_tab"},
}

func yamlFault(err error) Fault {
	var ye yaml.Error
	if !errors.As(err, &ye) {
		return newFault(position{}, "yaml_syntax")
	}
	at := position{}
	if t := ye.GetToken(); t != nil {
		at = tokenPosition(t)
	}
	for _, m := range yamlMistakes {
		if strings.Contains(ye.GetMessage(), m.part) {
			return newFault(at, m.code)
		}
	}
	return newFault(at, "yaml_syntax")
}

func tokenPosition(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{}
	}
	return position{t.Position.Line, t.Position.Column}
}

func nodePosition(n ast.Node) position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return nodePosition(m.Values[0].Key)
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return nodePosition(m.Key)
	}
	return tokenPosition(n.GetToken())
}

// mapping gives n as a mapping, or nil.
func mapping(n ast.Node) *ast.MappingNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n
	case *ast.MappingValueNode:
		return ast.Mapping(n.Start, false, n)
	}
	return nil
}

// scalar gives the text of a node that is neither mapping nor list.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// keyName gives the text of a mapping's key.
func keyName(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	if t := k.GetToken(); t != nil {
		return t.Value
	}
	return fmt.Sprint(k)
}
