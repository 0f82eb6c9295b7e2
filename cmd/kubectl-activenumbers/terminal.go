// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable is a text of others as a terminal may have it: what is not to be seen, and may be obeyed, is shown as Go would
// write it, such as \x1b and \n. Whatever goes to a terminal goes through here, but for JSON and YAML.
func printable(text string) string {
	var shown strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		next := rest[:size]
		if broken := r == utf8.RuneError && size == 1; broken || !unicode.IsPrint(r) {
			quoted := strconv.Quote(next)
			next = quoted[1 : len(quoted)-1]
		}
		shown.WriteString(next)
		rest = rest[size:]
	}
	return shown.String()
}

// row writes the cells of one line of a table.
func row(w io.Writer, cells ...string) { fmt.Fprintln(w, strings.Join(printables(cells), "\t")) }

func printables(texts []string) []string {
	var shown []string
	for _, text := range texts {
		shown = append(shown, printable(text))
	}
	return shown
}

// say writes one line.
func say(out io.Writer, format string, values ...any) {
	fmt.Fprintln(out, printable(fmt.Sprintf(format, values...)))
}

// oneLine folds the white space of a text, such as the line breaks of an error.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
