// SPDX-License-Identifier: Apache-2.0

package prometheus_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// TestPrometheusTakesEveryQueryOfTheDashboard has promtool parse each as a rule that records it.
func TestPrometheusTakesEveryQueryOfTheDashboard(t *testing.T) {
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var rules []rule
	for i, query := range queries(t) {
		rules = append(rules, rule{fmt.Sprintf("query_%d", i), query.Expr})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dashboard.rules.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// TestTheDashboardCountsWhoeverNeedsAPerson has promtool answer that panel's query for a number whose key was revoked, which
// is still Ready, one that is drifted, and one that is fine.
func TestTheDashboardCountsWhoeverNeedsAPerson(t *testing.T) {
	all := queries(t)
	at := slices.IndexFunc(all, func(query grafana.Query) bool { return query.Panel == "Need a person" })
	if at < 0 {
		t.Fatal("the dashboard has no such panel")
	}
	type object = map[string]any
	var series []object
	for state, number := range map[string]int{
		`condition="Ready", status="True", reason="Ready"`:                2,
		`condition="Ready", status="False", reason="Drifted"`:             1,
		`condition="Synced", status="True", reason="Observed"`:            2,
		`condition="Synced", status="False", reason="CredentialsInvalid"`: 1,
		`condition="Stalled", status="True", reason="CredentialsInvalid"`: 1,
		`condition="Stalled", status="True", reason="Drifted"`:            1,
	} {
		series = append(series, object{"series": "activenumber_numbers{" + state + "}", "values": fmt.Sprint(number)})
	}
	text, err := yaml.Marshal(object{"tests": []object{{
		"interval":     "1m",
		"input_series": series,
		"promql_expr_test": []object{{
			"expr": all[at].Expr, "eval_time": "0m", "exp_samples": []object{{"labels": "{}", "value": 2}},
		}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "panel.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "test", "rules", file)
}

func TestTheTableOfMetricsHasAllThatIsAskedFor(t *testing.T) {
	known := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(activenumber_\\w+)").FindAllStringSubmatch(read(t, root+"/docs/alerting.md"), -1) {
		known[row[1]] = false
	}
	var exprs []string
	for _, query := range queries(t) {
		exprs = append(exprs, query.Expr)
	}
	for _, alert := range alerts(t) {
		exprs = append(exprs, alert.Expr)
	}
	for _, name := range regexp.MustCompile(`\bactivenumber_\w+`).FindAllString(strings.Join(exprs, "\n"), -1) {
		name = strings.TrimSuffix(name, "_bucket")
		if _, there := known[name]; !there {
			t.Errorf("docs/alerting.md does not know the metric %s", name)
		}
		known[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !known[name] {
			t.Errorf("docs/alerting.md has %s, which no alert and no panel asks for", name)
		}
	}
}

func queries(t *testing.T) []grafana.Query {
	t.Helper()
	all, err := grafana.Queries()
	if err != nil {
		t.Fatal(err)
	}
	return all
}
