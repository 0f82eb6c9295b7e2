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
	Scope      string       `json:"scope"`    // what was searched for declarations, such as "namespace telephony"
	Declared   int          `json:"declared"` // numbers, however often
	Present    int          `json:"present"`  // at Sinch
	Missing    []missing    `json:"missing"`
	Undeclared []undeclared `json:"undeclared"`
	Drifted    []drifted    `json:"drifted"`

	partial bool // the cluster may have declarations elsewhere
}

// missing is a number that is declared, and that Sinch does not have.
type missing struct {
	PhoneNumber string   `json:"phoneNumber"`
	DeclaredBy  []string `json:"declaredBy"`
}

// undeclared is a number that Sinch has, and charges, and that nobody declares in the scope of the report.
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
	// SecretsDiffer says that two URLs differ in nothing but what is not shown: user info, query or fragment.
	SecretsDiffer bool `json:"secretsDiffer,omitempty"`
}

// compare compares what is declared of a project with what Sinch has. Declarations of other projects are passed over.
func compare(project string, declared declarations, seen []*v1alpha1.Observed) *report {
	r := &report{
		Project: project, Scope: declared.scope, partial: declared.partial, Present: len(seen),
		Missing: []missing{}, Undeclared: []undeclared{}, Drifted: []drifted{},
	}
	byNumber := map[string][]declaration{}
	for _, each := range declared.all {
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
		is := drifted{
			PhoneNumber: seen.PhoneNumber, DeclaredBy: of.where,
			Field: each.Field, Declared: each.Expected, Seen: each.Observed, Moving: each.Moving,
		}
		if each.Field == "callbackUrl" {
			is.Declared, is.Seen = mirror.WithoutSecrets(each.Expected), mirror.WithoutSecrets(each.Observed)
			is.SecretsDiffer = is.Declared == is.Seen
		}
		found = append(found, is)
	}
	return found
}

func (r *report) differences() int { return len(r.Missing) + len(r.Undeclared) + len(r.Drifted) }
