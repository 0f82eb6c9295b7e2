// SPDX-License-Identifier: Apache-2.0

//go:build live && picture

package alerts

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
	"github.com/activenumber-operator/activenumber-operator/hack/alerts/sketch"
)

// TestPicture draws docs/dashboard.svg: what the dashboard's queries find in minutes of a fleet that has some life in it.
func TestPicture(t *testing.T) {
	f := newFleet(t)
	for _, each := range []string{namespace, "marketing", "support"} {
		f.open(each, "secret")
	}
	f.open("trial", "wrong")
	p := startPrometheus(t, f.rules(), f.metrics, f.scraper(), freeAddress(t)) // where nobody hears of alerts
	var all []member
	for _, herd := range herds {
		all = append(all, f.raise(herd)...)
	}
	f.startOperator()
	await(t, "the first scrape", func() bool { return len(p.query(t, "activenumber_numbers")) > 0 })
	from := time.Now()
	for _, scene := range f.scenes(all, p) {
		select {
		case <-time.After(time.Until(from.Add(scene.at))):
			scene.play()
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
	picture, err := p.sketch(t, from, time.Now()).SVG()
	if err == nil {
		err = os.WriteFile(filepath.Join(f.plane.Root, "docs", "dashboard.svg"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sketch is the dashboard with all that its queries find in that time. A panel that finds nothing fails the test.
func (p *prometheus) sketch(t *testing.T, from, to time.Time) sketch.Sheet {
	t.Helper()
	board, err := grafana.Read("30s")
	if err != nil {
		t.Fatal(err)
	}
	note := "What the queries of this dashboard find in a real Prometheus that scrapes the operator, which mirrors numbers of a scripted Sinch."
	sheet := sketch.Sheet{Title: board.Title, Note: note, From: from, To: to}
	for _, panel := range board.Panels {
		drawn := sketch.Panel{Panel: panel}
		for _, target := range panel.Targets {
			drawn.Series = append(drawn.Series, p.find(t, target, from, to)...)
		}
		if len(panel.Targets) > 0 && len(drawn.Series) == 0 {
			t.Errorf("%q finds nothing", panel.Title)
		}
		sheet.Panels = append(sheet.Panels, drawn)
	}
	return sheet
}

// find is what a query finds: every two seconds of that time, or at its end.
func (p *prometheus) find(t *testing.T, target grafana.Target, from, to time.Time) []sketch.Series {
	t.Helper()
	question := fmt.Sprintf("query_range?start=%d&end=%d&step=2", from.Unix(), to.Unix())
	if target.Instant {
		question = fmt.Sprintf("query?time=%d", to.Unix())
	}
	var found struct{ Result []series }
	p.get(t, question+"&query="+url.QueryEscape(target.Expr), &found)
	var all []sketch.Series
	for _, each := range found.Result {
		if target.Instant {
			each.Values = [][2]any{each.Value}
		}
		if points := points(t, each.Values); len(points) > 0 {
			all = append(all, sketch.Series{Name: legend(target.LegendFormat, each.Metric), Labels: each.Metric, Points: points})
		}
	}
	return all
}

// points are values but for those that are not a number, such as how long nothing took.
func points(t *testing.T, values [][2]any) []sketch.Point {
	t.Helper()
	var points []sketch.Point
	for _, each := range values {
		at, isNumber := each[0].(float64)
		value, err := strconv.ParseFloat(fmt.Sprint(each[1]), 64)
		if !isNumber || err != nil {
			t.Fatalf("%v is no value: %v", each, err)
		}
		if !math.IsNaN(value) {
			points = append(points, sketch.Point{Time: at, Value: value})
		}
	}
	return points
}

var placeholder = regexp.MustCompile(`{{(\w+)}}`)

// legend is how a series is called.
func legend(format string, labels map[string]string) string {
	return strings.TrimSpace(placeholder.ReplaceAllStringFunc(format, func(name string) string {
		return labels[strings.Trim(name, "{}")]
	}))
}
