// SPDX-License-Identifier: Apache-2.0

package engines_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

const gitops = "../../config/samples/gitops"

func kstatus(t *testing.T, number *unstructured.Unstructured) string {
	t.Helper()
	result, err := status.Compute(number)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status.String()
}

// fluxExpressions asks Flux with the expressions of the sample.
func fluxExpressions(t *testing.T) func(*testing.T, *unstructured.Unstructured) string {
	t.Helper()
	_, kustomization := fluxSample(t)
	evaluator, err := cel.NewStatusEvaluator(&kustomization.Spec.HealthCheckExprs[0].HealthCheckExpressions)
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, number *unstructured.Unstructured) string {
		t.Helper()
		result, err := evaluator.Evaluate(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		return result.Status.String()
	}
}

// fluxSample is the sample in Flux' own types, which have every field of it.
func fluxSample(t *testing.T) (source sourcev1.GitRepository, kustomization kustomizev1.Kustomization) {
	t.Helper()
	path := filepath.Join(gitops, "flux", "telephony.yaml")
	text := contents(t, path)
	documents := bytes.Split(text, []byte("\n---\n"))
	if len(documents) != 2 {
		t.Fatalf("%s has %d documents", path, len(documents))
	}
	parse(t, path, documents[0], &source)
	parse(t, path, documents[1], &kustomization)
	return source, kustomization
}

func TestTheFluxSampleFitsTogether(t *testing.T) {
	source, kustomization := fluxSample(t)
	if got := source.GroupVersionKind(); got != sourcev1.GroupVersion.WithKind("GitRepository") {
		t.Errorf("the source is a %s", got)
	}
	if got := kustomization.GroupVersionKind(); got != kustomizev1.GroupVersion.WithKind("Kustomization") {
		t.Errorf("what it applies is a %s", got)
	}
	spec := kustomization.Spec
	if spec.SourceRef.Kind != source.Kind || spec.SourceRef.Name != source.Name || kustomization.Namespace != source.Namespace {
		t.Errorf("the Kustomization refers to %s, not to the GitRepository", spec.SourceRef.String())
	}
	hasKustomization(t, spec.Path)
	if !spec.Wait || spec.Interval.Duration <= 0 || source.Spec.Interval.Duration <= 0 {
		t.Error("it does not wait, or lacks an interval")
	}
	checked := spec.HealthCheckExprs[0]
	if len(spec.HealthCheckExprs) != 1 || checked.APIVersion != v1alpha1.GroupVersion.String() || checked.Kind != "ActiveNumber" {
		t.Errorf("it checks %v", spec.HealthCheckExprs)
	}
}

// hasKustomization checks that a path in the team's repository is one that kustomize can build.
func hasKustomization(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(gitops, "team", path, "kustomization.yaml")); err != nil {
		t.Error(err)
	}
}
