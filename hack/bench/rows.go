// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// row is a line of the table. Without a bound it only informs.
type row struct {
	group, figure string
	bound         *bound
	format        string
	values        func(figures) []any
}

// show is the row's figure at one size. What could not be taken is a dash.
func (r row) show(f figures) string { return text(r.format, r.values(f)...) }

func text(format string, values ...any) string {
	return strings.ReplaceAll(fmt.Sprintf(format, values...), "NaN", "–")
}

// What is measured once, not for each size.
const (
	pollGroup  = "go test -bench"
	pollFigure = "BenchmarkPoll, the most allocated by one poll"
)

func (r *result) pollText() string { return text("%.1f kB", r.PollBytes/1e3) }

const (
	unchanged = "unchanged poll"
	change    = "changed poll"
	memoryUse = "memory"
	held      = "open"
	first     = "first looks"
	again     = "restart"
	edited    = "edit to look"
	scarce    = "half the budget"
	refused   = "429 storm"
)

var rows = []row{
	{
		"set-up", "interval, demand", nil, "%.0f s, %.1f/s",
		func(f figures) []any { return []any{f.Configuration.Interval, f.Configuration.Demand} },
	},
	{
		"set-up", "credentials, workers", nil, "%d, %d",
		func(f figures) []any { return []any{f.Configuration.Credentials, f.Configuration.Workers} },
	},
	{
		"set-up", "budget, burst", nil, "%.1f/s, %d",
		func(f figures) []any { return []any{f.Configuration.Budget.Rate, f.Configuration.Budget.Burst} },
	},

	{unchanged, "processor time", nil, "%.3f ms", func(f figures) []any { return []any{f.Steady.CPU * 1e3} }},
	{
		unchanged, "of a bare loop at this pace, before and after", nil, "%.3f, %.3f ms",
		func(f figures) []any { return []any{f.Before.CPU * 1e3, f.After.CPU * 1e3} },
	},
	{unchanged, "of a bare loop flat out", nil, "%.3f ms", func(f figures) []any { return []any{f.FlatOut.CPU * 1e3} }},
	{unchanged, "ratio to the bare loop at this pace", &unchangedCPU, "%.2f", func(f figures) []any { return []any{f.Steady.Ratio} }},
	{unchanged, "allocated, live", nil, "%.1f kB, %.0f objects", func(f figures) []any { return []any{f.Steady.Bytes / 1e3, f.Steady.Objects} }},
	{unchanged, "API server requests in all polls", &noRequests, "%.0f in %d", func(f figures) []any { return []any{f.Steady.Requests, f.Steady.Looks} }},
	{unchanged, "API server writes in all polls", &noWrites, "%.0f in %d", func(f figures) []any { return []any{f.Steady.Writes, f.Steady.Looks} }},
	{unchanged, "reads of the Secret", &secretReads, "%.0f in %.0f s", func(f figures) []any { return []any{f.Steady.SecretReads, f.Steady.Seconds} }},
	{unchanged, "watches renewed, tokens asked for", nil, "%.0f, %d", func(f figures) []any { return []any{f.Steady.Watches, f.Steady.Tokens} }},
	{unchanged, "processor time of the API server, above idle", nil, "%.3f ms", func(f figures) []any { return []any{f.Steady.APICPU * 1e3} }},

	{change, "patches for all changes", &onePatch, "%.0f for %d", func(f figures) []any { return []any{f.Changed.Patches, f.Changed.Numbers} }},

	{memoryUse, "resident, peak: from the start, from the restart", &peakMemory, "%.1f, %.1f MB", func(f figures) []any { return []any{f.Start.Peak / megabyte, f.Steady.Peak / megabyte} }},
	{
		memoryUse, "resident in the end: its own, of its program file", nil, "%.1f, %.1f MB",
		func(f figures) []any { return []any{f.Steady.OwnPages / megabyte, f.Steady.FilePages / megabyte} },
	},
	{memoryUse, "resident, without numbers", nil, "%.1f MB", func(f figures) []any { return []any{f.Baseline.Resident / megabyte} }},
	{
		memoryUse, "live heap, with and without numbers", nil, "%.1f, %.1f MB",
		func(f figures) []any { return []any{f.Steady.LiveHeap / megabyte, f.Baseline.LiveHeap / megabyte} },
	},
	{memoryUse, "live heap for each number", &heapPerNumber, "%.2f KiB", func(f figures) []any { return []any{f.Steady.PerNumber / kibibyte} }},

	{held, "sockets at begin and end", &flatSockets, "%d, %d", func(f figures) []any { return []any{f.Steady.Sockets[0], f.Steady.Sockets[1]} }},
	{held, "goroutines at begin and end", &flatGoroutines, "%d, %d", func(f figures) []any { return []any{f.Steady.Goroutines[0], f.Steady.Goroutines[1]} }},

	{first, "all looked at, all written, after", nil, "%.1f, %.1f s", func(f figures) []any { return []any{f.Start.Seen, f.Start.Written} }},
	{first, "set by", nil, "%s", func(f figures) []any { return []any{f.Start.SetBy} }},
	{first, "looks, but for the burst", nil, "%.1f/s", func(f figures) []any { return []any{f.Start.Rate} }},
	{first, "workers busy, of that writing", nil, "%.0f %%, %.0f %%", func(f figures) []any { return []any{f.Start.WorkersBusy * 100, f.Start.APIShare * 100} }},
	{first, "cores busy: operator, API server", nil, "%.2f, %.2f", func(f figures) []any { return []any{f.Start.Cores, f.Start.APICores} }},
	{first, "events written", nil, "%.0f", func(f figures) []any { return []any{f.Start.Events} }},

	{again, "most looks in 10 s over mean", &restartPeak, "%.2f", func(f figures) []any { return []any{f.Restart.PeakMean} }},
	{again, "status writes", &restartWrites, "%.0f", func(f figures) []any { return []any{f.Restart.Writes} }},

	{edited, "p50, p99, most", &editDelay, "%.3f, %.3f, %.3f s", func(f figures) []any { return f.Edits.values() }},

	{scarce, "budget, burst", nil, "%.1f/s, %d", func(f figures) []any { return []any{f.Configuration.Overload.Rate, f.Configuration.Overload.Burst} }},
	{scarce, "edit to look: p50, p99, most", &overloadDelay, "%.3f, %.3f, %.3f s", func(f figures) []any { return f.Overload.Edits.values() }},
	{scarce, "longest without a look", &overloadGap, "%.2f intervals", func(f figures) []any { return []any{f.Overload.LongestGap / f.Configuration.Interval} }},
	{scarce, "most overdue by the gauge", nil, "%.1f s", func(f figures) []any { return []any{f.Overload.Overdue} }},

	{refused, "looks during the pause", &stormPause, "%d in %.0f s", func(f figures) []any { return []any{f.Storm.During, f.Storm.Pause} }},
	{refused, "most looks in 1 s afterwards", &stormRate, "%d", func(f figures) []any { return []any{f.Storm.Peak} }},
}

func (d delays) values() []any { return []any{d.Median, d.P99, d.Max} }
