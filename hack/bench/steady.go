// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"
)

const steadyFor = time.Minute // at least

// restart starts the operator again and watches it for two intervals at least, of which all but the first are the steady
// state.
func (w *world) restart(ctx context.Context) error {
	w.say("restarting the operator…")
	before, err := w.metrics(ctx)
	if err != nil {
		return err
	}
	if err := w.startOperator(ctx, w.figures.Configuration.Budget); err != nil {
		return err
	}
	if err := w.wait(ctx, w.interval); err != nil {
		return err
	}
	began := w.operator.began
	if err := w.steady(ctx); err != nil {
		return err
	}
	after, err := w.metrics(ctx)
	// It was down for half a minute; a herd would show all the more.
	looks, _, callsErr := w.sinch.during(began, began.Add(2*w.interval))
	mean := float64(len(looks)) * 10 / (2 * w.interval.Seconds())
	peak := looks.peak(10 * time.Second)
	w.figures.Restart = restarted{
		Looks: len(looks), Peak: peak, PeakMean: number(float64(peak) / mean),
		Writes: number(statusWrites(after) - statusWrites(before)),
	}
	return errors.Join(err, callsErr)
}

// holdings are what the operator holds, and what it and the API server count, at one moment.
type holdings struct {
	sockets       int
	operator, api sample
}

func (w *world) holdings(ctx context.Context) (holdings, error) {
	open, err := sockets(w.operator.pid())
	api, apiErr := w.metrics(ctx)
	operator, operatorErr := w.operator.sample(ctx)
	return holdings{open, operator, api}, errors.Join(err, apiErr, operatorErr)
}

// steady watches the operator while nothing changes.
func (w *world) steady(ctx context.Context) error {
	d := max(steadyFor, w.interval)
	w.say("watching it for %s while nothing changes…", d)
	before, err := w.holdings(ctx)
	if err != nil {
		return err
	}
	span, err := w.watch(ctx, w.operator.process, d)
	if err != nil {
		return err
	}
	after, err := w.holdings(ctx)
	if err != nil {
		return err
	}
	s := compare(before, after, span)
	for name, figure := range map[string]*number{"VmHWM": &s.Peak, "RssAnon": &s.OwnPages, "RssFile": &s.FilePages} {
		if *figure, err = memory(w.operator.pid(), name); err != nil {
			return err
		}
	}
	s.LiveHeap, err = w.liveHeap(ctx) // last, for it makes garbage
	s.PerNumber = (s.LiveHeap - w.figures.Baseline.LiveHeap) / number(w.size)
	w.figures.Steady = s
	return err
}

// compare tells what was counted in between. One scrape of the operator is in it.
func compare(before, after holdings, during span) steady {
	looks := float64(len(during.looks))
	own := func(name string) float64 { return after.operator.sum(name) - before.operator.sum(name) }
	asked := func(labels ...string) float64 {
		const name = "apiserver_request_total"
		return after.api.sum(name, labels...) - before.api.sum(name, labels...)
	}
	requests, writes, watches := 0.0, 0.0, asked("resource=activenumbers", "verb=WATCH")
	for _, resource := range []string{"resource=activenumbers", "resource=events"} {
		requests += asked(resource) - asked(resource, "verb=WATCH")
		for _, verb := range []string{"POST", "PUT", "PATCH", "APPLY", "DELETE"} {
			writes += asked(resource, "verb="+verb)
		}
	}
	return steady{
		pace:        during.pace(),
		Bytes:       number(own("go_memstats_alloc_bytes_total") / looks),
		Objects:     number(own("go_memstats_mallocs_total") / looks),
		Requests:    number(requests),
		Writes:      number(writes),
		SecretReads: number(asked("resource=secrets", "verb=GET", "scope=resource")),
		Watches:     number(watches),
		Tokens:      during.tokens,
		Sockets:     [2]int{before.sockets, after.sockets},
		Goroutines:  [2]int{int(before.operator.sum("go_goroutines")), int(after.operator.sum("go_goroutines"))},
	}
}
