// SPDX-License-Identifier: Apache-2.0

package engines_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Two numbers that have no golden file: one as the API server makes it, and one whose spec has just changed.
const (
	born   = "(born)"
	edited = "(edited)"
)

// numbers are one for each golden file of the judge, and the two that have none.
func numbers(t *testing.T) map[string]*unstructured.Unstructured {
	t.Helper()
	paths, err := filepath.Glob("../../internal/controller/testdata/judge/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no golden files: %v", err)
	}
	all := map[string]*unstructured.Unstructured{born: number(t, statusAtBirth(t))}
	for _, path := range paths {
		var status v1alpha1.ActiveNumberStatus
		read(t, path, &status)
		all[strings.TrimSuffix(filepath.Base(path), ".yaml")] = number(t, status)
	}
	all[edited] = all["provisioned-both"].DeepCopy()
	all[edited].SetGeneration(all[edited].GetGeneration() + 1)
	return all
}

// number is one with this status, as engines get it from the API server: of the latest generation that any of the
// status was judged for, and suspended if the status says so.
func number(t *testing.T, status v1alpha1.ActiveNumberStatus) *unstructured.Unstructured {
	t.Helper()
	typed := v1alpha1.ActiveNumber{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "ActiveNumber"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "telephony", Name: "support-us", Generation: 1},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a", PhoneNumber: "+12025550134"},
		Status:     status,
	}
	for _, condition := range status.Conditions {
		typed.Generation = max(typed.Generation, condition.ObservedGeneration)
	}
	if synced := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionSynced); synced != nil {
		typed.Spec.Suspend = synced.Reason == v1alpha1.ReasonSuspended
	}
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&typed)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: object}
}

// statusAtBirth is the one that the CRD gives every number by default.
func statusAtBirth(t *testing.T) v1alpha1.ActiveNumberStatus {
	t.Helper()
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema struct {
						Properties struct {
							Status struct {
								Default v1alpha1.ActiveNumberStatus `json:"default"`
							} `json:"status"`
						} `json:"properties"`
					} `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	readSome(t, "../../config/crd/bases/numbers.sinch.com_activenumbers.yaml", &crd)
	status := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties.Status.Default
	if len(status.Conditions) == 0 {
		t.Fatal("the CRD gives a number no conditions")
	}
	return status
}

// message is what a condition says, "" if there is no such condition.
func message(number *unstructured.Unstructured, condition string) string {
	conditions, _, _ := unstructured.NestedSlice(number.Object, "status", "conditions")
	for _, is := range conditions {
		if is := is.(map[string]any); is["type"] == condition {
			return is["message"].(string)
		}
	}
	return ""
}

// read reads a file of YAML whose every field must be known.
func read(t *testing.T, path string, into any) {
	t.Helper()
	parse(t, path, contents(t, path), into)
}

func parse(t *testing.T, name string, text []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// readSome reads a file of YAML of which only some fields matter.
func readSome(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal(contents(t, path), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
