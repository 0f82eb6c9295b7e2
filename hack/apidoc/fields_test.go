// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

func TestASchemaInWords(t *testing.T) {
	for name, test := range map[string]struct {
		schema string
		want   []field
	}{
		"required comes first, then the alphabet": {
			`{required: [b], properties: {c: {type: string}, a: {type: string}, b: {type: string}}}`,
			[]field{{Path: "b", Type: "string", Default: "**required**"}, {Path: "a", Type: "string"}, {Path: "c", Type: "string"}},
		},
		"children follow their parent": {
			`{properties: {a: {type: object, default: {}, properties: {b: {type: boolean, default: true}}}}}`,
			[]field{{Path: "a", Type: "object", Default: "its fields' defaults"}, {Path: "a.b", Type: "boolean", Default: "`true`"}},
		},
		"a field apart keeps its children for its own table": {
			`{properties: {apart: {type: object, properties: {b: {type: boolean}}}}}`,
			[]field{{Path: "apart", Type: "object"}},
		},
		"a list of objects": {
			`{properties: {a: {type: array, items: {type: object, properties: {b: {type: string, format: date-time}}}}}}`,
			[]field{{Path: "a", Type: "list of objects"}, {Path: "a[].b", Type: "time"}},
		},
		"a set of words": {
			`{properties: {a: {type: array, minItems: 1, maxItems: 2, x-kubernetes-list-type: set, items: {type: string, enum: [SMS, VOICE], maxLength: 5}}}}`,
			[]field{{Path: "a", Type: "list of strings", Rules: "at least 1 in the list<br>at most 2 in the list<br>none twice<br>each one of SMS, VOICE"}},
		},
		"bounds": {
			`{properties: {a: {type: integer, minimum: 0, maximum: 12}, b: {type: string, minLength: 2, maxLength: 3}, c: {type: object, minProperties: 1}}}`,
			[]field{
				{Path: "a", Type: "integer", Rules: "at least 0<br>at most 12"},
				{Path: "b", Type: "string", Rules: "at least 2 characters<br>at most 3 characters"},
				{Path: "c", Type: "object", Rules: "at least 1 of its fields"},
			},
		},
		"a rule's sentence stands for the pattern beside it": {
			`{properties: {a: {type: string, pattern: ^a+$, x-kubernetes-validations: [{rule: self.matches('^a+$'), message: only the letter a}]}}}`,
			[]field{{Path: "a", Type: "string", Rules: "only the letter a"}},
		},
		"what has no sentence is shown as it is": {
			`{properties: {a: {type: string, pattern: ^a+$}, b: {type: integer, x-kubernetes-validations: [{rule: self > 1}]}}}`,
			[]field{
				{Path: "a", Type: "string", Rules: "must match `^a+$`"},
				{Path: "b", Type: "integer", Rules: "must satisfy `self > 1`"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var schema apiextensionsv1.JSONSchemaProps
			if err := yaml.UnmarshalStrict([]byte(test.schema), &schema); err != nil {
				t.Fatal(err)
			}
			if got := fields(schema, "", "apart"); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}
