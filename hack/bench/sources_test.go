// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestSamplesAddUpWhatHasTheLabels(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`# TYPE requests_total counter
requests_total{verb="GET",resource="secrets"} 3
requests_total{verb="GET",resource="events"} 4
requests_total{verb="PATCH",resource="events"} 8
# TYPE workers gauge
workers 5
# TYPE took_seconds histogram
took_seconds_bucket{verb="GET",le="1"} 2
took_seconds_bucket{verb="GET",le="+Inf"} 3
took_seconds_sum{verb="GET"} 2.5
took_seconds_count{verb="GET"} 3
`))
	}))
	defer server.Close()
	taken, err := scrape(t.Context(), server.Client(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ got, want float64 }{
		"all":                     {taken.sum("requests_total"), 15},
		"one label":               {taken.sum("requests_total", "verb=GET"), 7},
		"two labels":              {taken.sum("requests_total", "verb=PATCH", "resource=events"), 8},
		"nothing counted so far":  {taken.sum("requests_total", "verb=DELETE"), 0},
		"a gauge":                 {taken.sum("workers"), 5},
		"the sum of a histogram":  {taken.sum("took_seconds", "verb=GET"), 2.5},
		"no such metric":          {taken.sum("none"), math.NaN()},
		"a sample that was never": {sample(nil).sum("workers"), math.NaN()},
	} {
		if test.got != test.want && !(math.IsNaN(test.got) && math.IsNaN(test.want)) {
			t.Errorf("%s: got %g, want %g", name, test.got, test.want)
		}
	}
}

func TestAScrapeThatIsRefusedFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := scrape(t.Context(), server.Client(), server.URL); err == nil {
		t.Error("a 404 passes for metrics")
	}
}

func TestProcessFilesAreRead(t *testing.T) {
	fields, err := statFields("42 (a program) of (mine)) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 9\n")
	if err != nil || fields[1] != "7" || fields[11] != "150" || fields[12] != "50" {
		t.Errorf("got %q, %v", fields, err)
	}
	if _, err := statFields("42"); err == nil {
		t.Error("half a line is taken for a whole one")
	}
	const status = "Name:\toperator\nVmHWM:\t   51200 kB\nVmRSS:\t   40960 kB\n"
	if got, err := statusBytes(status, "VmHWM"); got != 51200*1024 || err != nil {
		t.Errorf("got %g, %v", got, err)
	}
	if _, err := statusBytes(status, "VmSwap"); err == nil {
		t.Error("what is not there was read")
	}
}

func TestTheMostAllocatedByAPoll(t *testing.T) {
	const out = `goos: linux
BenchmarkPollChanged-2   	    1000	     99999 ns/op	   99999 B/op	     500 allocs/op
BenchmarkPoll-2          	   20000	     60000 ns/op	   16000 B/op	     300 allocs/op
BenchmarkPoll-2          	   20000	     50000 ns/op	   16016 B/op	     301 allocs/op
BenchmarkPoll-2          	   20000	     55000 ns/op	   15990 B/op	     299 allocs/op
PASS
`
	if got := pollBytes(out); got != 16016 {
		t.Errorf("got %g", got)
	}
	if got := pollBytes("PASS\n"); !math.IsNaN(float64(got)) {
		t.Errorf("got %g without a benchmark", got)
	}
}

func TestTurnsAreTakenAtTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 950*time.Millisecond)
		defer cancel()
		began := time.Now()
		var taken []time.Duration
		turn := make(chan time.Duration, 100)
		err := takeTurns(ctx, 10, func(i int) error {
			turn <- time.Since(began)
			if i == 2 {
				<-ctx.Done() // a slow answer delays no other
			}
			return nil
		})
		close(turn)
		for each := range turn {
			taken = append(taken, each.Round(time.Millisecond))
		}
		var want []time.Duration
		for i := range 10 {
			want = append(want, time.Duration(i)*100*time.Millisecond)
		}
		if slices.Sort(taken); !slices.Equal(taken, want) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("turns were taken at %s (%v), want %s", taken, err, want)
		}
	})
}

func TestAFailedTurnEndsTheLoop(t *testing.T) {
	failure := errors.New("failed")
	err := takeTurns(t.Context(), 0, func(i int) error {
		if i == 5 {
			return failure
		}
		return nil
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
}
