// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// words are all that an SVG says.
func words(t *testing.T, svg []byte) []string {
	t.Helper()
	var words []string
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return words
		}
		if err != nil {
			t.Fatalf("this is no XML: %v", err)
		}
		if text, is := token.(xml.CharData); is {
			words = append(words, string(text))
		}
	}
}

func read(t *testing.T) grafana.Board {
	t.Helper()
	board, err := grafana.Read("30s")
	if err != nil {
		t.Fatal(err)
	}
	return board
}

func TestThePictureInDocsShowsEveryPanel(t *testing.T) {
	picture, err := os.ReadFile("../../../docs/dashboard.svg")
	if err != nil {
		t.Fatal(err)
	}
	said := words(t, picture)
	for _, panel := range read(t).Panels {
		if !slices.Contains(said, panel.Title) {
			t.Errorf("there is no %q: run make picture", panel.Title)
		}
	}
	if slices.Contains(said, "No data") {
		t.Error("a panel is empty")
	}
}

func TestEveryPanelIsDrawnWhateverItFinds(t *testing.T) {
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	at := float64(now.Unix())
	labels := map[string]string{"namespace": "telephony", "name": "<support> & sales", "currency": "EUR"}
	for name, series := range map[string][]Series{
		"nothing":  nil,
		"a point":  {{"<b>", labels, []Point{{at, 3}}}},
		"nought":   {{"", labels, []Point{{at - 60, 0}, {at, 0}}}},
		"a gap":    {{"True: Ready", labels, []Point{{at - 300, 1}, {at - 298, 1}, {at, 2}}}, {"False: Drifted", labels, []Point{{at - 300, 1e9}}}},
		"too many": slices.Repeat([]Series{{"False: Drifted", labels, []Point{{at - 2, 1.5}, {at, 2.5}}}}, 60),
	} {
		t.Run(name, func(t *testing.T) {
			sheet := Sheet{Title: "All & sundry", From: now.Add(-5 * time.Minute), To: now}
			for _, panel := range read(t).Panels {
				sheet.Panels = append(sheet.Panels, Panel{panel, series})
			}
			svg, err := sheet.SVG()
			if err != nil {
				t.Fatal(err)
			}
			if said := words(t, svg); !slices.Contains(said, "All & sundry") || strings.Contains(string(svg), "NaN") {
				t.Errorf("the title is missing, or a place is not a number")
			}
		})
	}
}

func TestAPanelOfAnotherKindIsAnError(t *testing.T) {
	panel := Panel{grafana.Panel{Type: "heatmap", Title: "Heat"}, []Series{{"", nil, []Point{{0, 1}}}}}
	if _, err := (Sheet{Panels: []Panel{panel}}).SVG(); err == nil || !strings.Contains(err.Error(), "heatmap") {
		t.Errorf("the error is %v", err)
	}
}

func TestValuesAreShownInTheirUnits(t *testing.T) {
	two := 2
	for want, is := range map[string]struct {
		value float64
		field grafana.Field
	}{
		"12":               {12, grafana.Field{Unit: "short"}},
		"1.23 K":           {1234, grafana.Field{Unit: "short"}},
		"102.00":           {102, grafana.Field{Unit: "short", Decimals: &two}},
		"0 s":              {0, grafana.Field{Unit: "s"}},
		"143 ms":           {.1432, grafana.Field{Unit: "s"}},
		"28.4 s":           {28.43, grafana.Field{Unit: "s"}},
		"2.5 min":          {150, grafana.Field{Unit: "s"}},
		"0.03 req/s":       {.0333, grafana.Field{Unit: "reqps"}},
		"42.2 MiB":         {42.2 * (1 << 20), grafana.Field{Unit: "bytes"}},
		"2026-10-01 12:00": {1790856000000, grafana.Field{Unit: "dateTimeAsIso"}},
	} {
		if got := show(is.value, is.field); got != want {
			t.Errorf("%v %s is shown as %q, want %q", is.value, is.field.Unit, got, want)
		}
	}
}

func TestAxesHaveRoundMarks(t *testing.T) {
	for name, is := range map[string]struct {
		highest float64
		unit    string
		want    []float64
	}{
		"numbers are whole":      {1, "short", []float64{0, 1}},
		"many numbers":           {68, "short", []float64{0, 20, 40, 60, 80}},
		"rates have halves":      {.9, "reqps", []float64{0, .25, .5, .75, 1}},
		"minutes":                {150, "s", []float64{0, 60, 120, 180}},
		"nothing":                {0, "short", []float64{0, 1}},
		"bytes are powers of 2":  {45 << 20, "bytes", []float64{0, 20 << 20, 40 << 20, 60 << 20}},
		"fractions of a second":  {.26, "s", []float64{0, .1, .2, .3}},
		"hours, if need be more": {9000, "s", []float64{0, 3600, 7200, 10800}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ticks(is.highest, is.unit)
			if !slices.EqualFunc(got, is.want, func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }) {
				t.Errorf("marks %v, want %v", got, is.want)
			}
		})
	}
}
