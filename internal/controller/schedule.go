// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

const (
	absenceGap   = 10 * time.Second // between the two 404s that make a number not found
	firstPending = 15 * time.Second // from the appearance of a provisioning job to the next look
	firstBackoff = 2 * time.Second
	conflictGap  = time.Second // from a refused write to the next try
)

// untilDue is the time that is left until the number must be walked again; nothing is left for a number that was never
// walked, was edited, asks for a look, or has something seen and not written.
func untilDue(number *v1alpha1.ActiveNumber, memory recall, now time.Time) time.Duration {
	switch {
	case memory.held != nil && memory.held.conflict == number.ResourceVersion:
		return conflictGap // the change that refused our write has not reached the cache yet
	case memory.held != nil, number.Generation != memory.generation:
		return 0
	case number.Spec.Suspend:
		return number.Spec.Interval.Duration
	case pollRequest(number) != "":
		return 0
	}
	return memory.due.Sub(now)
}

// untilNext is the time from a walk to the next look. jitter spreads a backoff of at most d over [½d, d].
func untilNext(number *v1alpha1.ActiveNumber, memory recall, seen observation, jitter func(d time.Duration) time.Duration) time.Duration {
	interval, asked := number.Spec.Interval.Duration, pollRequest(number)
	switch {
	case asked != "" && asked != seen.asked && !number.Spec.Suspend:
		return conflictGap // it came during the look, which so does not answer it
	case seen.transient():
		return max(seen.wait, backoff(memory.transient, interval, jitter))
	case seen.wait > 0:
		return seen.wait
	case seen.absent && !gone(number):
		return absenceGap
	case !memory.pending.IsZero() && seen.number != nil:
		return min(max(firstPending, seen.at.Sub(memory.pending)), interval)
	}
	return interval
}

// backoff doubles from firstBackoff with each failure in a row while it is below the interval, which then serves.
func backoff(failures int, interval time.Duration, jitter func(time.Duration) time.Duration) time.Duration {
	d := firstBackoff
	for range failures - 1 {
		if d *= 2; d >= interval {
			return interval
		}
	}
	return jitter(d)
}
