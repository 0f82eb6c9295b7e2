// SPDX-License-Identifier: Apache-2.0

package grafana

import (
	"encoding/json"
	"slices"
	"testing"
)

// core are the panels that every Grafana has since version 10.
var core = []string{"bargauge", "row", "stat", "table", "timeseries"}

func TestTheDashboardIsOneThatGrafanaTakes(t *testing.T) {
	var is struct {
		Board
		UID           string
		SchemaVersion int
		Templating    struct{ List []struct{ Name, Type string } }
	}
	if err := json.Unmarshal(dashboard, &is); err != nil {
		t.Fatal(err)
	}
	if is.Title == "" || is.UID == "" || is.SchemaVersion < 38 {
		t.Errorf("title %q, uid %q, schema version %d", is.Title, is.UID, is.SchemaVersion)
	}
	if list := is.Templating.List; len(list) == 0 || list[0].Name != "datasource" || list[0].Type != "datasource" {
		t.Errorf("the first variable does not choose the data source: %v", list)
	}
	ids := map[int]string{}
	for _, panel := range is.Panels {
		if other, taken := ids[panel.ID]; taken {
			t.Errorf("%q and %q have the same id", panel.Title, other)
		}
		ids[panel.ID] = panel.Title
		if !slices.Contains(core, panel.Type) {
			t.Errorf("%q is a %s, which not every Grafana has", panel.Title, panel.Type)
		}
		if at := panel.GridPos; at.W < 1 || at.H < 1 || at.X < 0 || at.X+at.W > 24 {
			t.Errorf("%q stands outside the grid: %+v", panel.Title, at)
		}
		if panel.Type != "row" && (len(panel.Targets) == 0 || panel.Datasource.UID != "${datasource}") {
			t.Errorf("%q asks nothing, or not the chosen data source", panel.Title)
		}
	}
}

func TestNoTwoPanelsOverlap(t *testing.T) {
	var is Board
	if err := json.Unmarshal(dashboard, &is); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	for _, panel := range is.Panels {
		at := panel.GridPos
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other, full := taken[[2]int{x, y}]; full {
					t.Fatalf("%q lies on %q", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
	}
}

func TestVariablesAreFilledIn(t *testing.T) {
	queries, err := Queries()
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) < 20 {
		t.Errorf("there are only %d queries", len(queries))
	}
}
