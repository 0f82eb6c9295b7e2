// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"container/heap"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// TestARefusedProjectTakesNobodysTurn has a thousand numbers of a project that Sinch refuses, and a hundred of another with the
// same key, which are due once a minute, for ten minutes.
func TestARefusedProjectTakesNobodysTurn(t *testing.T) {
	a := newAccount(usual, unjittered)
	numbers := map[types.UID]*v1alpha1.ActiveNumber{}
	var coming visits
	for i := range 1100 {
		number := aNumber()
		number.UID = types.UID(fmt.Sprint(i))
		if i >= 100 {
			number.Spec.ProjectID = "refused"
		}
		numbers[number.UID] = number
		coming = append(coming, visit{at: birth, uid: number.UID, turn: i})
	}
	heap.Init(&coming)
	good, probes := 0, 0
	for coming[0].at.Before(birth.Add(10 * time.Minute)) {
		v := heap.Pop(&coming).(visit)
		flight, err := a.enter(numbers[v.uid], false, v.at)
		wait := time.Minute
		if locked, ok := errors.AsType[*lockout](err); ok {
			wait = locked.wait
		} else if queued, ok := errors.AsType[*queued](err); ok {
			wait = queued.wait
		} else if numbers[v.uid].Spec.ProjectID == "refused" {
			probes++
			refused := &sinch.Error{Kind: sinch.Unauthorized}
			wait = a.heed(numbers[v.uid], refused, v.at).wait
			a.land(flight, refused, v.at)
		} else {
			good++
			a.land(flight, nil, v.at)
		}
		v.at = v.at.Add(wait)
		heap.Push(&coming, v)
	}
	if good < 950 {
		t.Errorf("%d looks at the hundred good numbers in ten minutes, want one each a minute", good)
	}
	if probes < 9 || probes > 11 {
		t.Errorf("%d tries of the refused project in ten minutes, want one a minute", probes)
	}
}

func TestWhoIsGoneOrSuspendedGivesUpItsPlace(t *testing.T) {
	key := sinch.Key{ID: keyID, Secret: keySecret}
	tests := map[string]func(*Reconciler, *v1alpha1.ActiveNumber){
		"deleted": func(r *Reconciler, number *v1alpha1.ActiveNumber) {
			r.follower().Delete(t.Context(), event.TypedDeleteEvent[*v1alpha1.ActiveNumber]{Object: number}, nil)
		},
		"suspended": func(r *Reconciler, number *v1alpha1.ActiveNumber) {
			number.Spec.Suspend = true
			if _, err := r.observe(t.Context(), number, recall{}); err != nil {
				t.Error(err)
			}
		},
	}
	for name, gone := range tests {
		t.Run(name, func(t *testing.T) {
			options := newWorld(t).options()
			options.Rate, options.Burst = 1, 2
			r := &Reconciler{Options: options, recall: newRecalls(), census: newCensus(), sessions: newSessions(nil, options, unjittered)}
			number := newStory(t).number
			account := r.sessions.session(number, key).account
			for _, uid := range []types.UID{"first", number.UID} {
				if _, turn := account.budget.admit(uid, false, options.Now()); (turn == nil) != (uid == "first") {
					t.Fatalf("%s: %v", uid, turn)
				}
			}
			if got := len(account.budget.routine.places); got != 1 {
				t.Fatalf("%d numbers in line, want 1", got)
			}
			if gone(r, number); len(account.budget.routine.places) != 0 {
				t.Error("it still has a place in line")
			}
		})
	}
}

func TestAPauseOutlastsTheSecret(t *testing.T) {
	options := newWorld(t).options()
	s := newSessions(nil, options, unjittered)
	number, key := newStory(t).number, sinch.Key{ID: keyID, Secret: keySecret}
	before := s.session(number, key)
	before.account.budget.land(flight{}, limited(time.Hour), options.Now())
	s.prune(number.Namespace, key, sinch.Key{})
	after := s.session(number, key)
	if after == before {
		t.Error("the session, and its token, outlast the Secret")
	}
	if _, err := after.account.enter(number, true, options.Now()); err == nil {
		t.Error("a look begins during the pause")
	}
}

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("a bug") }

func TestK15APanicEndsTheLook(t *testing.T) {
	asked, err := sinch.New(sinch.Config{APIURL: "https://api.example", TokenURL: "https://token.example", Transport: panicking{}})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Sinch: asked, Workers: 32, Rate: 10, Burst: 30, Now: time.Now}
	number := newStory(t).number
	number.Spec.Auth.Method = v1alpha1.AuthBasic
	session := newSessions(nil, options, unjittered).session(number, sinch.Key{ID: keyID, Secret: keySecret})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("there was no panic")
			}
		}()
		_, _ = session.ask(t.Context(), number, false, options.Now)
	}()
	if got := session.account.budget.flying; got != 0 {
		t.Errorf("%d looks are under way after a panic", got)
	}
}
