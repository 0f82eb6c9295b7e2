// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"slices"
	"sort"
	"time"
)

// looks are GETs of numbers, in order of time.
type looks []Call

// first is when each number was looked at first.
func (l looks) first() map[string]time.Time {
	first := map[string]time.Time{}
	for _, look := range l {
		if _, known := first[look.Number]; !known {
			first[look.Number] = look.At
		}
	}
	return first
}

// about are the looks at one number.
func (l looks) about() map[string][]time.Time {
	times := map[string][]time.Time{}
	for _, look := range l {
		times[look.Number] = append(times[look.Number], look.At)
	}
	return times
}

// until counts the looks up to a time.
func (l looks) until(at time.Time) int {
	return sort.Search(len(l), func(i int) bool { return l[i].At.After(at) })
}

// peak is the largest number of looks within any window of that length.
func (l looks) peak(window time.Duration) int {
	most, first := 0, 0
	for last := range l {
		for l[last].At.Sub(l[first].At) >= window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// longestGap is the longest time that any of the numbers 0 to n-1 was not looked at between from and to.
func (l looks) longestGap(n int, from, to time.Time) time.Duration {
	var longest time.Duration
	times := l.about()
	for i := range n {
		last := from
		for _, at := range append(times[phoneNumber(i)], to) {
			longest = max(longest, at.Sub(last))
			last = at
		}
	}
	return longest
}

// quantile is the smallest of the values that at least this share of them does not exceed; NaN if there are none.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}
