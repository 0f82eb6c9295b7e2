// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// The golden files are what engines are asked about, so a state that the demo shows is one of theirs.
func TestEverySampleEndsAsAGoldenFileDoes(t *testing.T) {
	golden := goldenStates(t)
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			states := []string{sample.wanted}
			if sample.correction != nil {
				states = append(states, sample.correction.wanted)
			}
			for _, state := range states {
				wanted := slices.Sorted(slices.Values(strings.Fields(state)))
				if !slices.Contains(golden, strings.Join(wanted, " ")) {
					t.Errorf("no file in internal/controller/testdata/judge has %s", wanted)
				}
			}
		})
	}
}

func goldenStates(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../internal/controller/testdata/judge/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no golden files: %v", err)
	}
	var states []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var number v1alpha1.ActiveNumber
		if err := yaml.UnmarshalStrict(text, &number.Status); err != nil {
			t.Fatal(err)
		}
		states = append(states, strings.Join(slices.Sorted(slices.Values(conditions(number))), " "))
	}
	return states
}
