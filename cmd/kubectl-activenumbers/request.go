// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// outcome is what has become of a request.
type outcome int

const (
	waiting outcome = iota
	answered
	suspended
	deleted
)

// newRequestValue is one that nobody else uses: the time, for people, and some chance.
func newRequestValue(now time.Time) string {
	return now.UTC().Format(time.RFC3339Nano) + "-" + rand.String(8)
}

// lookRequest is a look that was asked for.
type lookRequest struct {
	number *v1alpha1.ActiveNumber // as it was last seen, at the earliest when the request was made
	value  string                 // of our annotation
	before []string               // what stood there before: a look for it may have begun too early to be an answer to us
	later  []string               // what replaced our value: a look for it began after our request
}

func requested(number *v1alpha1.ActiveNumber) string {
	return number.Annotations[v1alpha1.PollRequestedAtAnnotation]
}

// newLookRequest begins with the number as it was before and after it was annotated.
func newLookRequest(before, after *v1alpha1.ActiveNumber) *lookRequest {
	return &lookRequest{
		number: after,
		value:  requested(after),
		before: []string{requested(before), before.Status.LastHandledPollRequest, after.Status.LastHandledPollRequest},
	}
}

// follow takes in the number as it is now, nil if it is gone. Somebody who asks after us replaces our value, which then
// may never be repeated: so any value is an answer that was seen to follow ours.
func (r *lookRequest) follow(number *v1alpha1.ActiveNumber) outcome {
	if number == nil || number.UID != r.number.UID {
		return deleted
	}
	r.number = number
	if value := requested(number); value != r.value && !slices.Contains(r.before, value) && !slices.Contains(r.later, value) {
		r.later = append(r.later, value)
	}
	handled := number.Status.LastHandledPollRequest
	switch {
	case handled == r.value, handled != "" && slices.Contains(r.later, handled):
		return answered
	case number.Spec.Suspend:
		return suspended
	}
	return waiting
}

// replaced says that nothing asks for the look any more.
func (r *lookRequest) replaced() bool { return requested(r.number) != r.value }
