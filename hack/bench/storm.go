// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"time"
)

// stormEdge is for the looks that are on their way when the first 429 is given.
const stormEdge = 100 * time.Millisecond

// storm has every answer be 429 for a moment, and watches the pause that it asks for. In the time after it some numbers
// change.
func (w *world) storm(ctx context.Context) error {
	w.say("a storm of 429…")
	began := time.Now()
	if err := w.sinch.set(limited); err != nil {
		return err
	}
	var hit time.Time
	ok, err := w.until(ctx, w.interval, func() (bool, error) {
		looks, _, err := w.sinch.during(began, time.Now())
		if i := slices.IndexFunc(looks, func(look Call) bool { return look.Status == 429 }); i >= 0 {
			hit = looks[i].At
		}
		return !hit.IsZero(), err
	})
	if err != nil || !ok {
		return errors.Join(err, errors.New("no look came that could have been answered by 429"))
	}
	calm := hit.Add(pause)
	if err := errors.Join(w.wait(ctx, time.Second/2), w.sinch.set(plain), w.wait(ctx, time.Until(calm))); err != nil {
		return err
	}
	if err := w.change(ctx); err != nil {
		return err
	}
	if err := w.wait(ctx, max(0, time.Until(calm.Add(w.interval)))); err != nil {
		return err
	}
	paused, _, err := w.sinch.during(hit.Add(stormEdge), calm)
	after, _, afterErr := w.sinch.during(calm, time.Now())
	w.figures.Storm = storm{Pause: seconds(pause), During: len(paused), Peak: after.peak(time.Second)}
	return errors.Join(err, afterErr)
}

// change has Sinch answer otherwise about some numbers, waits until all of them were looked at, and counts the writes.
func (w *world) change(ctx context.Context) error {
	count := min(100, w.size/10)
	w.say("changing %d numbers at Sinch…", count)
	before, err := w.metrics(ctx)
	if err != nil {
		return err
	}
	var numbers []string
	for i := range count {
		numbers = append(numbers, phoneNumber(i*w.size/count))
	}
	began := time.Now()
	if err := w.sinch.set(changed, numbers...); err != nil {
		return err
	}
	looked := 0
	if _, err := w.until(ctx, 2*w.interval, func() (bool, error) {
		looks, _, err := w.sinch.during(began, time.Now())
		first := looks.first()
		looked = len(slices.DeleteFunc(slices.Clone(numbers), func(number string) bool { return first[number].IsZero() }))
		return looked == count, err
	}); err != nil {
		return err
	}
	if err := w.wait(ctx, 2*time.Second); err != nil {
		return err
	}
	after, err := w.metrics(ctx)
	w.figures.Changed = changes{count, looked, number(statusWrites(after) - statusWrites(before))}
	return err
}

// statusWrites counts the writes of a number's status, successful or not.
func statusWrites(api sample) float64 {
	const requests = "apiserver_request_total"
	return api.sum(requests, "resource=activenumbers", "subresource=status", "verb=PATCH") +
		api.sum(requests, "resource=activenumbers", "subresource=status", "verb=PUT")
}
