// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"
)

// start measures how long it takes until every number is seen for the first time, and what sets that time.
func (w *world) start(ctx context.Context) error {
	w.say("starting the operator…")
	api, err := w.metrics(ctx)
	if err != nil {
		return err
	}
	apiCPU, err := cpuTime(w.apiServer)
	if err != nil {
		return err
	}
	if err := w.startOperator(ctx, w.figures.Configuration.Budget); err != nil {
		return err
	}
	written, err := w.untilWritten(ctx)
	if err != nil {
		return err
	}
	span := span{from: w.operator.began, to: written}
	if span.cpu, err = cpuTime(w.operator.pid()); err != nil {
		return err
	}
	if span.api, err = cpuTime(w.apiServer); err != nil {
		return err
	}
	span.api -= apiCPU
	if span.looks, _, err = w.sinch.during(span.from, span.to); err != nil {
		return err
	}
	return w.conclude(ctx, span, api)
}

// untilWritten waits until every number has a status, and tells when that was.
func (w *world) untilWritten(ctx context.Context) (time.Time, error) {
	var written, told time.Time
	limit := time.Minute + time.Duration(w.size)*50*time.Millisecond
	ok, err := w.until(ctx, limit, func() (bool, error) {
		now, err := w.operator.sample(ctx)
		if err != nil {
			return false, w.notYet(err)
		}
		patches := int(now.sum("rest_client_requests_total", "method=PATCH", "code=200"))
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			w.say("first looks… %s written", thousands(max(0, patches)))
		}
		if patches < w.size {
			return false, nil
		}
		written = time.Now()
		unseen, err := w.unseen(ctx)
		return unseen == 0, err
	})
	if err == nil && !ok {
		err = fmt.Errorf("not every number was seen within %s", limit)
	}
	return written, err
}

// notYet forgives an operator that has just started that it serves no metrics.
func (w *world) notYet(err error) error {
	if time.Since(w.operator.began) < 15*time.Second {
		return nil
	}
	return err
}

func (w *world) conclude(ctx context.Context, s span, before sample) error {
	now, err := w.operator.sample(ctx)
	if err != nil {
		return err
	}
	after, err := w.metrics(ctx)
	if err != nil {
		return err
	}
	grown := func(name string, labels ...string) float64 {
		return after.sum(name, labels...) - before.sum(name, labels...)
	}
	took, budget := s.to.Sub(s.from).Seconds(), w.figures.Configuration.Budget
	last := slices.MaxFunc(slices.Collect(maps.Values(s.looks.first())), time.Time.Compare)
	working := now.sum("controller_runtime_reconcile_time_seconds")
	const spent = "apiserver_request_duration_seconds"
	writing := grown(spent, "resource=activenumbers", "subresource=status", "verb=PATCH") + grown(spent, "resource=events", "verb=POST")
	w.figures.Start = started{
		Seen:        seconds(last.Sub(s.from)),
		Written:     number(took),
		Rate:        number(float64(s.looks.until(last)-budget.Burst) / last.Sub(s.looks[0].At).Seconds()),
		WorkersBusy: number(working / (workers * took)),
		APIShare:    number(writing / working),
		APICores:    number(s.api.Seconds() / took),
		Cores:       number(s.cpu.Seconds() / took),
		Events:      number(grown("apiserver_request_total", "resource=events", "verb=POST", "code=201")),
	}
	w.figures.Start.SetBy = w.figures.Start.limit(budget.Rate, runtime.NumCPU())
	return nil
}

// limit tells what sets the time of the first looks.
func (s started) limit(rate float64, cores int) string {
	switch {
	case s.WorkersBusy >= 0.8 && (s.APIShare >= 0.5 || s.APICores >= 0.4*number(cores)): // it also waits for the processor
		return "API server"
	case s.WorkersBusy >= 0.8:
		return "workers"
	case float64(s.Rate) >= 0.8*rate:
		return "budget"
	case s.APICores+s.Cores >= 0.7*number(cores):
		return "processor"
	}
	return "unclear"
}
