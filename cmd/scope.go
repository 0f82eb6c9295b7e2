// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation"
)

// defaultLease is the Lease of the deployment that mirrors every number.
const defaultLease = "activenumber-operator.numbers.sinch.com"

// scope says which numbers a deployment mirrors: those that the selector selects in the namespaces, which are all if
// none is named.
type scope struct {
	namespaces []string // sorted, each once
	selector   labels.Selector
}

func newScope(namespaces, selector string) (scope, error) {
	names, err := splitNamespaces(namespaces)
	if err != nil {
		return scope{}, err
	}
	selected, err := labels.Parse(selector)
	if err != nil {
		return scope{}, fmt.Errorf("--selector %q: must be a label selector as kubectl get -l takes it, such as shard=a or team in (sms,voice),!trial", selector)
	}
	return scope{names, selected}, nil
}

func splitNamespaces(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if len(validation.IsDNS1123Label(names[i])) > 0 {
			return nil, fmt.Errorf("--watch-namespaces %q: must be names of namespaces separated by commas, such as team-a,team-b; %q is none (a name has lower-case letters, digits and inner dashes, at most 63)", list, names[i])
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// lease is the name of the Lease for which the replicas of a deployment with this scope compete, and no others: one that
// waited for another scope's leader would leave its own numbers alone.
func (s scope) lease() string {
	selected := terms(s.selector)
	if len(s.namespaces) == 0 && len(selected) == 0 {
		return defaultLease
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", s.namespaces, selected))
	return fmt.Sprintf("%s-%x", defaultLease, sum[:5])
}

// terms are what a selector asks for, in one order and spelling however it was written.
func terms(selector labels.Selector) []string {
	requirements, _ := selector.Requirements()
	var terms []string
	for _, r := range requirements {
		switch r.Operator() {
		case selection.Equals, selection.DoubleEquals, selection.In:
			terms = append(terms, r.Key()+"="+strings.Join(r.Values().List(), "|"))
		case selection.NotEquals, selection.NotIn:
			for value := range r.Values() {
				terms = append(terms, r.Key()+"!="+value)
			}
		default:
			terms = append(terms, r.String())
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}
