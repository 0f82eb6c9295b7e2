// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"strings"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// tones are colours for what series are about, by how their names begin; the last is for all others.
var tones = []struct {
	begin  string
	colors []string
}{
	{"True", []string{"#57a55a"}},
	{"ok", []string{"#57a55a"}},
	{"success", []string{"#57a55a"}},
	{"False", []string{"#c9403a", "#e57368", "#9f2f4f", "#ef9a8c"}},
	{"Unknown", []string{"#e3a72f", "#f2cc6b", "#b9853a", "#9aa3af"}},
	{"", []string{"#3f8fd2", "#e08a3c", "#8e6bbf", "#2aa5a0", "#c65b8a", "#8a9a35", "#5a67c8", "#a0693c", "#d9534f"}},
}

// colors are one for each series.
func colors(series []Series) []string {
	used := make([]int, len(tones))
	all := make([]string, len(series))
	for i, each := range series {
		tone := 0
		for !strings.HasPrefix(each.Name, tones[tone].begin) {
			tone++
		}
		of := tones[tone].colors
		all[i] = of[used[tone]%len(of)]
		used[tone]++
	}
	return all
}

// named are the colours that thresholds name.
var named = map[string]string{"green": "#3c9142", "orange": "#d9822b", "red": "#cf3f3a"}

// threshold is the colour of a value.
func threshold(value float64, field grafana.Field) string {
	fill := ""
	for _, step := range field.Thresholds.Steps {
		if value >= step.Value {
			fill = named[step.Color]
		}
	}
	return fill
}
