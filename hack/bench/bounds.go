// SPDX-License-Identifier: Apache-2.0

package main

import "math"

// verdict is what became of a bound.
type verdict int

const (
	unjudged verdict = iota // the bound says nothing about this size
	kept
	missed
)

// bound is what a figure must keep. They are ratios and counts, so that they hold on any machine; but for the memory, the
// delay of edits, and what stands for itself.
type bound struct {
	says  string
	judge func(figures) verdict
}

// The bounds. None is ever loosened to pass.
var (
	unchangedCPU = bound{"≤ 1.3", atMost(1.3, func(f figures) number { return f.Steady.Ratio })}
	noRequests   = bound{"0", atMost(0, func(f figures) number { return f.Steady.Requests })}
	noWrites     = bound{"0", atMost(0, func(f figures) number { return f.Steady.Writes })}
	// One read a minute, and one more since a window may begin just before a read.
	secretReads = bound{"1 a minute", func(f figures) verdict {
		allowed := math.Ceil(float64(f.Steady.Seconds)/60) + 1
		return decide(float64(f.Steady.SecretReads) <= allowed*float64(f.Configuration.Credentials))
	}}
	onePatch = bound{"exactly 1 each", func(f figures) verdict {
		return decide(f.Changed.Looked == f.Changed.Numbers && f.Changed.Patches == number(f.Changed.Numbers))
	}}
	peakMemory = bound{"≤ 60 MB at 1,000, ≤ 110 MB at 10,000", func(f figures) verdict {
		peak := max(f.Start.Peak, f.Steady.Peak)
		switch {
		case f.Numbers <= 1_000:
			return decide(peak <= 60*megabyte)
		case f.Numbers <= 10_000:
			return decide(peak <= 110*megabyte)
		}
		return unjudged
	}}
	heapPerNumber = bound{"≤ 4 KiB", atMost(4*kibibyte, func(f figures) number { return f.Steady.PerNumber })}
	// Flat allows for a few that come and go with the looks that are under way.
	flatSockets    = bound{"flat (+10)", func(f figures) verdict { return decide(f.Steady.Sockets[1] <= f.Steady.Sockets[0]+10) }}
	flatGoroutines = bound{"flat (+10)", func(f figures) verdict { return decide(f.Steady.Goroutines[1] <= f.Steady.Goroutines[0]+10) }}
	restartPeak    = bound{"≤ 1.3 at 10,000", func(f figures) verdict {
		if f.Numbers < 10_000 {
			return unjudged // so few looks in 10 s differ by more than that by chance
		}
		return decide(f.Restart.PeakMean <= 1.3)
	}}
	restartWrites = bound{"0", atMost(0, func(f figures) number { return f.Restart.Writes })}
	editDelay     = bound{"≤ 1 s", atMost(1, func(f figures) number { return f.Edits.P99 })}
	overloadDelay = bound{"≤ 1 s", atMost(1, func(f figures) number { return f.Overload.Edits.P99 })}
	// A number that was not looked at for a time was overdue for all of that but an interval at most.
	overloadGap = bound{"≤ 3, or the gauge says so", func(f figures) verdict {
		interval := f.Configuration.Interval
		return decide(f.Overload.LongestGap <= 3*interval || f.Overload.Overdue >= f.Overload.LongestGap-interval-number(sampleEvery.Seconds()))
	}}
	stormPause = bound{"0", func(f figures) verdict { return decide(f.Storm.During == 0) }}
	stormRate  = bound{"≤ the budget's rate", func(f figures) verdict { return decide(float64(f.Storm.Peak) <= f.Configuration.Budget.Rate) }}
)

// pollBound is what a look that finds nothing new may allocate: 20 KB.
const pollBound = "≤ 20 kB"

func (r *result) pollVerdict() verdict { return decide(r.PollBytes <= 20_000) }

const (
	kibibyte = 1024
	megabyte = 1_000_000
)

// atMost judges every size by one limit. What could not be measured misses it.
func atMost(limit number, value func(figures) number) func(figures) verdict {
	return func(f figures) verdict { return decide(value(f) <= limit) }
}

func decide(holds bool) verdict {
	if holds {
		return kept
	}
	return missed
}
