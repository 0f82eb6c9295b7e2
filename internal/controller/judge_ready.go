// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Sight older than so many intervals, and than this, is not relied on while looks fail.
const (
	staleIntervals = 3
	leastStale     = 5 * time.Minute
)

// obstacles are what speaks against a number, the weightiest first: a reason of another condition, and what Ready says
// of it.
var obstacles = []struct {
	condition, reason string
	status            metav1.ConditionStatus
	ready             string
}{
	{v1alpha1.ConditionActive, v1alpha1.ReasonNotFound, metav1.ConditionFalse, v1alpha1.ReasonNotFound},
	{v1alpha1.ConditionSMSProvisioned, v1alpha1.ReasonFailed, metav1.ConditionFalse, v1alpha1.ReasonSMSProvisioningFailed},
	{v1alpha1.ConditionVoiceProvisioned, v1alpha1.ReasonFailed, metav1.ConditionFalse, v1alpha1.ReasonVoiceProvisioningFailed},
	{v1alpha1.ConditionAsExpected, v1alpha1.ReasonDrifted, metav1.ConditionFalse, v1alpha1.ReasonDrifted},
	{v1alpha1.ConditionSMSProvisioned, v1alpha1.ReasonWaiting, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning},
	{v1alpha1.ConditionSMSProvisioned, v1alpha1.ReasonInProgress, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning},
	{v1alpha1.ConditionVoiceProvisioned, v1alpha1.ReasonWaiting, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning},
	{v1alpha1.ConditionVoiceProvisioned, v1alpha1.ReasonInProgress, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning},
	{v1alpha1.ConditionAsExpected, v1alpha1.ReasonMoving, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning},
	{v1alpha1.ConditionSMSProvisioned, v1alpha1.ReasonUnspecified, metav1.ConditionUnknown, v1alpha1.ReasonUnspecified},
	{v1alpha1.ConditionVoiceProvisioned, v1alpha1.ReasonUnspecified, metav1.ConditionUnknown, v1alpha1.ReasonUnspecified},
}

// judgeReady sums up the other conditions, which stand in the status already.
func judgeReady(number *v1alpha1.ActiveNumber, stale bool) verdict {
	switch {
	case !everSeen(number):
		return unknown(v1alpha1.ReasonPending, "The number has not been seen yet. "+current(number, v1alpha1.ConditionSynced).message)
	case stale:
		return unknown(v1alpha1.ReasonStale, fmt.Sprintf("The number was last seen %s, too long ago to rely on: see the condition Synced", lastSeen(number)))
	}
	for _, obstacle := range obstacles {
		if is := current(number, obstacle.condition); is.reason == obstacle.reason {
			return verdict{obstacle.status, obstacle.ready, is.message}
		}
	}
	return yes(v1alpha1.ReasonReady, current(number, v1alpha1.ConditionActive).message)
}

func lastSeen(number *v1alpha1.ActiveNumber) string {
	if number.Status.LastSyncTime == nil {
		return "at an unknown time"
	}
	return "at " + number.Status.LastSyncTime.UTC().Format(time.RFC3339)
}

// stale says whether what was seen is too old to rely on. What is stale stays so until the number is seen again.
func stale(number *v1alpha1.ActiveNumber, memory recall, fresh bool, now time.Time) bool {
	already := current(number, v1alpha1.ConditionReady).reason == v1alpha1.ReasonStale
	return !fresh && (already || memory.failing() && now.After(staleFrom(number, memory, now)))
}

// failing says whether looks have failed, or a pause has prevented them, since the last good one.
func (m recall) failing() bool { return m.failed.After(m.seen) }

// staleFrom is when what was seen is too old to rely on while looks fail: some time after the last good one, or after
// this process' beginning if that is later.
func staleFrom(number *v1alpha1.ActiveNumber, memory recall, now time.Time) time.Time {
	last := memory.begun
	if sync := number.Status.LastSyncTime; sync != nil && sync.After(last) && !sync.After(now) {
		last = sync.Time
	}
	if memory.seen.After(last) {
		last = memory.seen
	}
	return last.Add(max(staleIntervals*number.Spec.Interval.Duration, leastStale))
}

// judgeProgress keeps the two conditions that kstatus asks for, each present only while it is True.
func judgeProgress(number *v1alpha1.ActiveNumber, set func(string, verdict)) {
	synced, ready := current(number, v1alpha1.ConditionSynced), current(number, v1alpha1.ConditionReady)
	stalled := synced
	if synced.status != metav1.ConditionFalse {
		stalled = ready
	}
	if stalled.status == metav1.ConditionFalse {
		set(v1alpha1.ConditionStalled, yes(stalled.reason, stalled.message))
		remove(number, v1alpha1.ConditionReconciling)
		return
	}
	remove(number, v1alpha1.ConditionStalled)
	if ready.status == metav1.ConditionUnknown && !number.Spec.Suspend {
		set(v1alpha1.ConditionReconciling, yes(ready.reason, ready.message))
		return
	}
	remove(number, v1alpha1.ConditionReconciling)
}

// remove looks before, since RemoveStatusCondition makes a copy even if there is nothing to be removed.
func remove(number *v1alpha1.ActiveNumber, condition string) {
	if meta.FindStatusCondition(number.Status.Conditions, condition) != nil {
		meta.RemoveStatusCondition(&number.Status.Conditions, condition)
	}
}
