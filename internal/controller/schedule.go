// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"hash/fnv"
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

const (
	absenceGap    = 10 * time.Second // between the two 404s that make a number not found
	firstPending  = 15 * time.Second // from the appearance of a provisioning job to the next look
	firstBackoff  = 2 * time.Second
	slotGap       = 10                     // a slot that comes within such a part of the interval after a look is skipped
	beat          = 100 * time.Millisecond // slots begin with one, so that waking up serves several numbers
	restlessAfter = time.Minute
	conflictGap   = time.Second // from a refused write to the next try
	conflictTrust = time.Minute // so long a refused write is believed to be due to a change that is on its way
	forever       = time.Duration(math.MaxInt64)
)

// Priorities of walks. The lanes of the budget order tokens, these order workers.
const (
	urgentPriority  = 0    // edited, asked for, or never seen
	soonPriority    = -100 // the first after a start, a second 404, a provisioning job under way, or in line
	routinePriority = -200
)

// begin is what is remembered of a number that this process has not met before. It is looked at in its slot, sooner if
// there is something about it that may have changed meanwhile.
func begin(number *v1alpha1.ActiveNumber, now time.Time) recall {
	memory := recall{begun: now, generation: number.Status.ObservedGeneration, priority: soonPriority}
	if number.Spec.Suspend {
		return memory
	}
	within := number.Spec.Interval.Duration
	if restless(number) {
		within = min(within, restlessAfter)
	}
	memory.due = now.Add(untilSlot(number.UID, within, now, 0))
	return memory
}

// restless says whether the number was left in a state that ends by itself.
func restless(number *v1alpha1.ActiveNumber) bool {
	ready := current(number, v1alpha1.ConditionReady).reason
	return ready == v1alpha1.ReasonPending || ready == v1alpha1.ReasonStale ||
		current(number, v1alpha1.ConditionSynced).status != metav1.ConditionTrue ||
		number.Status.Observed != nil && jobRuns(number.Status.Observed)
}

// urgent says whether somebody waits for the look: the number is new, was edited, or asks for it.
func urgent(number *v1alpha1.ActiveNumber, memory recall) bool {
	return number.Generation != memory.generation || pollRequest(number) != ""
}

// rank is the priority of the next walk. Whoever waits in line has waited in the queue already.
func rank(number *v1alpha1.ActiveNumber, memory recall, seen observation) int {
	switch {
	case urgent(number, memory):
		return urgentPriority
	case seen.queued:
		return soonPriority
	}
	return memory.priority
}

// untilDue is the time that is left until the number must be walked again.
func untilDue(number *v1alpha1.ActiveNumber, memory recall, now time.Time) time.Duration {
	switch {
	case memory.unwritten != nil && memory.unwritten.conflict == number.ResourceVersion && now.Sub(memory.unwritten.refused) < conflictTrust:
		return conflictGap // the change that refused our write has not reached the cache yet
	case memory.unwritten != nil, number.Generation != memory.generation:
		return 0
	case number.Spec.Suspend:
		return number.Spec.Interval.Duration
	case pollRequest(number) != "" && !memory.absent.IsZero() && !gone(number):
		return max(absenceGap-memory.absentFor(now), 0) // a second 404 would prove nothing sooner
	case pollRequest(number) != "":
		return 0
	}
	return min(memory.due.Sub(now), untilStale(number, memory, now))
}

// untilStale is the time until the number becomes stale with no look in between, if it does.
func untilStale(number *v1alpha1.ActiveNumber, memory recall, now time.Time) time.Duration {
	if !memory.failing() || !everSeen(number) || number.Spec.Suspend || current(number, v1alpha1.ConditionReady).reason == v1alpha1.ReasonStale {
		return forever
	}
	return staleFrom(number, memory, now).Sub(now) + time.Millisecond
}

// plan sets when the next look is due once a walk has been judged. A walk without a look changes nothing about that,
// but that a number which somebody waits for is due now. jitter spreads a backoff of at most d over [½d, d].
func (m recall) plan(number *v1alpha1.ActiveNumber, seen observation, jitter func(d time.Duration) time.Duration) recall {
	interval := number.Spec.Interval.Duration
	slot := untilSlot(number.UID, interval, seen.at, interval/slotGap)
	after := func(left time.Duration, priority int) recall {
		m.due, m.priority = seen.at.Add(left), priority
		return m
	}
	switch {
	case number.Spec.Suspend:
		m.due = time.Time{}
		return m
	case !seen.looked() && !urgent(number, m):
		return m
	case !seen.looked():
		return m.dueBy(seen.at)
	case seen.transient():
		return after(max(seen.wait, backoff(m.transient, interval, slot, jitter)), routinePriority)
	case seen.wait > 0:
		return after(seen.wait, routinePriority)
	case seen.absent && !gone(number):
		return after(absenceGap, soonPriority)
	case !m.pending.IsZero() && seen.number != nil:
		if age := max(firstPending, seen.at.Sub(m.pending)); age < interval {
			return after(age, soonPriority)
		}
	}
	return after(slot, routinePriority)
}

// dueBy makes the look due at the given time, unless it is already.
func (m recall) dueBy(now time.Time) recall {
	if m.due.IsZero() || m.due.After(now) {
		m.due = now
	}
	return m
}

// untilNext is the time from a walk to the next, which is never immediate: a queue that is never empty serves nobody.
func untilNext(number *v1alpha1.ActiveNumber, memory recall, seen observation, now time.Time) time.Duration {
	if seen.queued {
		return min(seen.wait, max(untilStale(number, memory, now), nudge))
	}
	return max(untilDue(number, memory, now), conflictGap)
}

// untilSlot is the time until the number's next slot that is more than least away: a moment that comes once in an
// interval, each time at the same beat of it, which is the number's own. So the load is level, and stays so when all
// begin at once.
func untilSlot(uid types.UID, interval time.Duration, now time.Time, least time.Duration) time.Duration {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(uid)) // never fails
	phase := (time.Duration(hash.Sum64()>>1) % interval).Truncate(beat)
	from := now.Round(0).Add(least)
	into := from.Add(-phase)
	return least + interval - into.Sub(into.Truncate(interval))
}

// backoff doubles from firstBackoff with each failure in a row while it is below the interval. Then the slot serves.
func backoff(failures int, interval, slot time.Duration, jitter func(time.Duration) time.Duration) time.Duration {
	d := firstBackoff
	for range failures - 1 {
		if d *= 2; d >= interval {
			return slot
		}
	}
	return jitter(d)
}
