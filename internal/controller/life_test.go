// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func onlyIn(namespace string) map[string]cache.Config { return map[string]cache.Config{namespace: {}} }

var provisioned = sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("RTC", "app-1"))

// TestLife follows one number from its declaration to its deletion.
func TestLife(t *testing.T) {
	w := newWorld(t)
	w.startOperator()
	number := w.create("support-us", "+12025550134",
		sinchtest.Number(sinchtest.SMSJob("WAITING", "sp-1", "C1")),
		sinchtest.Number(sinchtest.SMSJob("IN_PROGRESS", "sp-1", "C1")),
		sinchtest.Number(sinchtest.SMSJob("FAILED", "sp-1", "C1", "CAMPAIGN_NOT_AVAILABLE")),
		provisioned)

	w.becomes(number, "Synced=False/CredentialsInvalid", "Ready=Unknown/Pending", "Stalled=True/CredentialsInvalid")
	w.says(number, "Synced", `Secret "sinch-credentials" does not exist`, "keyId", "keySecret")

	secret := w.createSecret("wrong")
	w.later(keepTrouble)
	w.ask(number)
	w.becomes(number, "Synced=False/CredentialsInvalid")
	w.says(number, "Synced", `Sinch refuses the key in Secret "sinch-credentials"`)

	secret.StringData = map[string]string{v1alpha1.SecretKeySecret: keySecret + "\n"}
	if err := w.client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.later(time.Minute)
	w.ask(number)
	w.becomes(number, "Synced=True/Observed", "Active=True/Active", "SMSProvisioned=Unknown/Waiting", "VoiceProvisioned=Unknown/NotConfigured", "Ready=Unknown/Provisioning")
	w.ask(number)
	w.becomes(number, "SMSProvisioned=Unknown/InProgress")
	w.ask(number)
	w.becomes(number, "SMSProvisioned=False/Failed", "Ready=False/SMSProvisioningFailed", "Stalled=True/SMSProvisioningFailed")
	w.says(number, "Ready", "CAMPAIGN_NOT_AVAILABLE", "check the campaign id", "https://developers.sinch.com/")
	w.ask(number)
	w.becomes(number, "SMSProvisioned=True/Provisioned", "VoiceProvisioned=True/Provisioned", "AsExpected=True/NothingExpected", "Ready=True/Ready")

	w.edit(number, func(number *v1alpha1.ActiveNumber) { number.Spec.Suspend = true })
	w.becomes(number, "Synced=Unknown/Suspended", "Ready=True/Ready")
	looks := w.looks(number)
	w.request(number)
	w.edit(number, func(number *v1alpha1.ActiveNumber) { number.Spec.Suspend = false })
	w.becomes(number, "Synced=True/Observed")
	if got := w.looks(number); got != looks+1 {
		t.Errorf("%d looks while suspended and once resumed, want 1", got-looks)
	}

	w.sinch.Script(project, number.Spec.PhoneNumber, sinchtest.Recorded("not-found"))
	w.request(number)
	w.await("the first 404", func() bool { return w.looks(number) == looks+2 })
	w.becomes(number, "Ready=True/Ready")
	w.later(absenceGap)
	w.ask(number)
	w.becomes(number, "Synced=True/Observed", "Active=False/NotFound", "Ready=False/NotFound")
	if w.get(number).Status.Observed == nil {
		t.Error("what was seen is gone")
	}
	w.announced(number, "Warning CredentialsInvalid Synced", "Normal Observed Synced", "Normal Waiting SMSProvisioned", "Warning Failed SMSProvisioned",
		"Normal Provisioned SMSProvisioned", "Normal Suspended Synced", "Warning NotFound Active", "Normal NotFound AsExpected")

	if err := w.client.Delete(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(number), number); !apierrors.IsNotFound(err) {
		t.Errorf("the deleted number is still there: %v", err)
	}
	if log := w.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log speaks of errors:\n%s", log)
	}
}

// announced waits for events of the number, each such as "Warning Failed SMSProvisioned".
func (w *world) announced(number *v1alpha1.ActiveNumber, wants ...string) {
	w.Helper()
	for _, want := range wants {
		w.await("the event "+want, func() bool { return w.told(number, want) > 0 })
	}
}

