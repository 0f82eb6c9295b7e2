// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// overloadFor is how many intervals the overload lasts.
const overloadFor = 3.5

// sampleEvery is how often the gauge of overdue looks is read.
const sampleEvery = 2 * time.Second

// overload gives the operator half of the budget that it needs, and edits numbers all the while.
func (w *world) overload(ctx context.Context) error {
	may := w.figures.Configuration.Overload
	d := time.Duration(overloadFor * float64(w.interval))
	w.say("%s at twice the capacity of the budget…", d)
	if err := w.startOperator(ctx, may); err != nil {
		return err
	}
	began := w.operator.began
	// Far below the part of the budget that is kept for what is urgent.
	pace := min(editPace, may.Rate/10)
	count := min(w.size, int(pace*(d-10*time.Second).Seconds()))
	var edits []edit
	var editing error
	var work sync.WaitGroup
	busy, cancel := context.WithCancel(ctx)
	defer cancel()
	work.Go(func() {
		if editing = await(busy, began.Add(5*time.Second)); editing == nil {
			edits, editing = w.editMany(busy, count, pace, w.interval+2*time.Second)
		}
	})
	overdue, err := w.mostOverdue(ctx, began.Add(d))
	ended := time.Now()
	if err != nil {
		cancel() // or it would go on for minutes
	}
	work.Wait()
	if err := errors.Join(err, editing); err != nil {
		return err
	}
	delays, err := w.delays(ctx, edits, began)
	looks, _, callsErr := w.sinch.during(began, ended)
	w.figures.Overload = overload{
		Seconds: seconds(ended.Sub(began)), Looks: len(looks), Edits: delays, Overdue: number(overdue),
		LongestGap: seconds(looks.longestGap(w.size, began, ended)),
	}
	return errors.Join(err, callsErr)
}

// mostOverdue reads the gauge of overdue looks until a time, and returns the largest value; NaN if there is no such gauge.
func (w *world) mostOverdue(ctx context.Context, end time.Time) (float64, error) {
	most, told := math.NaN(), time.Now()
	for time.Now().Before(end) {
		if err := w.wait(ctx, min(sampleEvery, time.Until(end))); err != nil {
			return most, err
		}
		now, err := w.operator.sample(ctx)
		if err := w.notYet(err); err != nil {
			return most, err
		}
		if overdue := now.sum("activenumber_poll_overdue_seconds"); !(overdue <= most) {
			most = overdue
		}
		if time.Since(told) > 30*time.Second {
			told = time.Now()
			w.say("overloaded… %.0f s to go", time.Until(end).Seconds())
		}
	}
	return most, nil
}
