// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestTheCommittedRuleIsWhatTheSourceSays(t *testing.T) {
	if read(t, "../../"+target) != wrap(read(t, "../../"+source)) {
		t.Errorf("%s is not what %s says: run make generate", target, source)
	}
}

func TestBothSayTheSame(t *testing.T) {
	var plain struct{ Groups []any }
	var wrapped struct {
		Spec struct{ Groups []any }
	}
	rules := read(t, "../../"+source)
	if err := yaml.Unmarshal([]byte(rules), &plain); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(wrap(rules)), &wrapped); err != nil {
		t.Fatal(err)
	}
	if len(plain.Groups) == 0 || !reflect.DeepEqual(plain.Groups, wrapped.Spec.Groups) {
		t.Error("the PrometheusRule has other groups than the plain file, or none")
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
