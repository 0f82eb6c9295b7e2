// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

const longestPollRequest = 64 // characters

// observation is what one look found: the number, its absence, or why nothing could be seen. The zero value is no look.
type observation struct {
	at      time.Time
	number  *v1alpha1.Observed
	absent  bool          // Sinch knows no such number in the project
	reason  string        // why nothing could be seen: a reason of Synced
	message string        // the same for people
	wait    time.Duration // the least time until the next look, where the answer says so
	queued  bool          // no look took place: the number waits in line, because of a pause if there is a reason
	asked   string        // the poll request that stood when the look was made

	generation int64     // of the spec that the look was made for
	conflict   string    // the resource version on which writing it was refused
	refused    time.Time // when that was
}

// transient says that the look failed for a reason that time may mend.
func (o observation) transient() bool { return !o.queued && transient(o.reason) }

// held says that a pause of the whole credential prevents the look.
func (o observation) held() bool { return o.queued && o.reason != "" }

// tellsNothing says that there is nothing to be judged: the number is new, and waits for its turn.
func (o observation) tellsNothing(number *v1alpha1.ActiveNumber) bool {
	return o.queued && !o.held() && !everSeen(number)
}

// answers says whether the poll request is answered, be it by a failure: not by a first 404, which proves nothing.
func (o observation) answers(fresh bool) bool {
	return o.asked != "" && (fresh || o.reason != "" && !o.queued)
}

// looked says whether a look took place, or there was none to be made because of the Secret.
func (o observation) looked() bool {
	return o.number != nil || o.absent || o.reason != "" && !o.queued
}

// observe asks Sinch once, unless what was seen last still waits to be written, or it is not the time to ask. Its error
// says that the API server did not give the Secret, or that the process is about to end.
func (r *Reconciler) observe(ctx context.Context, number *v1alpha1.ActiveNumber, memory recall) (observation, error) {
	if kept := memory.unwritten; kept != nil && kept.generation == number.Generation && r.Now().Sub(kept.at) < number.Spec.Interval.Duration {
		return *kept, nil
	}
	seen := observation{at: r.Now(), generation: number.Generation}
	if number.Spec.Suspend {
		r.sessions.leave(number.UID)
		return seen, nil
	}
	urgent := urgent(number, memory)
	if !urgent && r.Now().Before(memory.due) {
		return seen, nil
	}
	seen.asked = pollRequest(number)
	found, err := r.sessions.ask(ctx, number, urgent)
	seen.at = r.Now()
	return seen.with(number, found, err)
}

// with completes an observation by what came back. It returns the errors that say nothing about Sinch.
func (o observation) with(number *v1alpha1.ActiveNumber, found *sinch.ActiveNumber, err error) (observation, error) {
	var locked *lockout
	var turn *queued
	var failure *sinch.Error
	switch {
	case err == nil:
		o.number = mirror.Observed(found)
	case errors.As(err, &turn):
		o.queued, o.wait = true, turn.wait
		if turn.pause != nil {
			o.reason, o.message = explain(number, turn.pause)
		}
	case errors.As(err, &locked):
		o.reason, o.message, o.wait = v1alpha1.ReasonCredentialsInvalid, locked.message, locked.wait
	case errors.As(err, &failure) && failure.Kind == sinch.NotFound:
		o.absent = true
	case errors.As(err, &failure) && failure.Kind != sinch.Canceled:
		o.reason, o.message = explain(number, failure)
		o.wait = failure.After
	default:
		return observation{}, err
	}
	return o, nil
}

// explain sorts a failed look by who must act, and says it.
func explain(number *v1alpha1.ActiveNumber, failure *sinch.Error) (reason, message string) {
	secret, project := number.Spec.Auth.SecretRef.Name, number.Spec.ProjectID
	switch failure.Kind {
	case sinch.Denied:
		return v1alpha1.ReasonAccessDenied, fmt.Sprintf("The key in Secret %q may not see this number: check in the Sinch dashboard that it belongs to project %s, and that the account is not a trial", secret, project)
	case sinch.Rejected:
		return v1alpha1.ReasonRequestRejected, fmt.Sprintf("Sinch rejects the request (%s): check that project %s exists and that the phone number is right", failure.Cause, project)
	case sinch.Limited:
		return v1alpha1.ReasonRateLimited, "Sinch asks for fewer requests. The operator slows down and tries again by itself"
	case sinch.Malformed:
		return v1alpha1.ReasonMalformedResponse, fmt.Sprintf("The answer is not one that Sinch gives (%s). The operator tries again by itself; check for a proxy in between if this lasts", failure.Cause)
	default:
		return v1alpha1.ReasonProviderUnavailable, fmt.Sprintf("Sinch gives no answer that can be used (%s). The operator tries again by itself", failure.Cause)
	}
}

// pollRequest is the value of the annotation that asks for a look, "" if there is none, or it is answered or too long.
func pollRequest(number *v1alpha1.ActiveNumber) string {
	value := number.Annotations[v1alpha1.PollRequestedAtAnnotation]
	if value == number.Status.LastHandledPollRequest || utf8.RuneCountInString(value) > longestPollRequest {
		return ""
	}
	return value
}
