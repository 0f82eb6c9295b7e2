// SPDX-License-Identifier: Apache-2.0

package grafana

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed activenumbers.json
var dashboard []byte

// Board is the dashboard, as far as it takes to ask its queries and to draw what they find.
type Board struct {
	Title  string
	Panels []Panel
}

// Panel is one of the dashboard, under Grafana's own names.
type Panel struct {
	ID          int
	Type, Title string
	Datasource  struct{ Type, UID string }
	GridPos     struct{ H, W, X, Y int }
	FieldConfig struct {
		Defaults  Field
		Overrides []struct {
			Matcher    struct{ Options string } // the name of a column
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Transformations []struct {
		Options struct {
			ExcludeByName map[string]bool
			IndexByName   map[string]int
			RenameByName  map[string]string
		}
	}
	Targets []Target
}

// Field says how a panel shows its values.
type Field struct {
	Unit       string
	Decimals   *int
	Thresholds struct {
		Steps []struct {
			Color string
			Value float64
		}
	}
	Custom struct {
		FillOpacity float64
		SpanNulls   float64 // milliseconds
		Stacking    struct{ Mode string }
	}
}

// Target is a query of a panel: PromQL, how its series are called, and whether it is about now only.
type Target struct {
	Expr         string
	LegendFormat string
	Instant      bool
}

// Read returns the dashboard with its queries as Grafana would send them: about all namespaces, with rates over that time.
func Read(rateInterval string) (Board, error) {
	var board Board
	if err := json.Unmarshal(dashboard, &board); err != nil {
		return Board{}, fmt.Errorf("read the dashboard: %w", err)
	}
	filled := strings.NewReplacer("$namespace", ".*", "$__rate_interval", rateInterval)
	for _, panel := range board.Panels {
		for i := range panel.Targets {
			target := &panel.Targets[i]
			target.Expr = filled.Replace(target.Expr)
			if strings.Contains(target.Expr, "$") {
				return Board{}, fmt.Errorf("panel %q: nothing fills in a variable of %s", panel.Title, target.Expr)
			}
		}
	}
	return board, nil
}
