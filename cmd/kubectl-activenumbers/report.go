// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

// report is how what is declared differs from what Sinch has. Everything in it is sorted by number.
type report struct {
	Project    string       `json:"project"`
	Declared   int          `json:"declared"` // numbers, however often
	Present    int          `json:"present"`  // at Sinch
	Missing    []missing    `json:"missing"`
	Undeclared []undeclared `json:"undeclared"`
	Drifted    []drifted    `json:"drifted"`
}

// missing is a number that is declared, and that Sinch does not have.
type missing struct {
	PhoneNumber string   `json:"phoneNumber"`
	DeclaredBy  []string `json:"declaredBy"`
}

// undeclared is a number that Sinch has, and charges, and that nobody declares.
type undeclared struct {
	PhoneNumber string `json:"phoneNumber"`
	DisplayName string `json:"displayName,omitempty"`
	Type        string `json:"type,omitempty"`
	RegionCode  string `json:"regionCode,omitempty"`
	Price       string `json:"price,omitempty"`
}

// drifted is a field that is not as one declaration has it.
type drifted struct {
	PhoneNumber string `json:"phoneNumber"`
	DeclaredBy  string `json:"declaredBy"`
	Field       string `json:"field"`
	Declared    string `json:"declared"`
	Seen        string `json:"seen"`
	Moving      bool   `json:"moving,omitempty"` // a provisioning job is about to make it so
}

// compare compares what is declared of a project with what Sinch has. Declarations of other projects are passed over.
func compare(project string, declared []declaration, seen []*v1alpha1.Observed) *report {
	r := &report{Project: project, Present: len(seen), Missing: []missing{}, Undeclared: []undeclared{}, Drifted: []drifted{}}
	byNumber := map[string][]declaration{}
	for _, each := range declared {
		if each.spec.ProjectID == project {
			byNumber[each.spec.PhoneNumber] = append(byNumber[each.spec.PhoneNumber], each)
		}
	}
	r.Declared = len(byNumber)
	for _, number := range seen {
		declarations := byNumber[number.PhoneNumber]
		delete(byNumber, number.PhoneNumber)
		if len(declarations) == 0 {
			r.Undeclared = append(r.Undeclared, undeclared{number.PhoneNumber, number.DisplayName, number.Type, number.RegionCode, mirror.Price(number)})
		}
		for _, each := range declarations {
			r.Drifted = append(r.Drifted, drift(each, number)...)
		}
	}
	for number, declarations := range byNumber {
		var by []string
		for _, each := range declarations {
			by = append(by, each.where)
		}
		r.Missing = append(r.Missing, missing{number, by})
	}
	slices.SortFunc(r.Missing, func(a, b missing) int { return strings.Compare(a.PhoneNumber, b.PhoneNumber) })
	return r
}

func drift(of declaration, seen *v1alpha1.Observed) []drifted {
	var found []drifted
	for _, each := range mirror.Compare(of.spec.Expected, seen) {
		if each.Same {
			continue
		}
		if each.Field == "callbackUrl" {
			each.Expected, each.Observed = withoutSecrets(each.Expected, each.Observed)
		}
		found = append(found, drifted{seen.PhoneNumber, of.where, each.Field, each.Expected, each.Observed, each.Moving})
	}
	return found
}

// withoutSecrets makes two URLs fit to be shown, and says so if nothing is left of their difference.
func withoutSecrets(declared, seen string) (string, string) {
	declared, seen = mirror.WithoutSecrets(declared), mirror.WithoutSecrets(seen)
	if declared == seen {
		seen += " (with another user info or query)"
	}
	return declared, seen
}

func (r *report) differences() int { return len(r.Missing) + len(r.Undeclared) + len(r.Drifted) }
