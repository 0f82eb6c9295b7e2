// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	matrixLine = regexp.MustCompile(`^(True|False|Unknown)\s+(.+)$`)
	borrowing  = regexp.MustCompile(`the reason of (\w+) if that is (\w+)`)
)

// condition is a type of condition with the rows of its matrix.
type condition struct {
	constant
	Rows []row
}

// row holds the reasons that go with a status. Borrowed says when each holds, if they are another condition's.
type row struct {
	Status, Borrowed string
	Reasons          []string
}

// reason is a reason with the types of condition that may give it, by their status.
type reason struct {
	constant
	Places map[string][]string
}

func conditionsOf(constants []constant) ([]condition, error) {
	var found []condition
	above := map[string][]string{}
	for _, c := range constants {
		if !strings.HasPrefix(c.Name, "Condition") {
			continue
		}
		if c.Matrix == "" {
			return nil, fmt.Errorf("%s has no matrix: its comment must list the reasons of each status, indented", c.Name)
		}
		next := condition{constant: c}
		for line := range strings.Lines(c.Matrix) {
			read, err := rowOf(strings.TrimSpace(line), above)
			if err != nil {
				return nil, fmt.Errorf("the matrix of %s: %w", c.Name, err)
			}
			above[c.Value+" "+read.Status] = read.Reasons
			next.Rows = append(next.Rows, read)
		}
		found = append(found, next)
	}
	return found, nil
}

func rowOf(line string, above map[string][]string) (row, error) {
	parts := matrixLine.FindStringSubmatch(line)
	if parts == nil {
		return row{}, fmt.Errorf("%q does not begin with True, False or Unknown", line)
	}
	lenders := borrowing.FindAllStringSubmatch(parts[2], -1)
	if lenders == nil {
		return row{Status: parts[1], Reasons: strings.Split(parts[2], ", ")}, nil
	}
	borrowed := row{Status: parts[1], Borrowed: parts[2]}
	for _, lender := range lenders {
		reasons := above[lender[1]+" "+lender[2]]
		if reasons == nil {
			return row{}, fmt.Errorf("no condition above it is %s and can be %s", lender[1], lender[2])
		}
		borrowed.Reasons = append(borrowed.Reasons, reasons...)
	}
	return borrowed, nil
}

// reasonsOf returns the reasons by the alphabet, as a reader looks one up.
func reasonsOf(constants []constant, conditions []condition) ([]reason, error) {
	places := placesIn(conditions)
	var found []reason
	for _, c := range constants {
		if !strings.HasPrefix(c.Name, "Reason") {
			continue
		}
		if places[c.Value] == nil {
			return nil, fmt.Errorf("%s stands in no matrix: add it to that of its condition, or remove it", c.Name)
		}
		found = append(found, reason{c, places[c.Value]})
		delete(places, c.Value)
	}
	if unknown := slices.Sorted(maps.Keys(places)); unknown != nil {
		return nil, fmt.Errorf("a matrix names reasons that no constant has: %s", strings.Join(unknown, ", "))
	}
	slices.SortFunc(found, func(a, b reason) int { return cmp.Compare(a.Value, b.Value) })
	return found, nil
}

func placesIn(conditions []condition) map[string]map[string][]string {
	places := map[string]map[string][]string{}
	for _, c := range conditions {
		for _, r := range c.Rows {
			for _, name := range r.Reasons {
				if places[name] == nil {
					places[name] = map[string][]string{}
				}
				places[name][r.Status] = append(places[name][r.Status], c.Value)
			}
		}
	}
	return places
}
