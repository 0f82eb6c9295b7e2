// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func unjittered(d time.Duration) time.Duration { return d }

func TestUntilDue(t *testing.T) {
	asks := func(value string) func(*story) {
		return func(s *story) { s.number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: value} }
	}
	tests := map[string]struct {
		before func(*story)
		want   time.Duration
	}{
		"a number that was looked at sleeps the rest": {func(*story) {}, 7 * time.Minute},
		"an edited number is due":                     {func(s *story) { s.edited(expectType) }, 0},
		"a number never walked here is due":           {func(s *story) { s.restarted() }, 0},
		"a suspended number is not due":               {func(s *story) { s.edited(suspend).sees(noLook) }, interval},
		"a number that asks for a look is due":        {asks("2026-11-21T09:03:00Z"), 0},
		"a request of 64 characters counts":           {asks(strings.Repeat("ü", 64)), 0},
		"a request of 65 characters is ignored":       {asks(strings.Repeat("x", 65)), 7 * time.Minute},
		"an answered request is no request": {func(s *story) {
			asks("1")(s)
			s.number.Status.LastHandledPollRequest = "1"
		}, 7 * time.Minute},
		"a suspended number lets a request wait": {func(s *story) { asks("1")(s.edited(suspend).sees(noLook)) }, interval},
		"what could not be written is due": {func(s *story) {
			s.number.ResourceVersion = "7"
			s.memory.held = &observation{}
		}, 0},
		"what was refused waits for the change that refused it": {func(s *story) {
			s.number.ResourceVersion = "7"
			s.memory.held = &observation{conflict: "7"}
		}, conflictGap},
		"what was refused is due once that change is here": {func(s *story) {
			s.number.ResourceVersion = "8"
			s.memory.held = &observation{conflict: "7"}
		}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).sees(sees())
			s.memory.due = s.now.Add(interval)
			s.later(3 * time.Minute)
			test.before(s)
			if got := untilDue(s.number, s.memory, s.now); got != test.want {
				t.Errorf("due in %s, want %s", got, test.want)
			}
		})
	}
}

func TestUntilNext(t *testing.T) {
	waits := func(o observation, wait time.Duration) observation {
		o.wait = wait
		return o
	}
	running := sees(smsJob("WAITING"))
	tests := map[string]struct {
		looks []observation // a minute apart
		want  time.Duration
	}{
		"a good look is followed after the interval":          {[]observation{sees()}, interval},
		"a first 404 is followed after ten seconds":           {[]observation{sees(), missing}, absenceGap},
		"a second one after the interval":                     {[]observation{missing, missing}, interval},
		"a job that appears is looked at after 15 s":          {[]observation{sees(), running}, 15 * time.Second},
		"a job a minute old after another":                    {[]observation{running, running}, time.Minute},
		"a job two minutes old after two more":                {[]observation{running, running, sees(voiceJob("IN_PROGRESS"))}, 2 * time.Minute},
		"an old job never less often than the interval":       {append(repeat(running, 30), running), interval},
		"a job that failed no sooner than the interval":       {[]observation{running, sees(smsJob("FAILED"))}, interval},
		"a first failure after two seconds":                   {[]observation{outage}, 2 * time.Second},
		"each further one after twice the time":               {repeat(outage, 4), 16 * time.Second},
		"a long outage never less often than the interval":    {repeat(outage, 100), interval},
		"a rate limit after the time that it asks for":        {[]observation{waits(fails(v1alpha1.ReasonRateLimited), 7*time.Second)}, 7 * time.Second},
		"a rate limit that asks for little, after the longer": {append(repeat(outage, 4), waits(fails(v1alpha1.ReasonRateLimited), time.Second)), 32 * time.Second},
		"a refused key when it is tried again":                {[]observation{waits(locked, 40*time.Second)}, 40 * time.Second},
		"a denied number after the interval":                  {[]observation{fails(v1alpha1.ReasonAccessDenied)}, interval},
		"a rejected request after the interval":               {[]observation{fails(v1alpha1.ReasonRequestRejected)}, interval},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			last := observation{}
			for _, seen := range test.looks {
				s.later(time.Minute).sees(seen)
				last = seen
			}
			last.at = s.now
			if got := untilNext(s.number, s.memory, last, unjittered); got != test.want {
				t.Errorf("next look in %s, want %s", got, test.want)
			}
		})
	}
}

