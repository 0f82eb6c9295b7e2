// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

const rowHeight = 19.0

// column is one of a table: a label, or the value.
type column struct {
	label, title string
	field        grafana.Field
}

func (c column) of(s Series) string {
	if c.label == "Value" {
		return show(s.last(), c.field)
	}
	return s.Labels[c.label]
}

// columnsOf are those that the panel's transformations leave, in their order, with the units of its overrides.
func columnsOf(panel Panel) []column {
	var columns []column
	for _, transformation := range panel.Transformations {
		is := transformation.Options
		labels := slices.Collect(maps.Keys(is.IndexByName))
		slices.SortFunc(labels, func(a, b string) int { return cmp.Compare(is.IndexByName[a], is.IndexByName[b]) })
		for _, label := range labels {
			if !is.ExcludeByName[label] {
				title := cmp.Or(is.RenameByName[label], label)
				columns = append(columns, column{label, title, grafana.Field{Unit: unitOfColumn(panel, title)}})
			}
		}
	}
	return columns
}

func unitOfColumn(panel Panel, title string) string {
	for _, override := range panel.FieldConfig.Overrides {
		for _, property := range override.Properties {
			if override.Matcher.Options == title && property.ID == "unit" {
				return fmt.Sprint(property.Value)
			}
		}
	}
	return ""
}

// table shows the rows that there is room for, where Grafana would scroll.
func table(c *canvas, b box, panel Panel) {
	columns := columnsOf(panel)
	room := int(b.h/rowHeight) - 1
	shown := panel.Series[:min(room, len(panel.Series))]
	if hidden := len(panel.Series) - len(shown); hidden > 0 {
		c.text(b.x+b.w, b.y-10, "m end", fmt.Sprintf("%d of %d", len(shown), len(panel.Series)))
	}
	for i := range shown {
		if i%2 == 0 {
			c.rect(box{b.x, b.y + rowHeight*float64(i+1), b.w, rowHeight}, "zebra")
		}
	}
	x := b.x + 6
	for i, w := range widths(columns, panel.Series, b.w) {
		c.text(x, b.y+13, "th", columns[i].title)
		for row, each := range shown {
			c.text(x, b.y+rowHeight*float64(row+1)+13.5, "", fit(columns[i].of(each), w-6))
		}
		x += w
	}
}

// widths share the room among the columns by their longest words.
func widths(columns []column, rows []Series, room float64) []float64 {
	all := make([]float64, len(columns))
	sum := 0.0
	for i, column := range columns {
		longest := len(column.title)
		for _, row := range rows {
			longest = max(longest, len(column.of(row)))
		}
		all[i] = float64(longest) + 2
		sum += all[i]
	}
	for i := range all {
		all[i] *= room / sum
	}
	return all
}
