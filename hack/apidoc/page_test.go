// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func TestTheCommittedPageIsWhatTheSourcesSay(t *testing.T) {
	committed, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != generated(t) {
		t.Error("docs/api.md is not what the sources say: run make generate")
	}
}

func TestTheExampleIsAnActiveNumber(t *testing.T) {
	_, rest, _ := strings.Cut(generated(t), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	var number v1alpha1.ActiveNumber
	if err := yaml.UnmarshalStrict([]byte(example), &number); err != nil {
		t.Fatal(err)
	}
	if number.APIVersion != v1alpha1.GroupVersion.String() || number.Kind != "ActiveNumber" {
		t.Errorf("the example is a %s of %s", number.Kind, number.APIVersion)
	}
	if number.Spec.PhoneNumber == "" || number.Spec.Expected == nil {
		t.Error("the example declares no number, or expects nothing of it")
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	text := generated(t)
	targets := map[string]bool{}
	for _, found := range regexp.MustCompile(`<a id="(.+?)">`).FindAllStringSubmatch(text, -1) {
		targets[found[1]] = true
	}
	for _, found := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		targets[strings.NewReplacer(" ", "-", ".", "").Replace(strings.ToLower(found[1]))] = true
	}
	links := regexp.MustCompile(`\]\(#(.+?)\)`).FindAllStringSubmatch(text, -1)
	if len(links) == 0 {
		t.Error("the page has no links")
	}
	for _, found := range links {
		if !targets[found[1]] {
			t.Errorf("the link to #%s leads nowhere", found[1])
		}
	}
}

func generated(t *testing.T) string {
	t.Helper()
	text, err := generate(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
