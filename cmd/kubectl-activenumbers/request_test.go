// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// asks is a number with this annotation, the last value that was answered, and the traits.
func asks(value, handled string, traits ...trait) *v1alpha1.ActiveNumber {
	number := declared("support-us", "+12025550134", traits...)
	number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: value}
	number.Status.LastHandledPollRequest = handled
	return &number
}

func TestWhatAnswersARequest(t *testing.T) {
	another := func(n *v1alpha1.ActiveNumber) { n.UID = types.UID("another") }
	tests := map[string]struct {
		before *v1alpha1.ActiveNumber
		after  []*v1alpha1.ActiveNumber
		want   outcome
	}{
		"nobody has looked":                               {asks("", ""), []*v1alpha1.ActiveNumber{asks("ours", "")}, waiting},
		"ours is repeated":                                {asks("", ""), []*v1alpha1.ActiveNumber{asks("ours", "ours")}, answered},
		"an earlier request is answered":                  {asks("earlier", "first"), []*v1alpha1.ActiveNumber{asks("ours", "earlier")}, waiting},
		"an earlier one of which we never knew, too":      {asks("", "first"), []*v1alpha1.ActiveNumber{asks("ours", "unknown")}, waiting},
		"a later request replaces ours":                   {asks("", ""), []*v1alpha1.ActiveNumber{asks("later", "")}, waiting},
		"ours is repeated though it was replaced":         {asks("", ""), []*v1alpha1.ActiveNumber{asks("later", "ours")}, answered},
		"a later request is answered":                     {asks("", ""), []*v1alpha1.ActiveNumber{asks("later", ""), asks("later", "later")}, answered},
		"it is seen and answered at once":                 {asks("", ""), []*v1alpha1.ActiveNumber{asks("later", "later")}, answered},
		"a later one is answered after yet another":       {asks("", ""), []*v1alpha1.ActiveNumber{asks("later", ""), asks("latest", "later")}, answered},
		"the annotation is removed":                       {asks("", ""), []*v1alpha1.ActiveNumber{asks("", "")}, waiting},
		"it is set back to one that was answered":         {asks("first", "first"), []*v1alpha1.ActiveNumber{asks("first", "first")}, waiting},
		"it is set back to one that was not":              {asks("earlier", "first"), []*v1alpha1.ActiveNumber{asks("earlier", "earlier")}, waiting},
		"the number is suspended":                         {asks("", ""), []*v1alpha1.ActiveNumber{asks("ours", "", suspend)}, suspended},
		"the number is suspended once it has answered":    {asks("", ""), []*v1alpha1.ActiveNumber{asks("ours", "ours", suspend)}, answered},
		"the number is deleted":                           {asks("", ""), []*v1alpha1.ActiveNumber{nil}, deleted},
		"the number is deleted, and declared once more":   {asks("", ""), []*v1alpha1.ActiveNumber{asks("", "", another)}, deleted},
		"another number of its name has the same request": {asks("", ""), []*v1alpha1.ActiveNumber{asks("ours", "ours", another)}, deleted},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			request := newLookRequest(test.before, asks("ours", test.before.Status.LastHandledPollRequest))
			var got outcome
			for _, number := range test.after {
				got = request.follow(number)
			}
			if got != test.want {
				t.Errorf("outcome %d, want %d", got, test.want)
			}
		})
	}
}

func TestARequestIsLikeNoOther(t *testing.T) {
	now := time.Now()
	one, other := newRequestValue(now), newRequestValue(now)
	if one == other {
		t.Errorf("two requests at the same time are the same: %s", one)
	}
	if len(one) > 64 {
		t.Errorf("%s is too long for the operator", one)
	}
}
