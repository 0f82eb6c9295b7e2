// SPDX-License-Identifier: Apache-2.0

// Package grafana holds the dashboard, and reads it for whoever wants to run its queries without Grafana.
package grafana

// Query is one that a panel asks.
type Query struct {
	Panel string
	// Expr is PromQL, as Grafana would send it: of all namespaces, with rates over five minutes.
	Expr string
}

// Queries are all that the dashboard asks, in its order.
func Queries() ([]Query, error) {
	board, err := Read("5m")
	if err != nil {
		return nil, err
	}
	var queries []Query
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			queries = append(queries, Query{panel.Title, target.Expr})
		}
	}
	return queries, nil
}
