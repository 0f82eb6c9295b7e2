// SPDX-License-Identifier: Apache-2.0

// Package ksm_test holds the configuration for kube-state-metrics against the CRD: each path must lead to a field of the
// kind that its metric can take. It does not run kube-state-metrics.
package ksm_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// configuration is what kube-state-metrics reads, as far as it is used here. Other fields are refused.
type configuration struct {
	Kind string `json:"kind"`
	Spec struct {
		Resources []resource `json:"resources"`
	} `json:"spec"`
}

type resource struct {
	GroupVersionKind struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Kind    string `json:"kind"`
	} `json:"groupVersionKind"`
	ResourcePlural   string              `json:"resourcePlural"`
	MetricNamePrefix string              `json:"metricNamePrefix"`
	ErrorLogV        int                 `json:"errorLogV"`
	LabelsFromPath   map[string][]string `json:"labelsFromPath"`
	Metrics          []metric            `json:"metrics"`
}

type metric struct {
	Name           string              `json:"name"`
	Help           string              `json:"help"`
	LabelsFromPath map[string][]string `json:"labelsFromPath"`
	Each           struct {
		Type     string `json:"type"`
		Gauge    *each  `json:"gauge"`
		Info     *each  `json:"info"`
		StateSet *each  `json:"stateSet"`
	} `json:"each"`
}

type each struct {
	Path           []string            `json:"path"`
	LabelsFromPath map[string][]string `json:"labelsFromPath"`
	ValueFrom      []string            `json:"valueFrom"`
	LabelName      string              `json:"labelName"`
	List           []string            `json:"list"`
}

type schema = apiextensionsv1.JSONSchemaProps

func TestItIsAboutTheKindThatThereIs(t *testing.T) {
	is, crd := read(t)
	if is.Kind != "CustomResourceStateMetrics" {
		t.Errorf("it is a %s", is.Kind)
	}
	gvk := is.Spec.Resources[0].GroupVersionKind
	if gvk.Group != crd.Spec.Group || gvk.Version != crd.Spec.Versions[0].Name || gvk.Kind != crd.Spec.Names.Kind {
		t.Errorf("it is about %+v", gvk)
	}
	if plural := is.Spec.Resources[0].ResourcePlural; plural != crd.Spec.Names.Plural {
		t.Errorf("the plural is %s", plural)
	}
}

func TestEveryPathLeadsToAFieldOfTheRightKind(t *testing.T) {
	is, crd := read(t)
	root := *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	root.Properties["metadata"] = schema{Type: "object", Properties: map[string]schema{"namespace": {Type: "string"}, "name": {Type: "string"}}}
	whole := is.Spec.Resources[0]
	labels(t, root, whole.LabelsFromPath)
	seen := map[string]bool{}
	for _, metric := range whole.Metrics {
		t.Run(metric.Name, func(t *testing.T) {
			if seen[metric.Name] || !regexp.MustCompile(`^[a-z_]+$`).MatchString(metric.Name) || metric.Help == "" {
				t.Errorf("the name %q is taken, or none, or has no help", metric.Name)
			}
			seen[metric.Name] = true
			labels(t, root, metric.LabelsFromPath)
			check(t, root, metric)
		})
	}
}

func check(t *testing.T, root schema, is metric) {
	t.Helper()
	of := map[string]*each{"Gauge": is.Each.Gauge, "Info": is.Each.Info, "StateSet": is.Each.StateSet}[is.Each.Type]
	if of == nil {
		t.Fatalf("there is no %s", is.Each.Type)
	}
	at := element(follow(t, root, of.Path))
	labels(t, at, of.LabelsFromPath)
	switch is.Each.Type {
	case "Gauge":
		number(t, follow(t, at, of.ValueFrom), of.ValueFrom)
		unambiguous(t, at, of.ValueFrom)
	case "Info":
		if len(of.LabelsFromPath) == 0 || !strings.HasSuffix(is.Name, "info") {
			t.Error("an Info needs labels, and a name that ends with info")
		}
		if follow(t, root, of.Path).Type == "object" {
			t.Error("an Info of an object looks for its labels in nested objects, too: take one field, or a list")
		}
	case "StateSet":
		if follow(t, at, of.ValueFrom).Type != "string" || of.LabelName == "" || len(of.List) == 0 {
			t.Error("a StateSet needs a string, a label, and a list")
		}
	}
}

// number says whether kube-state-metrics can make a number of a field: of numbers, booleans, dates, decimals and the
// status of a condition.
func number(t *testing.T, field schema, path []string) {
	t.Helper()
	last := path[len(path)-1]
	known := slices.Contains([]string{"status", "amount"}, last)
	if !known && !slices.Contains([]string{"integer", "boolean"}, field.Type) && field.Format != "date-time" {
		t.Errorf("%v is a %s, of which no number can be made", path, field.Type)
	}
}

// unambiguous says whether no object within the one that is asked has a field of the same name, which would be another
// value of the same metric.
func unambiguous(t *testing.T, at schema, valueFrom []string) {
	t.Helper()
	for name, field := range at.Properties {
		if _, there := field.Properties[valueFrom[0]]; there {
			t.Errorf("%s has a field %s, too", name, valueFrom[0])
		}
	}
}

func labels(t *testing.T, from schema, paths map[string][]string) {
	t.Helper()
	for label, path := range paths {
		if kind := follow(t, from, path).Type; kind != "string" {
			t.Errorf("label %s is a %s", label, kind)
		}
	}
}

// follow walks down from a schema; of a list it takes the elements.
func follow(t *testing.T, from schema, path []string) schema {
	t.Helper()
	for _, part := range path {
		next, there := from.Properties[part]
		if !there {
			t.Fatalf("the CRD has no %s in %v", part, path)
		}
		from = next
	}
	return from
}

func element(of schema) schema {
	if of.Type == "array" {
		return *of.Items.Schema
	}
	return of
}

func read(t *testing.T) (is configuration, crd apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	for file, into := range map[string]any{
		"customresourcestate.yaml":                          &is,
		"../crd/bases/numbers.sinch.com_activenumbers.yaml": &crd,
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if len(is.Spec.Resources) != 1 {
		t.Fatalf("it is about %d resources", len(is.Spec.Resources))
	}
	return is, crd
}
