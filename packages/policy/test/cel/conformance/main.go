// Prints, as JSON, the rows of the CEL project's own conformance suite whose expression needs nothing but its text: what is true, what
// is false, and what must be an error. `go run . FOLDER`: the folder tests/simple/testdata of the module cel.dev/expr, whose licence is
// Apache-2.0.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"cel.dev/expr"
	// its values have messages of these two
	_ "cel.dev/expr/conformance/proto2"
	_ "cel.dev/expr/conformance/proto3"
	testpb "cel.dev/expr/conformance/test"
	"google.golang.org/protobuf/encoding/prototext"
)

type row struct {
	Place string `json:"place"`
	Expr  string `json:"expr"`
	Is    string `json:"is"`
}

// is says what the expression must be. Empty if it is neither a boolean nor an error, or needs more than its text.
func is(test *testpb.SimpleTest) string {
	if len(test.Bindings)+len(test.TypeEnv) > 0 || test.Container != "" || test.DisableCheck || test.DisableMacros || test.CheckOnly {
		return ""
	}
	switch result := test.ResultMatcher.(type) {
	case nil:
		return "true"
	case *testpb.SimpleTest_EvalError:
		return "error"
	case *testpb.SimpleTest_Value:
		if value, ok := result.Value.Kind.(*expr.Value_BoolValue); ok {
			if value.BoolValue {
				return "true"
			}
			return "false"
		}
	}
	return ""
}

func main() {
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.textproto"))
	if err != nil {
		panic(err)
	}
	sort.Strings(files)
	rows := []row{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		file := &testpb.SimpleTestFile{}
		if err := (prototext.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, file); err != nil {
			panic(name + ": " + err.Error())
		}
		for _, section := range file.Section {
			for _, test := range section.Test {
				if wanted := is(test); wanted != "" {
					rows = append(rows, row{file.Name + " " + section.Name + " " + test.Name, test.Expr, wanted})
				}
			}
		}
	}
	os.Stdout.WriteString("[")
	for at, one := range rows {
		line := bytes.Buffer{}
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(one); err != nil {
			panic(err)
		}
		if at > 0 {
			os.Stdout.WriteString(",")
		}
		os.Stdout.WriteString("\n  " + strings.TrimSuffix(line.String(), "\n"))
	}
	os.Stdout.WriteString("\n]\n")
}
