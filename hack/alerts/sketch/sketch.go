// SPDX-License-Identifier: Apache-2.0

// Package sketch draws what the dashboard's queries found, as SVG and in the dashboard's layout, for docs: Grafana is not
// needed for it, and it does not imitate all that Grafana does.
package sketch

import (
	"cmp"
	"fmt"
	"time"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// Sheet is the dashboard with what its queries found in a span of time.
type Sheet struct {
	Title, Note string
	From, To    time.Time
	Panels      []Panel
}

// Panel is a panel with what its queries found.
type Panel struct {
	grafana.Panel
	Series []Series
}

// Series is a line, or for a query about now, one value.
type Series struct {
	Name   string // as its legend calls it
	Labels map[string]string
	Points []Point
}

// Point is a value at a time, in seconds since 1970.
type Point struct{ Time, Value float64 }

// title is a series' name, or a dash if all that its name is made of is empty.
func (s Series) title() string { return cmp.Or(s.Name, "–") }

func (s Series) last() float64 { return s.Points[len(s.Points)-1].Value }

// The sheet's measures, in pixels. A cell is one of the 24 columns and its rows.
const (
	width      = 1400.0
	margin     = 16.0
	header     = 62.0
	cellWidth  = (width - 2*margin) / 24
	cellHeight = 27.0
	gap        = 8.0
	titleBar   = 28.0
)

// box is where something stands.
type box struct{ x, y, w, h float64 }

// inner is the box less its edges.
func (b box) inner(left, top, right, bottom float64) box {
	return box{b.x + left, b.y + top, b.w - left - right, b.h - top - bottom}
}

func (p Panel) box() box {
	at := p.GridPos
	return box{margin + float64(at.X)*cellWidth + gap/2, header + float64(at.Y)*cellHeight, float64(at.W)*cellWidth - gap, float64(at.H)*cellHeight - gap}
}

// SVG draws the sheet. A panel of a kind that it cannot draw is an error.
func (s Sheet) SVG() ([]byte, error) {
	height := header
	for _, panel := range s.Panels {
		height = max(height, panel.box().y+panel.box().h)
	}
	c := newCanvas(width, height+margin)
	c.text(margin+gap/2, 31, "h", s.Title)
	c.text(margin+gap/2, 50, "m", s.Note)
	c.text(width-margin-gap/2, 31, "m end", s.From.UTC().Format("2006-01-02 15:04")+" to "+s.To.UTC().Format("15:04")+" UTC")
	for _, panel := range s.Panels {
		if err := s.draw(c, panel); err != nil {
			return nil, err
		}
	}
	return c.close(), nil
}

func (s Sheet) draw(c *canvas, p Panel) error {
	b := p.box()
	if p.Type == "row" {
		c.text(b.x, b.y+15, "r", p.Title)
		return nil
	}
	c.rect(b, "card")
	c.text(b.x+10, b.y+18, "t", p.Title)
	content := b.inner(10, titleBar, 10, 8)
	if len(p.Series) == 0 {
		c.text(b.x+b.w/2, b.y+b.h/2, "m mid", "No data")
		return nil
	}
	switch p.Type {
	case "stat":
		s.stat(c, content, p)
	case "timeseries":
		s.timeseries(c, content, p)
	case "table":
		table(c, content, p)
	case "bargauge":
		bars(c, content, p)
	default:
		return fmt.Errorf("panel %q is a %s, which cannot be drawn", p.Title, p.Type)
	}
	return nil
}
