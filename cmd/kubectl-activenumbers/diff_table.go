// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table writes a report for people: a table for each kind of difference, and a last line that counts them.
func (r *report) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	if len(r.Missing) > 0 {
		row(w, "MISSING: declared, but Sinch has no such number")
		row(w, "PHONE NUMBER", "DECLARED BY")
		for _, each := range r.Missing {
			row(w, each.PhoneNumber, strings.Join(each.DeclaredBy, ", "))
		}
		row(w)
	}
	if len(r.Undeclared) > 0 {
		row(w, "UNDECLARED: Sinch has it, but it is not declared in "+r.Scope+r.elsewhere())
		row(w, "PHONE NUMBER", "TYPE", "REGION", "DISPLAY NAME", "PRICE")
		for _, each := range r.Undeclared {
			row(w, each.PhoneNumber, each.Type, each.RegionCode, value(each.DisplayName), cmp.Or(each.Price, "?"))
		}
		row(w)
	}
	if len(r.Drifted) > 0 {
		row(w, "DRIFTED: not as declared")
		row(w, "PHONE NUMBER", "FIELD", "DECLARED", "SEEN", "DECLARED BY")
		for _, each := range r.Drifted {
			row(w, each.PhoneNumber, each.Field, value(each.Declared), value(each.Seen)+each.note(), each.DeclaredBy)
		}
		row(w)
	}
	row(w, r.summary())
	return w.Flush()
}

func (r *report) summary() string {
	counts := fmt.Sprintf("%s declared in %s, %d at Sinch", counted(r.Declared, "number"), r.Scope, r.Present)
	if r.differences() == 0 {
		return "no differences: " + counts
	}
	return fmt.Sprintf("%d missing, %d undeclared, %s drifted: %s", len(r.Missing), len(r.Undeclared), counted(len(r.Drifted), "field"), counts)
}

// elsewhere says how to look for more declarations.
func (r *report) elsewhere() string {
	if r.partial {
		return "; -A looks in all"
	}
	return ""
}

func (d drifted) note() string {
	switch {
	case d.Moving:
		return " (a provisioning job is about to change it)"
	case d.SecretsDiffer:
		return " (with another user info, query or fragment)"
	}
	return ""
}

// value is a value in a cell, in which nothing would be no news.
func value(text string) string {
	if text == "" {
		return `""`
	}
	return text
}
