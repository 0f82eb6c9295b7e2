// SPDX-License-Identifier: Apache-2.0

package prometheus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const rulesFile = "activenumbers.rules.yaml"

// alert is one rule.
type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal([]byte(read(t, rulesFile)), &file); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there are no rules")
	}
	return all
}

func names(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, each := range alerts(t) {
		all = append(all, each.Alert)
	}
	slices.Sort(all)
	return all
}

func TestPrometheusTakesTheRules(t *testing.T) { promtool(t, "check", "rules", rulesFile) }

func TestEveryAlertFiresAndIsSilentWhenItShould(t *testing.T) {
	tests := stems(t, "tests/*.yaml")
	for _, name := range names(t) {
		if !slices.Contains(tests, name) {
			t.Errorf("there is no test of %s", name)
		}
	}
	for _, name := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", filepath.Join("tests", name+".yaml"))
		})
	}
}

func TestEveryAlertTellsWhatToDo(t *testing.T) {
	for _, each := range alerts(t) {
		t.Run(each.Alert, func(t *testing.T) {
			if severity := each.Labels["severity"]; severity != "critical" && severity != "warning" {
				t.Errorf("severity is %q", severity)
			}
			summary, description := each.Annotations["summary"], each.Annotations["description"]
			if summary == "" || strings.Contains(summary, "\n") {
				t.Errorf("the summary is not one line: %q", summary)
			}
			if !strings.Contains(description, "kubectl ") {
				t.Errorf("the description has no command to look closer: %q", description)
			}
			url, _, _ := strings.Cut(each.Annotations["runbook_url"], "#")
			if want := "https://github.com/activenumber-operator/activenumber-operator/blob/main/docs/runbooks/" + each.Alert + ".md"; url != want {
				t.Errorf("the runbook is %s, want %s", url, want)
			}
		})
	}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	if got, want := stems(t, root+"/docs/runbooks/*.md"), names(t); !slices.Equal(got, want) {
		t.Errorf("there are runbooks of %v, and the alerts are %v", got, want)
	}
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			page := read(t, root+"/docs/runbooks/"+name+".md")
			got := regexp.MustCompile(`(?m)^##? .+$`).FindAllString(page, -1)
			if want := []string{"# " + name, "## Meaning", "## Impact", "## Diagnosis", "## What to do"}; !slices.Equal(got, want) {
				t.Errorf("the headings are %q, want %q", got, want)
			}
			if !strings.Contains(page, "kubectl ") {
				t.Error("there is no command to look closer")
			}
		})
	}
}

func TestTheTableOfAlertsIsTrue(t *testing.T) {
	page := read(t, root+"/docs/alerting.md")
	for _, each := range alerts(t) {
		after := each.For
		if after == "" {
			after = "at once"
		}
		row := fmt.Sprintf("| [%s](runbooks/%s.md) | %s | %s |", each.Alert, each.Alert, each.Labels["severity"], after)
		if !strings.Contains(page, row) {
			t.Errorf("docs/alerting.md lacks a row that begins with\n%s", row)
		}
	}
	if got, want := strings.Count(page, "](runbooks/"), len(alerts(t)); got != want {
		t.Errorf("docs/alerting.md links to %d runbooks, and there are %d alerts", got, want)
	}
}

func TestTheRuleThatTheDocumentShowsFiresAndIsSilentWhenItShould(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, root+"/docs/alerting.md"), "```yaml\n- alert:")
	rule, _, found := strings.Cut(rest, "\n```")
	if !found {
		t.Fatal("docs/alerting.md shows no rule")
	}
	dir := t.TempDir()
	for file, text := range map[string]string{
		"shown.rules.yaml": "groups:\n- name: shown\n  rules:\n  - alert:" + strings.ReplaceAll(rule, "\n", "\n  "),
		"shown.yaml":       read(t, "testdata/shown.yaml"),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	promtool(t, "test", "rules", filepath.Join(dir, "shown.yaml"))
}

// stems are the names of files without folder and extension, sorted.
func stems(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		base := filepath.Base(file)
		files[i] = strings.TrimSuffix(base, filepath.Ext(base))
	}
	slices.Sort(files)
	return files
}
