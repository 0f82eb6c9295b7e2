// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestSummary(t *testing.T) {
	d := newDesk(t)
	for _, namespace := range []string{"telephony", "trial", "empty"} {
		d.addNamespace(t, namespace)
	}
	usd := costs("2.00 USD", 1)
	d.declare(t, declared("support-us", "+12025550134", labelled("team", "support"), seen(usd)))
	d.declare(t, declared("marketing-us", "+12025550156", seen(usd), judged("SMSProvisioned=False/Failed")))
	d.declare(t, declared("evaluation-us", "+12025550134", in("trial"), labelled("team", "support"), seen(usd)))
	stranger := d.user(t, "stranger", "telephony")
	tests := map[string]struct {
		kubeconfig, arguments string
		code                  int
		out, errOut           []string
	}{
		"a namespace":              {d.kubeconfig, "-n telephony", exitSame, []string{"2 numbers\n\nREADY ", "\n4.00 USD\n", "\nNEEDS A PERSON ", "\nmarketing-us "}, nil},
		"all namespaces":           {d.kubeconfig, "-A", exitSame, []string{"2 numbers in 3 declarations, of which 1 is a double\n", "\ntelephony   marketing-us "}, nil},
		"a team's":                 {d.kubeconfig, "-A -l team=support", exitSame, []string{"1 number in 2 declarations"}, nil},
		"none, for people":         {d.kubeconfig, "-n empty", exitSame, nil, []string{"there are no numbers in namespace empty\n"}},
		"none of a team":           {d.kubeconfig, "-A -l team=nobody", exitSame, nil, []string{"there are no numbers with the labels team=nobody in all namespaces\n"}},
		"none, for a script":       {d.kubeconfig, "-n empty -o json", exitSame, []string{`"numbers": 0`, `"nextCharges": []`}, nil},
		"one who may not see them": {stranger, "-n telephony", exitTrouble, nil, []string{`error: you may not list ActiveNumbers in namespace telephony (activenumbers.numbers.sinch.com is forbidden: User "stranger" cannot list`, "): ask for the right to, or choose another namespace with -n\n"}},
		"an unknown form":          {d.kubeconfig, "-o xml", exitTrouble, nil, []string{`error: --output "xml": must be one of table, json, yaml` + "\n"}},
		"a bad selector":           {d.kubeconfig, "-l a=b=c", exitTrouble, nil, []string{`error: --selector "a=b=c": must be a label selector`}},
		"a name":                   {d.kubeconfig, "support-us", exitTrouble, nil, []string{`error: unknown command "support-us"`}},
		"a cluster that is not":    {"/does/not/exist", "", exitTrouble, nil, []string{"error: ", "/does/not/exist"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := begin(t.Context(), test.kubeconfig, append([]string{"summary"}, strings.Fields(test.arguments)...)...).ends(t, test.code)
			says(t, &s.out, test.out...)
			says(t, &s.errOut, test.errOut...)
			if said := s.out.String() + s.errOut.String(); (test.out == nil || test.errOut == nil) && (s.out.String() != "" && s.errOut.String() != "" || said == "") {
				t.Errorf("it speaks on both streams, or on none:\n%s\n%s", &s.out, &s.errOut)
			}
		})
	}
	for form, parse := range map[string]func([]byte, any) error{
		asJSON: json.Unmarshal,
		asYAML: func(text []byte, into any) error { return yaml.UnmarshalStrict(text, into) },
	} {
		t.Run("as "+form, func(t *testing.T) {
			s := begin(t.Context(), d.kubeconfig, "summary", "-A", "-o", form).ends(t, exitSame)
			var got summary
			if err := parse([]byte(s.out.String()), &got); err != nil {
				t.Fatal(err)
			}
			if got.Numbers != 2 || got.Doubles != 1 || got.MonthlyCost["USD"] != "4.00" || len(got.Problems) != 1 || got.Problems[0].Reason != "Failed" {
				t.Errorf("it is %+v", got)
			}
		})
	}
	t.Run("forms are completed", func(t *testing.T) {
		s := begin(t.Context(), d.kubeconfig, "__complete", "summary", "-o", "").ends(t, exitSame)
		says(t, &s.out, "table\njson\nyaml\n:4\n")
	})
	t.Run("a cluster without the CRD", func(t *testing.T) {
		d.dropKind(t)
		s := begin(t.Context(), d.kubeconfig, "summary").ends(t, exitTrouble)
		says(t, &s.errOut, "the cluster does not know the kind ActiveNumber: install its CustomResourceDefinition first")
	})
}