func TestARequestThatCameDuringTheLookIsNext(t *testing.T) {
	s := newStory(t).sees(sees())
	s.number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: "2"}
	for asked, want := range map[string]time.Duration{"": conflictGap, "1": conflictGap, "2": absenceGap} {
		seen := missing
		seen.asked = asked
		if got := untilNext(s.number, s.memory, seen, unjittered); got != want {
			t.Errorf("after a look for the request %q the next is in %s, want %s", asked, got, want)
		}
	}
}

func repeat(seen observation, times int) []observation {
	var all []observation
	for range times {
		all = append(all, seen)
	}
	return all
}

// TestU01AnOutageIsCheap lets Sinch be away for ten hours, and counts what that costs.
func TestU01AnOutageIsCheap(t *testing.T) {
	r := &Reconciler{Options: Options{Heartbeat: time.Hour}}
	s := newStory(t).sees(sees())
	looks, writes, events := 0, 0, 0
	look := func(seen observation) {
		was := s.number.DeepCopy()
		s.sees(seen)
		looks++
		if r.worthWriting(was, s.number) {
			writes++
		}
		for _, condition := range announced {
			if flipped(condition, current(was, condition), current(s.number, condition)) {
				events++
			}
		}
	}
	reasons := []string{v1alpha1.ReasonProviderUnavailable, v1alpha1.ReasonMalformedResponse, v1alpha1.ReasonRateLimited}
	s.later(interval)
	for end := s.now.Add(10 * time.Hour); s.now.Before(end); {
		seen := fails(reasons[looks%len(reasons)])
		look(seen)
		seen.at = s.now
		s.later(untilNext(s.number, s.memory, seen, unjittered))
	}
	if healthy := int(10 * time.Hour / interval); looks > healthy+10 {
		t.Errorf("%d looks, want at most the %d of a healthy number and log2 of the interval", looks, healthy)
	}
	if writes != 2 || events != 2 {
		t.Errorf("%d writes and %d events, want 2 and 2", writes, events)
	}
	look(sees())
	if s.is("Synced=True/Observed", "Ready=True/Ready"); writes != 3 || events != 4 {
		t.Errorf("with the recovery %d writes and %d events, want 3 and 4", writes, events)
	}
}

func TestFlips(t *testing.T) {
	tests := map[string]struct {
		condition     string
		before, after verdict
		want          bool
	}{
		"another reason":                       {"Synced", unknown("Pending", ""), yes("Observed", ""), true},
		"another reason of the same status":    {"SMSProvisioned", unknown("Waiting", ""), unknown("InProgress", ""), true},
		"another message":                      {"Active", yes("Active", "2.00 USD"), yes("Active", "3.00 USD"), false},
		"another error code":                   {"SMSProvisioned", no("Failed", "A"), no("Failed", "B"), true},
		"another drift":                        {"AsExpected", no("Drifted", "A"), no("Drifted", "B"), true},
		"the same failure":                     {"VoiceProvisioned", no("Failed", "A"), no("Failed", "A"), false},
		"Ready that repeats another condition": {"Ready", yes("Ready", ""), no("SMSProvisioningFailed", ""), false},
		"Ready that becomes stale":             {"Ready", yes("Ready", ""), unknown("Stale", ""), true},
		"Ready that is no longer stale":        {"Ready", unknown("Stale", ""), no("NotFound", ""), true},
		"Ready that stays stale":               {"Ready", unknown("Stale", "A"), unknown("Stale", "B"), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := flipped(test.condition, test.before, test.after); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
