// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

const (
	longestMessage = 1024 // bytes of a condition's message, and so of an event's note
	unanswered     = "Sinch has not answered yet: see the condition Synced"
)

// verdict is what is judged of one condition.
type verdict struct {
	status          metav1.ConditionStatus
	reason, message string
}

func yes(reason, message string) verdict { return verdict{metav1.ConditionTrue, reason, message} }
func no(reason, message string) verdict  { return verdict{metav1.ConditionFalse, reason, message} }
func unknown(reason, message string) verdict {
	return verdict{metav1.ConditionUnknown, reason, message}
}

// judge turns what one look found into the number's status, and returns what to remember of it. It is pure: all that it
// knows is in its arguments.
func judge(number *v1alpha1.ActiveNumber, memory recall, seen observation, now time.Time) recall {
	certain := seen.absent && (gone(number) || memory.absentFor(seen.at) >= absenceGap)
	fresh := certain || seen.number != nil
	memory = memory.after(number, seen, fresh)
	if seen.tellsNothing(number) {
		return memory
	}
	status := &number.Status
	set := func(condition string, v verdict) { conclude(number, condition, v, now) }

	dateFromBirth(number)
	if !seen.queued {
		status.ObservedGeneration = number.Generation
	}
	if !memory.seen.IsZero() {
		status.LastSyncTime = &metav1.Time{Time: memory.seen.Truncate(time.Second)}
	}
	set(v1alpha1.ConditionSynced, judgeSynced(number, memory, seen, fresh))
	judgeSight(number, seen, certain, set)
	compared := mirror.Compare(number.Spec.Expected, status.Observed)
	if !gone(number) {
		status.Drift = mirror.Drift(compared)
	}
	set(v1alpha1.ConditionAsExpected, judgeAsExpected(number, compared))
	if !number.Spec.Suspend || !everSeen(number) {
		set(v1alpha1.ConditionReady, judgeReady(number, stale(number, memory, fresh, now)))
	}
	judgeProgress(number, set)

	if seen.answers(fresh) {
		status.LastHandledPollRequest = seen.asked
	}
	return memory
}

// judgeSight judges the conditions that only a look can change.
func judgeSight(number *v1alpha1.ActiveNumber, seen observation, gone bool, set func(string, verdict)) {
	switch {
	case seen.number != nil:
		number.Status.Observed = seen.number
		set(v1alpha1.ConditionActive, judgeActive(seen.number))
		set(v1alpha1.ConditionSMSProvisioned, judgeSMS(seen.number.SMSConfiguration))
		set(v1alpha1.ConditionVoiceProvisioned, judgeVoice(seen.number.VoiceConfiguration))
	case gone:
		set(v1alpha1.ConditionActive, judgeAbsence(number))
		set(v1alpha1.ConditionSMSProvisioned, unknown(v1alpha1.ReasonNotFound, absent))
		set(v1alpha1.ConditionVoiceProvisioned, unknown(v1alpha1.ReasonNotFound, absent))
	case !everSeen(number):
		set(v1alpha1.ConditionActive, unknown(v1alpha1.ReasonPending, unanswered))
		set(v1alpha1.ConditionSMSProvisioned, unknown(v1alpha1.ReasonPending, unanswered))
		set(v1alpha1.ConditionVoiceProvisioned, unknown(v1alpha1.ReasonPending, unanswered))
	}
}

// after is what to remember once a look has been judged.
func (m recall) after(number *v1alpha1.ActiveNumber, seen observation, fresh bool) recall {
	m.unwritten = nil
	if !seen.queued {
		m.generation = number.Generation
	}
	if seen.absent && m.absent.IsZero() {
		m.absent = seen.at
	}
	if seen.number != nil {
		m.absent = time.Time{}
		switch {
		case !jobRuns(seen.number):
			m.pending = time.Time{}
		case m.pending.IsZero():
			m.pending = seen.at
		}
	}
	return m.afterFailure(number, seen, fresh)
}

// afterFailure is what to remember of looks that fail, and of those that a pause prevents.
func (m recall) afterFailure(number *v1alpha1.ActiveNumber, seen observation, fresh bool) recall {
	if number.Spec.Suspend {
		m.failed, m.transient, m.since = time.Time{}, 0, time.Time{}
	}
	if fresh {
		m.seen = seen.at
	}
	if seen.reason != "" {
		m.failed = seen.at
	}
	switch {
	case fresh, seen.reason != "" && !transient(seen.reason):
		m.transient, m.since = 0, time.Time{}
		return m
	case seen.transient():
		m.transient++
	case !seen.held():
		return m
	}
	if m.since.IsZero() {
		m.since = seen.at
	}
	return m
}

// absentFor is the time since the first 404, 0 if there was none since the last 200.
func (m recall) absentFor(now time.Time) time.Duration {
	if m.absent.IsZero() {
		return 0
	}
	return now.Sub(m.absent)
}

// everSeen says whether Sinch has ever answered about the number, be it with its absence.
func everSeen(number *v1alpha1.ActiveNumber) bool {
	return number.Status.Observed != nil || gone(number)
}

// gone says whether the number is known to be absent; being a condition, that survives a restart.
func gone(number *v1alpha1.ActiveNumber) bool {
	return current(number, v1alpha1.ConditionActive).reason == v1alpha1.ReasonNotFound
}

// current is what stands in the status, Unknown and Pending if nothing does.
func current(number *v1alpha1.ActiveNumber, condition string) verdict {
	if found := meta.FindStatusCondition(number.Status.Conditions, condition); found != nil {
		return verdict{found.Status, found.Reason, found.Message}
	}
	return unknown(v1alpha1.ReasonPending, unanswered)
}

func conclude(number *v1alpha1.ActiveNumber, condition string, v verdict, now time.Time) {
	meta.SetStatusCondition(&number.Status.Conditions, metav1.Condition{
		Type:               condition,
		Status:             v.status,
		Reason:             v.reason,
		Message:            bounded(v.message),
		ObservedGeneration: number.Generation,
		LastTransitionTime: metav1.NewTime(now),
	})
}

// dateFromBirth gives the conditions that the schema's default made the one date that the schema cannot know.
func dateFromBirth(number *v1alpha1.ActiveNumber) {
	for i := range number.Status.Conditions {
		if at := &number.Status.Conditions[i].LastTransitionTime; at.Unix() == 0 {
			*at = number.CreationTimestamp
		}
	}
}

func bounded(message string) string { return cut(message, longestMessage) }

// cut shortens a text to so many bytes, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	const ellipsis = "…"
	end := most - len(ellipsis)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
