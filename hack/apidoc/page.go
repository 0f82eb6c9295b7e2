// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const crdFile = "config/crd/bases/numbers.sinch.com_activenumbers.yaml"

//go:embed api.md.tmpl
var markdown string

var layout = template.Must(template.New("api.md.tmpl").Option("missingkey=error").Funcs(template.FuncMap{
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"cell":  cell,
}).Parse(markdown))

// page is what the template shows.
type page struct {
	CRD                              apiextensionsv1.CustomResourceDefinitionSpec
	Version                          apiextensionsv1.CustomResourceDefinitionVersion
	Spec, Expected, Status, Observed []field
	Constants                        map[string]constant
	Conditions                       []condition
	Reasons                          []reason
}

func generate(sources fs.FS) ([]byte, error) {
	crd, err := readCRD(sources)
	if err != nil {
		return nil, err
	}
	constants, err := readConstants(sources)
	if err != nil {
		return nil, err
	}
	p := page{CRD: crd, Version: crd.Versions[0], Constants: map[string]constant{}}
	for _, c := range constants {
		p.Constants[c.Name] = c
	}
	if p.Conditions, err = conditionsOf(constants); err != nil {
		return nil, err
	}
	if p.Reasons, err = reasonsOf(constants, p.Conditions); err != nil {
		return nil, err
	}
	object := p.Version.Schema.OpenAPIV3Schema.Properties
	p.Spec, p.Expected = fields(object["spec"], "", "expected"), fields(object["spec"].Properties["expected"], "", "")
	p.Status, p.Observed = fields(object["status"], "", "observed"), fields(object["status"].Properties["observed"], "", "")
	var filled bytes.Buffer
	err = layout.Execute(&filled, p)
	return filled.Bytes(), err
}

func readCRD(sources fs.FS) (apiextensionsv1.CustomResourceDefinitionSpec, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	source, err := fs.ReadFile(sources, crdFile)
	if err != nil {
		return crd.Spec, err
	}
	if err := yaml.UnmarshalStrict(source, &crd); err != nil {
		return crd.Spec, fmt.Errorf("%s: %w", crdFile, err)
	}
	if n := len(crd.Spec.Versions); n != 1 {
		return crd.Spec, fmt.Errorf("%s has %d versions, and the page has room for one", crdFile, n)
	}
	return crd.Spec, nil
}

// cell makes text fit into one cell of a Markdown table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
