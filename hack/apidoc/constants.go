// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"strconv"
	"strings"
)

// constant is a string constant, what its comment says after the name, and the indented lines that end the comment.
type constant struct{ Name, Value, Says, Matrix string }

func readConstants(sources fs.FS) ([]constant, error) {
	var found []constant
	for _, name := range []string{"api/v1alpha1/activenumber_types.go", "api/v1alpha1/conditions.go"} {
		source, err := fs.ReadFile(sources, name)
		if err != nil {
			return nil, err
		}
		here, err := constantsIn(name, source)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found = append(found, here...)
	}
	return found, nil
}

func constantsIn(name string, source []byte) ([]constant, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var found []constant
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			c, err := constantOf(spec.(*ast.ValueSpec), group)
			if err != nil {
				return nil, err
			}
			found = append(found, c)
		}
	}
	return found, nil
}

func constantOf(spec *ast.ValueSpec, group *ast.GenDecl) (constant, error) {
	c := constant{Name: spec.Names[0].Name}
	comment := spec.Doc
	if !group.Lparen.IsValid() {
		comment = group.Doc
	}
	text, matrix, _ := strings.Cut(comment.Text(), "\n\n\t")
	says, ok := strings.CutPrefix(text, c.Name)
	c.Says, c.Matrix = strings.TrimSpace(strings.TrimPrefix(says, ":")), matrix
	if !ok || c.Says == "" {
		return c, fmt.Errorf("%s has no comment that begins with its name and says what it means", c.Name)
	}
	for _, value := range spec.Values {
		c.Value, _ = strconv.Unquote(types.ExprString(value))
	}
	if c.Value == "" {
		return c, fmt.Errorf("%s must have a value of its own, in quotes", c.Name)
	}
	return c, nil
}
