// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// at is so many seconds after noon.
func at(s float64) time.Time { return noon.Add(time.Duration(s * float64(time.Second))) }

// looksAt are looks at one number at these times.
func looksAt(number string, times ...float64) looks {
	var l looks
	for _, s := range times {
		l = append(l, Call{At: at(s), Number: number})
	}
	return l
}

func TestThePeakIsOfAnyWindow(t *testing.T) {
	tests := map[string]struct {
		times []float64
		want  int
	}{
		"no looks":                     {nil, 0},
		"one":                          {[]float64{3}, 1},
		"at the same time":             {[]float64{3, 3, 3}, 3},
		"a second apart":               {[]float64{0, 1, 2, 3}, 1},
		"just less than a second":      {[]float64{0, 1, 1.999, 4}, 2},
		"across the turn of a second":  {[]float64{0.9, 1.1, 1.2, 1.8, 2.5}, 4},
		"the last window is the worst": {[]float64{0, 5, 5.1, 5.2}, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := looksAt("+1", test.times...).peak(time.Second); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestTheLongestGapCountsFromBeginToEnd(t *testing.T) {
	tests := map[string]struct {
		looks looks
		want  time.Duration
	}{
		"between two looks":        {slices.Concat(looksAt(phoneNumber(0), 1, 8), looksAt(phoneNumber(1), 2, 5, 9)), 7 * time.Second},
		"before the first":         {slices.Concat(looksAt(phoneNumber(0), 6, 8), looksAt(phoneNumber(1), 2, 5, 9)), 6 * time.Second},
		"after the last":           {slices.Concat(looksAt(phoneNumber(0), 1, 5), looksAt(phoneNumber(1), 2, 5, 9)), 5 * time.Second},
		"never looked at":          {looksAt(phoneNumber(0), 1, 5, 9), 10 * time.Second},
		"others are not its looks": {slices.Concat(looksAt(phoneNumber(0), 5), looksAt(phoneNumber(1), 5), looksAt(phoneNumber(2), 1)), 5 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.looks.longestGap(2, at(0), at(10)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLooksUntilATime(t *testing.T) {
	if got := looksAt("+1", 1, 2, 2, 3).until(at(2)); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

func TestAQuantileIsOneOfTheValues(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	tests := map[string]struct {
		values      []float64
		share, want float64
	}{
		"p50 of a hundred": {hundred, 0.5, 50},
		"p99 of a hundred": {hundred, 0.99, 99},
		"most":             {hundred, 1, 100},
		"p99 of few":       {[]float64{3, 1, 2}, 0.99, 3},
		"p50 of one":       {[]float64{7}, 0.5, 7},
		"none":             {nil, 0.5, math.NaN()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := quantile(test.values, test.share)
			if got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
				t.Errorf("got %g, want %g", got, test.want)
			}
		})
	}
}

func TestTheDelayOfAnEdit(t *testing.T) {
	edited := edit{number: "+1", sent: at(10), answered: at(10.5)}
	tests := map[string]struct {
		looks looks
		want  float64
	}{
		"from the answer to the look":              {looksAt("+1", 3, 11, 12), 0.5},
		"nothing if the look beat the answer":      {looksAt("+1", 3, 10.25), 0},
		"until now without a look":                 {looksAt("+1", 3), 9.5},
		"a look at another number does not end it": {looksAt("+2", 11), 9.5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := lookDelays([]edit{edited}, test.looks, at(20)); !slices.Equal(got, []float64{test.want}) {
				t.Errorf("got %v, want %g", got, test.want)
			}
		})
	}
}
