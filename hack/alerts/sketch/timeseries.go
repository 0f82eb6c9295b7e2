// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"slices"
	"time"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// plot places points of a span of time in a box.
type plot struct {
	box
	from, to, top float64
}

func (s Sheet) plot(b box, top float64) plot {
	return plot{b, float64(s.From.Unix()), float64(s.To.Unix()), top}
}

func (p plot) at(time, value float64) spot {
	return spot{p.x + p.w*(time-p.from)/(p.to-p.from), p.y + p.h - p.h*value/p.top}
}

const (
	axisWidth    = 66.0
	axisHeight   = 18.0
	corner       = 16.0 // where the axes meet there is room for one's mark only
	legendWidth  = 285.0
	legendHeight = 17.0
	narrow       = 500.0 // where a legend stands below instead of on the right
	mostBelow    = 4     // series that a legend below has room for
	ended        = 10.0  // seconds without a point
)

func (s Sheet) timeseries(c *canvas, b box, panel Panel) {
	field := panel.FieldConfig.Defaults
	chart, key := b.inner(axisWidth, 6, legendWidth+14, axisHeight), b.inner(b.w-legendWidth, 0, 0, 0)
	if b.w < narrow {
		below := legendHeight * float64(min(len(panel.Series), mostBelow))
		chart, key = b.inner(axisWidth, 6, 4, axisHeight+below+4), b.inner(0, b.h-below, 0, 0)
	}
	layers := layersOf(panel.Series, field.Custom.Stacking.Mode == "normal")
	marks := ticks(highest(layers), field.Unit)
	p := s.plot(chart, marks[len(marks)-1])
	s.axes(c, p, marks, field)
	fills := colors(panel.Series)
	for i, layer := range layers {
		for _, run := range layer.runs(field.Custom.SpanNulls / 1000) {
			p.fill(c, run, fills[i], field.Custom.FillOpacity/100)
		}
	}
	for i, layer := range layers { // lines lie on all areas
		for _, run := range layer.runs(field.Custom.SpanNulls / 1000) {
			c.line(path(p.tops(run)), fills[i])
		}
	}
	s.legend(c, key, panel.Series, field)
}

func (s Sheet) axes(c *canvas, p plot, marks []float64, field grafana.Field) {
	for _, mark := range marks {
		y := p.at(p.from, mark).y
		c.rule(p.x, y, p.x+p.w, y)
		c.text(p.x-8, y+4, "m end", show(mark, grafana.Field{Unit: field.Unit}))
	}
	for minute := s.From.Truncate(time.Minute).Add(time.Minute); minute.Before(s.To); minute = minute.Add(time.Minute) {
		x := p.at(float64(minute.Unix()), 0).x
		c.rule(x, p.y, x, p.y+p.h)
		if x > p.x+corner {
			c.text(x, p.y+p.h+15, "m mid", minute.UTC().Format("15:04"))
		}
	}
}

// legend names the series that there is room for, with their latest values, and a dash for those that have ended.
func (s Sheet) legend(c *canvas, b box, series []Series, field grafana.Field) {
	fills := colors(series)
	for i, each := range series[:min(len(series), int(b.h/legendHeight))] {
		y := b.y + 12 + float64(i)*legendHeight
		value := "–"
		if float64(s.To.Unix())-each.Points[len(each.Points)-1].Time < ended {
			value = show(each.last(), field)
		}
		c.bar(box{b.x, y - 6, 12, 3}, fills[i])
		c.text(b.x+18, y, "", fit(each.title(), b.w-24-letter*float64(len(value))))
		c.text(b.x+b.w, y, "end", value)
	}
}

// edge is a layer at a time: from its base to its top.
type edge struct{ time, base, top float64 }

func (e edge) level(other edge) bool { return e.base == other.base && e.top == other.top }

type layer []edge

// layersOf are the series, each on top of those before it if they are stacked, else from nought.
func layersOf(series []Series, stacked bool) []layer {
	layers := make([]layer, len(series))
	heap := map[float64]float64{}
	for i, each := range series {
		for _, point := range each.Points {
			base := heap[point.Time]
			layers[i] = append(layers[i], edge{point.Time, base, base + point.Value})
			if stacked {
				heap[point.Time] = base + point.Value
			}
		}
	}
	return layers
}

func highest(layers []layer) float64 {
	top := 0.0
	for _, layer := range layers {
		for _, edge := range layer {
			top = max(top, edge.top)
		}
	}
	return top
}

// runs are the parts of a layer between gaps that are longer than that many seconds.
func (l layer) runs(gap float64) []layer {
	var runs []layer
	begin := 0
	for i := range l {
		if i+1 == len(l) || l[i+1].time-l[i].time > gap {
			runs = append(runs, l[begin:i+1].simple())
			begin = i + 1
		}
	}
	return runs
}

// simple is a layer without the edges that are like those before and after them.
func (l layer) simple() layer {
	var kept layer
	for i, edge := range l {
		if i > 0 && i+1 < len(l) && l[i-1].level(edge) && edge.level(l[i+1]) {
			continue
		}
		kept = append(kept, edge)
	}
	return kept
}

func (p plot) tops(run layer) []spot {
	var spots []spot
	for _, edge := range run {
		spots = append(spots, p.at(edge.time, edge.top))
	}
	return spots
}

// fill is the area between tops and bases.
func (p plot) fill(c *canvas, run layer, color string, opacity float64) {
	outline := p.tops(run)
	for _, edge := range slices.Backward(run) {
		outline = append(outline, p.at(edge.time, edge.base))
	}
	c.area(path(outline), color, opacity)
}
