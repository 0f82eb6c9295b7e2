// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"testing"
)

// good are figures that keep every bound at that size.
func good(size int) figures {
	f := figures{Numbers: size, Configuration: configure(size)}
	f.Start.Peak = 60 * megabyte
	f.Steady = steady{
		pace: pace{Seconds: 60, Looks: 2000}, Peak: 60 * megabyte, Ratio: 1.3, SecretReads: 2, PerNumber: 4 * kibibyte,
		Sockets: [2]int{5, 15}, Goroutines: [2]int{70, 80},
	}
	f.Changed = changes{Numbers: 100, Looked: 100, Patches: 100}
	f.Restart.PeakMean = 1.3
	f.Edits.P99, f.Overload.Edits.P99 = 1, 1
	f.Overload.LongestGap = 3 * f.Configuration.Interval
	f.Storm.Peak = int(f.Configuration.Budget.Rate)
	return f
}

func TestBounds(t *testing.T) {
	nan := number(math.NaN())
	tests := map[string]struct {
		size   int
		change func(*figures)
		bound  bound
		want   verdict
	}{
		"a poll that costs more":               {1_000, func(f *figures) { f.Steady.Ratio = 1.301 }, unchangedCPU, missed},
		"a ratio that could not be taken":      {1_000, func(f *figures) { f.Steady.Ratio = nan }, unchangedCPU, missed},
		"one request":                          {1_000, func(f *figures) { f.Steady.Requests = 1 }, noRequests, missed},
		"requests that could not be counted":   {1_000, func(f *figures) { f.Steady.Requests = nan }, noRequests, missed},
		"one write":                            {1_000, func(f *figures) { f.Steady.Writes = 1 }, noWrites, missed},
		"a third read of the Secret":           {1_000, func(f *figures) { f.Steady.SecretReads = 3 }, secretReads, missed},
		"a third read in two minutes":          {1_000, func(f *figures) { f.Steady.SecretReads, f.Steady.Seconds = 3, 120 }, secretReads, kept},
		"a patch too many":                     {1_000, func(f *figures) { f.Changed.Patches = 101 }, onePatch, missed},
		"a patch too few":                      {1_000, func(f *figures) { f.Changed.Patches = 99 }, onePatch, missed},
		"a change that was not looked at":      {1_000, func(f *figures) { f.Changed.Looked = 99 }, onePatch, missed},
		"too much memory":                      {1_000, func(f *figures) { f.Start.Peak++ }, peakMemory, missed},
		"more memory for more numbers":         {10_000, func(f *figures) { f.Start.Peak = 110 * megabyte }, peakMemory, kept},
		"too much memory for more numbers":     {10_000, func(f *figures) { f.Steady.Peak = 110*megabyte + 1 }, peakMemory, missed},
		"any memory for very many numbers":     {50_000, func(f *figures) { f.Start.Peak = 500 * megabyte }, peakMemory, unjudged},
		"a larger number":                      {1_000, func(f *figures) { f.Steady.PerNumber++ }, heapPerNumber, missed},
		"a heap that could not be measured":    {1_000, func(f *figures) { f.Steady.PerNumber = nan }, heapPerNumber, missed},
		"more sockets":                         {1_000, func(f *figures) { f.Steady.Sockets[1]++ }, flatSockets, missed},
		"more goroutines":                      {1_000, func(f *figures) { f.Steady.Goroutines[1]++ }, flatGoroutines, missed},
		"a herd after a restart":               {10_000, func(f *figures) { f.Restart.PeakMean = 1.301 }, restartPeak, missed},
		"a herd of few":                        {1_000, func(f *figures) { f.Restart.PeakMean = 1.301 }, restartPeak, unjudged},
		"a write after a restart":              {1_000, func(f *figures) { f.Restart.Writes = 1 }, restartWrites, missed},
		"an edit that waits":                   {1_000, func(f *figures) { f.Edits.P99 = 1.001 }, editDelay, missed},
		"no edit at all":                       {1_000, func(f *figures) { f.Edits.P99 = nan }, editDelay, missed},
		"an edit that waits when overloaded":   {1_000, func(f *figures) { f.Overload.Edits.P99 = 1.001 }, overloadDelay, missed},
		"a number that is forgotten":           {1_000, func(f *figures) { f.Overload.LongestGap = 91 }, overloadGap, missed},
		"a number that is late without gauge":  {1_000, func(f *figures) { f.Overload.LongestGap, f.Overload.Overdue = 91, nan }, overloadGap, missed},
		"a number that is late, and it shows":  {1_000, func(f *figures) { f.Overload.LongestGap, f.Overload.Overdue = 91, 60 }, overloadGap, kept},
		"a number that is later than it shows": {1_000, func(f *figures) { f.Overload.LongestGap, f.Overload.Overdue = 91, 55 }, overloadGap, missed},
		"a look during the pause":              {1_000, func(f *figures) { f.Storm.During = 1 }, stormPause, missed},
		"a burst after the pause":              {1_000, func(f *figures) { f.Storm.Peak++ }, stormRate, missed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := good(test.size)
			if verdict := test.bound.judge(f); verdict == missed {
				t.Error("missed before the change")
			}
			test.change(&f)
			if verdict := test.bound.judge(f); verdict != test.want {
				t.Errorf("got %d, want %d", verdict, test.want)
			}
		})
	}
}

func TestEveryBoundIsKeptByGoodFigures(t *testing.T) {
	r := &result{PollBytes: 20_000, Sizes: []figures{good(200), good(1_000), good(10_000)}}
	if r.judge(); len(r.Missed) > 0 {
		t.Errorf("missed: %q", r.Missed)
	}
}

func TestWhatSetsTheFirstLooks(t *testing.T) {
	tests := map[string]struct {
		start started
		want  string
	}{
		"the budget is used up":                  {started{Rate: 90, WorkersBusy: 0.3, APIShare: 0.9}, "budget"},
		"the workers wait for the API server":    {started{Rate: 50, WorkersBusy: 0.9, APIShare: 0.9}, "API server"},
		"the API server waits for the processor": {started{Rate: 50, WorkersBusy: 0.9, APIShare: 0.3, APICores: 1}, "API server"},
		"the workers wait for something else":    {started{Rate: 50, WorkersBusy: 0.9, APIShare: 0.1}, "workers"},
		"the machine has no time left":           {started{Rate: 50, WorkersBusy: 0.3, APICores: 1, Cores: 0.6}, "processor"},
		"nothing is used up":                     {started{Rate: 50, WorkersBusy: 0.3, APICores: 0.1, Cores: 0.1}, "unclear"},
		"the workers' time could not be taken":   {started{Rate: 50, WorkersBusy: number(math.NaN())}, "unclear"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.start.limit(100, 2); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
