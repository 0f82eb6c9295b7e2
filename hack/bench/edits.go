// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	editCount = 200
	editPace  = 10.0 // a second
)

// edit is one change of a spec: when it was sent to the API server, and when that answered.
type edit struct {
	number         string
	sent, answered time.Time
}

// edits measures the time from an edit to its look while there is time for both.
func (w *world) edits(ctx context.Context) error {
	count := min(editCount, w.size)
	w.say("%d edits…", count)
	began := time.Now()
	edits, err := w.editMany(ctx, count, editPace, w.interval+time.Second)
	if err != nil {
		return err
	}
	w.figures.Edits, err = w.delays(ctx, edits, began)
	return err
}

// editMany gives random numbers another interval, at this pace.
func (w *world) editMany(ctx context.Context, count int, pace float64, interval time.Duration) ([]edit, error) {
	edits := make([]edit, count)
	failures := make(chan error, count)
	var work sync.WaitGroup
	began := time.Now()
	for turn, i := range rand.Perm(w.size)[:count] {
		if err := await(ctx, began.Add(time.Duration(float64(turn)/pace*float64(time.Second)))); err != nil {
			return nil, err
		}
		work.Go(func() {
			edits[turn] = edit{number: phoneNumber(i), sent: time.Now()}
			err := w.edit(ctx, i, interval)
			edits[turn].answered = time.Now()
			if err != nil {
				failures <- err
			}
		})
	}
	work.Wait()
	close(failures)
	return edits, <-failures
}

// delays waits a little for the last looks, and sums up.
func (w *world) delays(ctx context.Context, edits []edit, from time.Time) (delays, error) {
	if err := w.wait(ctx, 2*time.Second); err != nil {
		return delays{}, err
	}
	now := time.Now()
	looks, _, err := w.sinch.during(from, now)
	values := lookDelays(edits, looks, now)
	return delays{
		Count:  len(values),
		Median: number(quantile(values, 0.5)),
		P99:    number(quantile(values, 0.99)),
		Max:    number(quantile(values, 1)),
	}, err
}

// lookDelays are the times in seconds from the answer to each edit to the first look after it was sent; for want of one,
// until now.
func lookDelays(edits []edit, looks looks, now time.Time) []float64 {
	about := looks.about()
	var delays []float64
	for _, edit := range edits {
		seen := now
		for _, at := range about[edit.number] {
			if !at.Before(edit.sent) {
				seen = at
				break
			}
		}
		delays = append(delays, max(0, seen.Sub(edit.answered).Seconds()))
	}
	return delays
}
