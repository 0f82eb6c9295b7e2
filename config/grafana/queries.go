// SPDX-License-Identifier: Apache-2.0

// Package grafana holds the dashboard, and lists its queries for whoever wants to run them without Grafana.
package grafana

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed activenumbers.json
var dashboard []byte

// Query is one that a panel asks.
type Query struct {
	Panel string
	// Expr is PromQL, as Grafana would send it: of all namespaces, with rates over five minutes.
	Expr string
}

// filled are the variables of the dashboard and of Grafana, as Grafana fills them in.
var filled = strings.NewReplacer("$namespace", ".*", "$__rate_interval", "5m")

type board struct {
	Panels []panel
}

type panel struct {
	ID          int
	Type, Title string
	Datasource  struct{ Type, UID string }
	GridPos     struct{ H, W, X, Y int }
	Targets     []struct{ Expr string }
}

// Queries are all that the dashboard asks, in its order.
func Queries() ([]Query, error) {
	var board board
	if err := json.Unmarshal(dashboard, &board); err != nil {
		return nil, fmt.Errorf("read the dashboard: %w", err)
	}
	var queries []Query
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			expr := filled.Replace(target.Expr)
			if strings.Contains(expr, "$") {
				return nil, fmt.Errorf("panel %q: nothing fills in a variable of %s", panel.Title, expr)
			}
			queries = append(queries, Query{panel.Title, expr})
		}
	}
	return queries, nil
}
