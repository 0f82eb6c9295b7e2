// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func TestU03A429SilencesItsCredentialAlone(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	w.startOperator()
	limited := w.create("limited", "+12025550110", provisioned)
	same := w.create("same-credential", "+12025550111", provisioned)
	other := w.createAlone("other-credential", "+12025550112", provisioned)
	for _, number := range []*v1alpha1.ActiveNumber{limited, same, other} {
		w.becomes(number, "Ready=True/Ready")
	}
	w.sinch.Script(project, limited.Spec.PhoneNumber, sinchtest.Refusal(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED").With("Retry-After", "3600"), provisioned)
	w.ask(limited)
	w.request(same)
	w.request(limited)
	w.ask(other)
	w.later(59 * time.Minute)
	w.request(same)
	w.request(limited)
	w.ask(other)
	w.becomes(same, "Ready=Unknown/Stale", "Synced=Unknown/RateLimited")
	if w.looks(limited) != 2 || w.looks(same) != 1 {
		t.Errorf("%d and %d looks with the credential that pauses, want 2, the last of which was limited, and 1", w.looks(limited), w.looks(same))
	}
	if w.get(same).Status.LastHandledPollRequest != "" {
		t.Error("a poll request is answered by a pause")
	}
	w.later(2 * time.Minute)
	for _, number := range []*v1alpha1.ActiveNumber{limited, same} {
		w.ask(number)
		w.becomes(number, "Ready=True/Ready", "Synced=True/Observed")
	}
	if w.looks(limited) != 3 || w.looks(same) != 2 || w.looks(other) != 3 {
		t.Errorf("%d, %d and %d looks in all, want 3, 2 and 3", w.looks(limited), w.looks(same), w.looks(other))
	}
}

func TestK12AHangingTenantHoldsAQuarterOfTheWorkers(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	options := w.options()
	w.startWith(options)
	release := make(chan struct{})
	var hanging []*v1alpha1.ActiveNumber
	for i := range 2 * options.Workers {
		hanging = append(hanging, w.create(fmt.Sprintf("hanging-%d", i), fmt.Sprintf("+12025551%03d", i), sinchtest.Held(release, provisioned)))
	}
	w.await("the hanging looks to begin", func() bool { return w.underWay(hanging) > 0 })
	for i := range 10 {
		small := w.createAlone(fmt.Sprintf("small-%d", i), fmt.Sprintf("+12025552%03d", i), provisioned)
		w.becomes(small, "Ready=True/Ready")
	}
	if got, want := w.underWay(hanging), options.Workers/4; got != want {
		t.Errorf("%d hanging looks are under way, want a quarter of the workers, %d", got, want)
	}
	close(release)
	for _, number := range hanging {
		w.becomes(number, "Ready=True/Ready")
	}
}

func (w *world) underWay(numbers []*v1alpha1.ActiveNumber) (looks int) {
	for _, number := range numbers {
		looks += w.looks(number)
	}
	return looks
}

func TestS07TogglesCostWhatTheBudgetAllows(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	options := w.options()
	options.Rate, options.Burst = 10, 5
	number := w.create("toggled", "+12025550113", provisioned)
	began := time.Now()
	w.startWith(options)
	for i := range 200 {
		w.edit(number, func(number *v1alpha1.ActiveNumber) {
			number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: fmt.Sprint(i)}
		})
	}
	w.await("the last poll request to be answered", func() bool { return w.get(number).Status.LastHandledPollRequest == "199" })
	most := options.Burst + int(options.Rate*time.Since(began).Seconds()) + 1
	if got := w.looks(number); got < 2 || got > most {
		t.Errorf("%d looks for 200 poll requests, want at least 2 and at most the %d that the budget allows", got, most)
	}
}

func TestAChangedPollIsOnePatch(t *testing.T) {
	s := newSteady(t, 10*time.Minute)
	s.sinch.Script(project, s.number.Spec.PhoneNumber, sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("RTC", "app-1"), sinchtest.Set("displayName", "another")))
	before := len(s.requests.since(0))
	s.later(11 * time.Minute)
	s.walk()
	var writes []string
	for _, request := range s.requests.since(before) {
		if !strings.HasPrefix(request, http.MethodGet) {
			writes = append(writes, request)
		}
	}
	if len(writes) != 1 || !strings.HasPrefix(writes[0], http.MethodPatch) || !strings.HasSuffix(writes[0], "/activenumbers/steady/status") {
		t.Errorf("the change causes %q, want one patch of the status", writes)
	}
	if got := s.get(s.number).Status.Observed.DisplayName; got != "another" {
		t.Errorf("the display name is %q", got)
	}
}

func TestARestartNeitherLooksNorWrites(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	number := w.create("steady", "+12025550114", provisioned)
	w.edit(number, func(number *v1alpha1.ActiveNumber) { number.Spec.Interval.Duration = 24 * time.Hour })
	t.Run("before", func(t *testing.T) {
		inner := *w
		inner.T = t
		inner.startOperator()
		inner.becomes(number, "Ready=True/Ready")
	})
	if untilSlot(number.UID, 24*time.Hour, w.Now(), 0) < 2*time.Hour {
		w.later(2 * time.Hour) // not into the slot itself
	}
	written := w.get(number).ResourceVersion
	r := w.startOperator()
	w.await("the number to be walked", func() bool {
		r.recall.mu.Lock()
		defer r.recall.mu.Unlock()
		_, walked := r.recall.byUID[number.UID]
		return walked
	})
	w.becomes(w.create("new", "+12025550115", provisioned), "Ready=True/Ready")
	if got := w.looks(number); got != 1 || w.get(number).ResourceVersion != written {
		t.Errorf("%d looks, and resource version %s: want the one of before the restart, and %s", got, number.ResourceVersion, written)
	}
	w.later(24 * time.Hour)
	w.ask(number)
	if got := w.looks(number); got != 2 {
		t.Errorf("%d looks once asked for, want 2", got)
	}
}