func (w *world) events() []eventsv1.Event {
	w.Helper()
	var list eventsv1.EventList
	if err := w.client.List(w.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	return list.Items
}

func (w *world) says(number *v1alpha1.ActiveNumber, condition string, fragments ...string) {
	w.Helper()
	message := current(w.get(number), condition).message
	for _, fragment := range fragments {
		if !strings.Contains(message, fragment) {
			w.Errorf("%s says %q, which lacks %q", condition, message, fragment)
		}
	}
}

// steady is a number whose status is written and whose events are sent. It is walked with the real manager's client and
// cache, but without its queue, so that not one request is anybody else's.
type steady struct {
	*world
	manager ctrl.Manager
	walker  reconcile.Reconciler
	number  *v1alpha1.ActiveNumber
	left    time.Duration // until the next poll
}

func newSteady(t *testing.T, every time.Duration) *steady {
	w := newWorld(t)
	w.createSecret(keySecret)
	s := &steady{world: w, manager: w.manager(), number: w.create("steady", "+12025550101", provisioned)}
	w.edit(s.number, func(number *v1alpha1.ActiveNumber) { number.Spec.Interval.Duration = every })
	options := w.options()
	options.Heartbeat = 24 * time.Hour
	s.walker = reconcile.AsReconciler(s.manager.GetClient(), newReconciler(s.manager, options))
	if _, err := s.manager.GetCache().GetInformer(t.Context(), &v1alpha1.ActiveNumber{}); err != nil {
		t.Fatal(err)
	}
	w.start(s.manager)
	s.walk()
	w.becomes(s.number, "Ready=True/Ready")
	w.await("the status to reach the cache", func() bool {
		var cached v1alpha1.ActiveNumber
		err := s.manager.GetClient().Get(t.Context(), client.ObjectKeyFromObject(s.number), &cached)
		return err == nil && cached.ResourceVersion == s.number.ResourceVersion
	})
	w.await("the events to be sent", func() bool { return len(w.events()) == len(announced)-1 })
	return s
}

func (s *steady) walk() {
	s.Helper()
	result, err := s.walker.Reconcile(s.Context(), reconcile.Request{NamespacedName: client.ObjectKeyFromObject(s.number)})
	if err != nil {
		s.Fatal(err)
	}
	s.left = result.RequeueAfter
}

// polls walks it ten times, each when it is due, and returns the requests that this caused.
func (s *steady) polls() []string {
	s.Helper()
	before, looks := len(s.requests.since(0)), s.looks(s.number)
	for range 10 {
		s.later(s.left)
		s.walk()
	}
	if got := s.looks(s.number) - looks; got != 10 {
		s.Errorf("%d looks, want 10", got)
	}
	return s.requests.since(before)
}

func TestASteadyNumberCausesNoRequestsButReadsOfItsSecret(t *testing.T) {
	tests := map[string]struct {
		every       time.Duration
		least, most int // reads in ten polls
	}{
		"a read for each poll, ten minutes apart":               {10 * time.Minute, 9, 10},
		"at most a read a minute for polls half a minute apart": {30 * time.Second, 3, 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSteady(t, test.every)
			made := s.polls()
			secret := "GET /api/v1/namespaces/" + s.namespace + "/secrets/sinch-credentials"
			for _, request := range made {
				if request != secret {
					t.Errorf("a steady number causes %s", request)
				}
			}
			if got := len(made); got < test.least || got > test.most {
				t.Errorf("%d requests, want %d to %d", got, test.least, test.most)
			}
		})
	}
}

func TestAForeignWriter(t *testing.T) {
	tests := map[string]struct {
		change func(*v1alpha1.ActiveNumber)
		looks  int
	}{
		"K05 a foreign label during the look costs no second look": {
			func(number *v1alpha1.ActiveNumber) { number.Labels = map[string]string{"theirs": "kept"} }, 1,
		},
		"K09 an edit during the look is looked at itself": {
			func(number *v1alpha1.ActiveNumber) {
				number.Spec.Expected = &v1alpha1.Expected{Type: "LOCAL"}
				number.Labels = map[string]string{"theirs": "kept"}
			}, 2,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.createSecret(keySecret)
			w.startOperator()
			release := make(chan struct{})
			number := w.create("contested", "+12025550102", sinchtest.Held(release, provisioned), provisioned)
			w.await("the look to begin", func() bool { return w.looks(number) == 1 })
			w.edit(number, test.change)
			close(release)
			w.becomes(number, "Synced=True/Observed")
			w.await("the generation to be judged", func() bool { return w.get(number).Status.ObservedGeneration == number.Generation })
			if got := w.looks(number); got != test.looks {
				t.Errorf("%d looks, want %d", got, test.looks)
			}
			if number.Labels["theirs"] != "kept" {
				t.Error("the foreign label is lost")
			}
			if log := w.log.String(); strings.Contains(log, "ERROR") {
				t.Errorf("a conflict is logged as an error:\n%s", log)
			}
		})
	}
}

