// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// leaseOf is the Lease that an operator with these flags competes for.
func leaseOf(t *testing.T, arguments ...string) string {
	t.Helper()
	s, err := parse(arguments, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return s.leaderElectionID
}

func TestEqualScopesShareALease(t *testing.T) {
	for name, test := range map[string]struct{ one, other []string }{
		"everything":                  {nil, []string{"--watch-namespaces=", "--selector="}},
		"namespaces in another order": {[]string{"--watch-namespaces=b,a,c"}, []string{"--watch-namespaces=c,b,a"}},
		"a namespace named twice":     {[]string{"--watch-namespaces=a,b,a"}, []string{"--watch-namespaces=a, b"}},
		"terms in another order":      {[]string{"--selector=a=1,b=2"}, []string{"--selector=b=2,a=1"}},
		"terms of one label":          {[]string{"--selector=a!=1,a!=2"}, []string{"--selector=a!=2,a!=1"}},
		"a term said twice":           {[]string{"--selector=a,a"}, []string{"--selector=a"}},
		"a value in three spellings":  {[]string{"--selector=a=1,b==2"}, []string{"--selector=a in (1),b in (2)"}},
		"values in another order":     {[]string{"--selector=a in (1,2)"}, []string{"--selector=a in (2, 1)"}},
		"values that are left out":    {[]string{"--selector=a!=1,a!=2"}, []string{"--selector=a notin (2,1)"}},
		"one that has the given name": {[]string{"--leader-election-id=mine"}, []string{"--selector=a=1", "--leader-election-id=mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			if one, other := leaseOf(t, test.one...), leaseOf(t, test.other...); one != other {
				t.Errorf("%s and %s", one, other)
			}
		})
	}
}

func TestDifferentScopesHaveDifferentLeases(t *testing.T) {
	owner := map[string][]string{}
	for _, arguments := range [][]string{
		nil,
		{"--watch-namespaces=a"},
		{"--watch-namespaces=b"},
		{"--watch-namespaces=a,b"},
		{"--watch-namespaces=a-b"},
		{"--selector=a"},
		{"--selector=!a"},
		{"--selector=a=b"},
		{"--selector=a!=b"},
		{"--selector=a="},
		{"--selector=b=a"},
		{"--selector=a,b"},
		{"--selector=a in (b,c)"},
		{"--selector=a notin (b,c)"},
		{"--selector=a>1"},
		{"--selector=a<1"},
		{"--watch-namespaces=b", "--selector=a"},
		{"--watch-namespaces=a", "--selector=b"},
		{"--watch-namespaces=a,b", "--selector=a"},
	} {
		lease := leaseOf(t, arguments...)
		if other, taken := owner[lease]; taken {
			t.Errorf("%q and %q compete for %s", arguments, other, lease)
		}
		owner[lease] = arguments
		if wrong := validation.IsDNS1123Subdomain(lease); len(wrong) > 0 {
			t.Errorf("%s is no name for a Lease: %v", lease, wrong)
		}
	}
}

// TestLeasesOutlastVersions holds what another version of the operator calls them: while one replaces the other, both
// run, and only one may lead.
func TestLeasesOutlastVersions(t *testing.T) {
	for arguments, want := range map[string]string{
		"": "activenumber-operator.numbers.sinch.com",
		"--watch-namespaces=team-a,team-b --selector=shard=a": "activenumber-operator.numbers.sinch.com-a6ac361bbb",
	} {
		if got := leaseOf(t, strings.Fields(arguments)...); got != want {
			t.Errorf("%q: got %s, want %s", arguments, got, want)
		}
	}
}
