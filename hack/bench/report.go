// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// result is all that is reported.
type result struct {
	Go        string    `json:"go"`
	System    string    `json:"system"`
	Cores     int       `json:"cores"`
	Processor string    `json:"processor"`
	PollBytes number    `json:"benchmarkPollBytes"` // the most of all its runs
	Sizes     []figures `json:"sizes"`
	Missed    []string  `json:"missed"`
}

func newResult() *result {
	return &result{
		Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Processor: processor(),
		PollBytes: number(math.NaN()), Missed: []string{},
	}
}

// report prints and writes what was measured, and fails if a bound is missed.
func (r *result) report(file string) error {
	if len(r.Sizes) == 0 {
		return nil
	}
	r.judge()
	if err := r.write(file); err != nil {
		return err
	}
	fmt.Print("\n", r.table(), "\n")
	if len(r.Missed) > 0 {
		return fmt.Errorf("missed:\n  %s", strings.Join(r.Missed, "\n  "))
	}
	say("every bound is kept")
	return nil
}

// judge collects the bounds that are missed.
func (r *result) judge() {
	for _, row := range rows {
		for _, f := range r.Sizes {
			if row.bound != nil && row.bound.judge(f) == missed {
				r.Missed = append(r.Missed, fmt.Sprintf("%s, %s, at %s numbers: %s; must be %s",
					row.group, row.figure, thousands(f.Numbers), row.show(f), row.bound.says))
			}
		}
	}
	if r.pollVerdict() == missed {
		r.Missed = append(r.Missed, fmt.Sprintf("%s, %s: %s; must be %s", pollGroup, pollFigure, r.pollText(), pollBound))
	}
}

func (r *result) write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// table is the result for people.
func (r *result) table() string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")) }
	header := []string{"", ""}
	for _, f := range r.Sizes {
		header = append(header, thousands(f.Numbers)+" NUMBERS")
	}
	line(append(header, "BOUND", "VERDICT")...)
	group := ""
	for _, row := range rows {
		cells := []string{"", row.figure}
		if row.group != group {
			cells[0], group = row.group, row.group
		}
		for _, f := range r.Sizes {
			cells = append(cells, row.show(f))
		}
		if row.bound != nil {
			line(append(cells, row.bound.says, r.verdict(*row.bound))...)
		} else {
			line(append(cells, "", "")...)
		}
	}
	once := append([]string{pollGroup, pollFigure, r.pollText()}, make([]string, len(r.Sizes)-1)...)
	line(append(once, pollBound, spell(r.pollVerdict(), ""))...)
	_ = table.Flush() // a string takes all
	lines := []string{fmt.Sprintf("%s, %s, %d cores, %s", r.Go, r.System, r.Cores, r.Processor), ""}
	for each := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimRight(each, " \n"))
	}
	return strings.Join(lines, "\n") + "\n"
}

// verdict sums up a bound over all sizes.
func (r *result) verdict(b bound) string {
	sum, where := unjudged, []string{}
	for _, f := range r.Sizes {
		verdict := b.judge(f)
		sum = max(sum, verdict)
		if verdict == missed {
			where = append(where, thousands(f.Numbers))
		}
	}
	return spell(sum, " at "+strings.Join(where, ", "))
}

func spell(v verdict, where string) string {
	switch v {
	case kept:
		return "kept"
	case missed:
		return "MISSED" + where
	}
	return ""
}