func TestK08ADeletedNumberIsNotResurrected(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	w.startOperator()
	release := make(chan struct{})
	number := w.create("reborn", "+12025550103", sinchtest.Held(release, provisioned), sinchtest.Number(sinchtest.Set("displayName", "second life")))
	w.await("the look to begin", func() bool { return w.looks(number) == 1 })
	if err := w.client.Delete(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	again := w.create("reborn", number.Spec.PhoneNumber)
	close(release)
	w.becomes(again, "Ready=True/Ready")
	if got := again.Status.Observed.DisplayName; got != "second life" {
		t.Errorf("the new number shows what was seen of the old one (display name %q)", got)
	}
}

func TestOneProbeForAllNumbersOfARefusedKey(t *testing.T) {
	w := newWorld(t)
	w.createSecret("wrong")
	w.startOperator()
	var numbers []*v1alpha1.ActiveNumber
	for i := range 100 {
		numbers = append(numbers, w.create(fmt.Sprintf("u10-%d", i), fmt.Sprintf("+12025550%03d", i)))
	}
	for _, number := range numbers {
		w.becomes(number, "Synced=False/CredentialsInvalid")
	}
	for minute := range 3 {
		if tokens := w.tokens(); tokens != minute+1 {
			t.Errorf("U10: after %d minutes %d numbers with one refused key have cost %d token requests, want %d", minute, len(numbers), tokens, minute+1)
		}
		w.later(probeRefused)
		for _, number := range numbers {
			w.request(number)
		}
		for _, number := range numbers {
			w.await("the poll request to be answered", func() bool {
				return w.get(number).Status.LastHandledPollRequest == number.Annotations[v1alpha1.PollRequestedAtAnnotation]
			})
		}
	}
}

func TestK07ARotatedKeyIsSeenWithinTheMinute(t *testing.T) {
	w := newWorld(t)
	secret := w.createSecret(keySecret)
	r := w.startOperator()
	number := w.create("rotated", "+12025550108", provisioned)
	w.becomes(number, "Synced=True/Observed")
	w.sinch.RemoveKey(keyID)
	w.sinch.AddKey("next-id", "next-secret")
	secret.StringData = map[string]string{v1alpha1.SecretKeyID: "next-id", v1alpha1.SecretKeySecret: "next-secret"}
	if err := w.client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.ask(number)
	w.becomes(number, "Synced=True/Observed")
	for _, event := range w.events() {
		if event.Reason == v1alpha1.ReasonCredentialsInvalid {
			t.Error("the rotation shows")
		}
	}
	r.sessions.mu.Lock()
	defer r.sessions.mu.Unlock()
	if got := len(r.sessions.open); got != 1 {
		t.Errorf("%d sessions are open, want that of the new key alone", got)
	}
}

func TestS06NoTenantRidesOnAnothersToken(t *testing.T) {
	s := newSessions(nil, newWorld(t).options(), unjittered)
	ours, theirs := newStory(t).number, newStory(t).number
	theirs.Namespace = "another-tenant"
	key := sinch.Key{ID: keyID, Secret: keySecret}
	first := s.session(ours, key)
	if s.session(theirs, key) == first {
		t.Error("two namespaces with the same key share a session")
	}
	if s.session(ours, sinch.Key{ID: keyID, Secret: "another"}) == first {
		t.Error("two keys with the same id share a session")
	}
	if s.session(ours, key) != first {
		t.Error("one key has two sessions")
	}
}

func TestK02AnOperatorThatEndsSaysNothingOfItsLooks(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	t.Run("ends during a look", func(t *testing.T) {
		inner := *w
		inner.T = t
		inner.startOperator()
		number := inner.create("cut-short", "+12025550109", sinchtest.Held(make(chan struct{}), provisioned))
		inner.await("the look to begin", func() bool { return inner.looks(number) == 1 })
	})
	var number v1alpha1.ActiveNumber
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: "cut-short"}, &number); err != nil {
		t.Fatal(err)
	}
	if number.Status.ObservedGeneration != 0 {
		t.Errorf("a look that was cut short is written: %v", number.Status)
	}
	if log := w.log.String(); strings.Contains(log, "ERROR") || strings.Contains(log, "canceled") {
		t.Errorf("the log speaks of it:\n%s", log)
	}
}

func TestAKeyThatOneProjectRefusesIsTriedOnceAMinuteThere(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	w.startOperator()
	good := w.create("good", "+12025550104", provisioned)
	refused := &v1alpha1.ActiveNumber{Spec: v1alpha1.ActiveNumberSpec{ProjectID: "another-project", PhoneNumber: "+12025550105"}}
	refused.Namespace, refused.Name = w.namespace, "refused"
	w.sinch.Script(refused.Spec.ProjectID, refused.Spec.PhoneNumber, sinchtest.Refusal(http.StatusUnauthorized, "UNAUTHENTICATED"))
	if err := w.client.Create(t.Context(), refused); err != nil {
		t.Fatal(err)
	}
	w.becomes(refused, "Synced=False/CredentialsInvalid")
	w.says(refused, "Synced", "for project another-project")
	w.becomes(good, "Synced=True/Observed")
	for range 5 {
		w.ask(good)
		w.ask(refused)
	}
	if got := w.looks(refused); got != 2 { // the second with a fresh token
		t.Errorf("the refused project is asked %d times within a minute, want 2", got)
	}
	w.becomes(good, "Synced=True/Observed")
	w.later(probeRefused)
	w.ask(refused)
	if got := w.looks(refused); got != 4 {
		t.Errorf("the refused project is asked %d times after a minute, want 4", got)
	}
}

func TestATurnIsTakenOnlyByWhoMayUseIt(t *testing.T) {
	here, elsewhere := newStory(t).number, newStory(t).number
	elsewhere.Spec.ProjectID = "another-project"
	s := newAccount(generous, unjittered)
	s.refused[""], s.refused[here.Spec.ProjectID] = refusal{until: birth}, refusal{until: birth.Add(30 * time.Second)}
	locked := func(number *v1alpha1.ActiveNumber) (wait time.Duration) {
		_, err := s.enter(number, false, birth)
		if locked, refused := errors.AsType[*lockout](err); refused {
			return locked.wait
		}
		return 0
	}
	if wait := locked(here); wait != 30*time.Second {
		t.Errorf("the refused project must wait %s, want 30s", wait)
	}
	if wait := locked(elsewhere); wait != 0 {
		t.Errorf("another project must wait %s, want the turn that the first could not use", wait)
	}
	if wait := locked(elsewhere); wait != probeRefused {
		t.Errorf("the next one must wait %s, want a minute", wait)
	}
}

func TestAPollRequestDuringALookIsAnsweredByTheNext(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	w.startOperator()
	release := make(chan struct{})
	number := w.create("asked", "+12025550106", sinchtest.Held(release, provisioned), provisioned)
	w.await("the look to begin", func() bool { return w.looks(number) == 1 })
	w.request(number)
	close(release)
	w.await("the poll request to be answered", func() bool { return w.get(number).Status.LastHandledPollRequest == "I" })
	if got := w.looks(number); got != 2 {
		t.Errorf("%d looks, want one before the request and one for it", got)
	}
}

func TestADeletedNumberIsForgotten(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	r := w.startOperator()
	number := w.create("forgotten", "+12025550107", provisioned)
	w.becomes(number, "Ready=True/Ready")
	if err := w.client.Delete(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	w.await("the recall to go", func() bool {
		r.recall.mu.Lock()
		defer r.recall.mu.Unlock()
		return len(r.recall.byUID) == 0
	})
}

func TestK08AReplacementInOneUpdateIsWalked(t *testing.T) {
	old, replacement := newStory(t).number, newStory(t).number
	replacement.UID = "another"
	update := event.UpdateEvent{ObjectOld: old, ObjectNew: replacement}
	if !replacedOrAsked.Update(update) {
		t.Error("another number of the same name is not walked")
	}
	r := &Reconciler{recall: newRecalls(), census: newCensus(), sessions: &sessions{}}
	r.recall.of(old, birth)
	r.census.enter(old)
	r.follower().Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.ActiveNumber]{ObjectOld: old, ObjectNew: replacement}, nil)
	if known, _ := r.census.all(); len(r.recall.byUID) != 0 || len(known) != 1 || known[0] != replacement {
		t.Errorf("the number that was replaced is not forgotten: %v", known)
	}
	r.follower().Delete(t.Context(), event.TypedDeleteEvent[*v1alpha1.ActiveNumber]{Object: replacement}, nil)
	if known, _ := r.census.all(); len(known) != 0 {
		t.Errorf("the number that was deleted is told of: %v", known)
	}
	if replacedOrAsked.Update(event.UpdateEvent{ObjectOld: old, ObjectNew: old}) {
		t.Error("a resync wakes the number")
	}
}

func TestARestartRemembersNothingAndLosesNothing(t *testing.T) {
	memory := newRecalls()
	number := newStory(t).number
	first := memory.of(number, birth)
	first.transient = 3
	memory.keep(number.UID, first)
	if got := memory.of(number, birth.Add(time.Hour)); got.transient != 3 || !got.begun.Equal(birth) {
		t.Errorf("got %+v, want what was kept", got)
	}
	memory.evict(number.UID)
	memory.keep(number.UID, first)
	if got := memory.of(number, birth.Add(time.Hour)); got.transient != 0 {
		t.Errorf("a walk that ends after the deletion brings the recall back: %+v", got)
	}
}
