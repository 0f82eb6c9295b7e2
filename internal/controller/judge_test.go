// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

const interval = 10 * time.Minute

var birth = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// story is the life of one number, told look by look on a clock of its own.
type story struct {
	t      *testing.T
	number *v1alpha1.ActiveNumber
	memory recall
	now    time.Time
}

func newStory(t *testing.T) *story {
	number, now := aNumber(), birth.Add(time.Second)
	return &story{t, number, begin(number, now), now}
}

// aNumber is one that was declared and not looked at yet.
func aNumber() *v1alpha1.ActiveNumber {
	number := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: "telephony", Name: "support-us", UID: "3f1d6a0e-5a52-4b7e-9c1d-2f8e4a6b7c90", Generation: 1, CreationTimestamp: metav1.NewTime(birth)},
		Spec: v1alpha1.ActiveNumberSpec{
			ProjectID:   "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a",
			PhoneNumber: "+12025550134",
			Auth:        v1alpha1.Auth{Method: v1alpha1.AuthOAuth2, SecretRef: v1alpha1.SecretReference{Name: "sinch-credentials"}},
			Interval:    metav1.Duration{Duration: interval},
		},
	}
	for _, condition := range append(slices.Clip(announced), v1alpha1.ConditionReconciling) {
		number.Status.Conditions = append(number.Status.Conditions, metav1.Condition{
			Type: condition, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending, Message: "Sinch has not been asked yet", LastTransitionTime: metav1.Unix(0, 0),
		})
	}
	return number
}

// sees judges what a look finds, and plans the next.
func (s *story) sees(seen observation) *story {
	seen.at, seen.generation = s.now, s.number.Generation
	s.memory = judge(s.number, s.memory, seen, s.now).plan(s.number, seen, unjittered)
	return s
}

func (s *story) later(d time.Duration) *story {
	s.now = s.now.Add(d)
	return s
}

func (s *story) edited(edit func(*v1alpha1.ActiveNumberSpec)) *story {
	edit(&s.number.Spec)
	s.number.Generation++
	return s
}

func (s *story) restarted() *story {
	s.memory = begin(s.number, s.now)
	return s
}

// is checks conditions, each such as Ready=True/Ready, or !Stalled for absence.
func (s *story) is(wants ...string) *story {
	s.t.Helper()
	for _, want := range wants {
		condition, _, _ := strings.Cut(strings.TrimPrefix(want, "!"), "=")
		got := "!" + condition
		if found := meta.FindStatusCondition(s.number.Status.Conditions, condition); found != nil {
			got = fmt.Sprintf("%s=%s/%s", condition, found.Status, found.Reason)
		}
		if got != want {
			s.t.Errorf("after %s: got %s, want %s", s.now.Sub(birth), got, want)
		}
	}
	return s
}

func (s *story) says(condition string, fragments ...string) *story {
	s.t.Helper()
	message := current(s.number, condition).message
	for _, fragment := range fragments {
		if !strings.Contains(message, fragment) {
			s.t.Errorf("%s says %q, which lacks %q", condition, message, fragment)
		}
	}
	return s
}

func sees(changes ...func(*v1alpha1.Observed)) observation {
	observed := &v1alpha1.Observed{
		PhoneNumber: "+12025550134", Type: "LOCAL", RegionCode: "US", Capability: []string{"SMS", "VOICE"},
		Money:                 &v1alpha1.Money{CurrencyCode: "USD", Amount: "2.00"},
		PaymentIntervalMonths: new(int32(1)),
		NextChargeDate:        &metav1.Time{Time: time.Date(2026, 12, 21, 17, 47, 51, 0, time.UTC)},
		SMSConfiguration:      &v1alpha1.SMSConfiguration{ServicePlanID: "sp-1"},
		VoiceConfiguration:    &v1alpha1.VoiceConfiguration{Type: "RTC", AppID: "app-1"},
	}
	for _, change := range changes {
		change(observed)
	}
	return observation{number: observed}
}

func smsJob(status string, codes ...string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) {
		o.SMSConfiguration = &v1alpha1.SMSConfiguration{ScheduledProvisioning: &v1alpha1.ScheduledProvisioning{
			ServicePlanID: "sp-2", CampaignID: "C2", Status: status, ErrorCodes: codes,
		}}
	}
}

func sms(configuration *v1alpha1.SMSConfiguration) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.SMSConfiguration = configuration }
}

func voiceJob(status string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) {
		o.VoiceConfiguration.ScheduledVoiceProvisioning = &v1alpha1.ScheduledVoiceProvisioning{Type: "EST", TrunkID: "trunk-1", Status: status}
	}
}

func voice(configuration *v1alpha1.VoiceConfiguration) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.VoiceConfiguration = configuration }
}

func expires(o *v1alpha1.Observed) {
	o.ExpireAt = &metav1.Time{Time: time.Date(2026, 12, 21, 17, 47, 51, 0, time.UTC)}
}

func fails(reason string) observation {
	return observation{reason: reason, message: "because of " + reason}
}

var (
	missing = observation{absent: true}
	outage  = fails(v1alpha1.ReasonProviderUnavailable)
	locked  = fails(v1alpha1.ReasonCredentialsInvalid)
	noLook  = observation{}
	inLine  = observation{queued: true, wait: 2 * time.Second}
	paused  = observation{queued: true, wait: time.Hour, reason: v1alpha1.ReasonRateLimited, message: "paused"}
)

func suspend(spec *v1alpha1.ActiveNumberSpec) { spec.Suspend = true }
func resume(spec *v1alpha1.ActiveNumberSpec)  { spec.Suspend = false }
func expectType(spec *v1alpha1.ActiveNumberSpec) {
	spec.Expected = &v1alpha1.Expected{Type: "MOBILE"}
}

func TestOneLook(t *testing.T) {
	tests := map[string]struct {
		seen observation
		want string
	}{
		"a provisioned number is ready": {
			sees(), "Synced=True/Observed Active=True/Active SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned AsExpected=True/NothingExpected Ready=True/Ready !Stalled !Reconciling",
		},
		"a released number is ready until it expires": {sees(expires), "Active=True/Expiring Ready=True/Ready"},
		"an SMS job that waits": {
			sees(smsJob("WAITING")), "SMSProvisioned=Unknown/Waiting Ready=Unknown/Provisioning Reconciling=True/Provisioning !Stalled",
		},
		"an SMS job in progress": {sees(smsJob("IN_PROGRESS")), "SMSProvisioned=Unknown/InProgress Ready=Unknown/Provisioning"},
		"an SMS job that failed": {
			sees(smsJob("FAILED", "INTERNAL_ERROR")), "SMSProvisioned=False/Failed Ready=False/SMSProvisioningFailed Stalled=True/SMSProvisioningFailed !Reconciling",
		},
		"an SMS job that Sinch does not specify": {
			sees(smsJob("PROVISIONING_STATUS_UNSPECIFIED")), "SMSProvisioned=Unknown/Unspecified Ready=Unknown/Unspecified Reconciling=True/Unspecified",
		},
		"an SMS job with a status that is new":           {sees(smsJob("QUEUED")), "SMSProvisioned=Unknown/Unspecified Ready=Unknown/Unspecified"},
		"an SMS job without a status":                    {sees(smsJob("")), "SMSProvisioned=Unknown/Unspecified"},
		"no SMS configuration":                           {sees(sms(nil)), "SMSProvisioned=Unknown/NotConfigured Ready=True/Ready"},
		"a campaign without a service plan":              {sees(sms(&v1alpha1.SMSConfiguration{CampaignID: "C1"})), "SMSProvisioned=Unknown/NotConfigured"},
		"no voice configuration":                         {sees(voice(nil)), "VoiceProvisioned=Unknown/NotConfigured Ready=True/Ready"},
		"an RTC configuration without an app":            {sees(voice(&v1alpha1.VoiceConfiguration{Type: "RTC"})), "VoiceProvisioned=Unknown/NotConfigured"},
		"an app without a type is RTC":                   {sees(voice(&v1alpha1.VoiceConfiguration{AppID: "a"})), "VoiceProvisioned=True/Provisioned"},
		"a trunk in an EST configuration":                {sees(voice(&v1alpha1.VoiceConfiguration{Type: "EST", TrunkID: "t"})), "VoiceProvisioned=True/Provisioned"},
		"a fax service in a FAX configuration":           {sees(voice(&v1alpha1.VoiceConfiguration{Type: "FAX", ServiceID: "s"})), "VoiceProvisioned=True/Provisioned"},
		"an id that is not the type's":                   {sees(voice(&v1alpha1.VoiceConfiguration{Type: "FAX", AppID: "a"})), "VoiceProvisioned=Unknown/NotConfigured"},
		"an id of a type that is new":                    {sees(voice(&v1alpha1.VoiceConfiguration{Type: "SIP2", TrunkID: "t"})), "VoiceProvisioned=True/Provisioned"},
		"a voice job that waits":                         {sees(voiceJob("WAITING")), "VoiceProvisioned=Unknown/Waiting Ready=Unknown/Provisioning"},
		"a voice job in progress":                        {sees(voiceJob("IN_PROGRESS")), "VoiceProvisioned=Unknown/InProgress Ready=Unknown/Provisioning"},
		"a voice job that failed":                        {sees(voiceJob("FAILED")), "VoiceProvisioned=False/Failed Ready=False/VoiceProvisioningFailed Stalled=True/VoiceProvisioningFailed"},
		"a failed SMS job outweighs a failed voice job":  {sees(smsJob("FAILED"), voiceJob("FAILED")), "Ready=False/SMSProvisioningFailed"},
		"a failed voice job outweighs a waiting SMS job": {sees(smsJob("WAITING"), voiceJob("FAILED")), "Ready=False/VoiceProvisioningFailed"},
		"a waiting job outweighs an unspecified one":     {sees(smsJob("QUEUED"), voiceJob("WAITING")), "Ready=Unknown/Provisioning"},
		"wrong credentials need a person at once": {
			locked, "Synced=False/CredentialsInvalid Active=Unknown/Pending Ready=Unknown/Pending Stalled=True/CredentialsInvalid !Reconciling",
		},
		"a denied number needs a person at once":            {fails(v1alpha1.ReasonAccessDenied), "Synced=False/AccessDenied Stalled=True/AccessDenied"},
		"a rejected request needs a person at once":         {fails(v1alpha1.ReasonRequestRejected), "Synced=False/RequestRejected Stalled=True/RequestRejected"},
		"an outage shows at once on a number never seen":    {outage, "Synced=Unknown/ProviderUnavailable Ready=Unknown/Pending Reconciling=True/Pending !Stalled"},
		"a rate limit shows at once on a number never seen": {fails(v1alpha1.ReasonRateLimited), "Synced=Unknown/RateLimited"},
		"nonsense shows at once on a number never seen":     {fails(v1alpha1.ReasonMalformedResponse), "Synced=Unknown/MalformedResponse"},
		"a first 404 proves nothing":                        {missing, "Synced=Unknown/Pending Active=Unknown/Pending Ready=Unknown/Pending"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).sees(test.seen).is(strings.Fields(test.want)...)
			if got := s.number.Status.ObservedGeneration; got != 1 {
				t.Errorf("observedGeneration is %d, want 1", got)
			}
		})
	}
}

func TestLooksThatFail(t *testing.T) {
	tellAll(t, map[string]func(*story){
		"U06 one 404 and then a 200 is nothing": func(s *story) {
			s.sees(sees()).later(interval).sees(missing).is("Synced=True/Observed", "Active=True/Active", "Ready=True/Ready")
			s.later(10 * time.Second).sees(sees()).later(interval).sees(missing).is("Ready=True/Ready")
		},
		"U07 a second 404 after ten seconds is NotFound, and what was seen stays": func(s *story) {
			s.sees(sees()).later(interval).sees(missing).later(10 * time.Second).sees(missing)
			s.is("Synced=True/Observed", "Active=False/NotFound", "SMSProvisioned=Unknown/NotFound", "VoiceProvisioned=Unknown/NotFound",
				"AsExpected=Unknown/NotFound", "Ready=False/NotFound", "Stalled=True/NotFound")
			if s.number.Status.Observed == nil || !s.number.Status.LastSyncTime.Time.Equal(s.now) {
				s.t.Errorf("observed %v, last sync %v: want what was seen, and now", s.number.Status.Observed, s.number.Status.LastSyncTime)
			}
		},
		"a number that never was is NotFound as well": func(s *story) {
			s.sees(missing).later(10*time.Second).sees(missing).is("Active=False/NotFound", "Ready=False/NotFound")
		},
		"two 404s within ten seconds are one": func(s *story) {
			s.sees(sees()).later(interval).sees(missing).later(9 * time.Second).sees(missing).is("Ready=True/Ready")
		},
		"failures between two 404s neither count nor reset": func(s *story) {
			s.sees(missing).later(5 * time.Second).sees(outage).later(5 * time.Second).sees(missing).is("Ready=False/NotFound")
		},
		"NotFound survives a restart": func(s *story) {
			s.sees(missing).later(10 * time.Second).sees(missing).restarted().later(time.Second).sees(missing)
			s.is("Synced=True/Observed", "Ready=False/NotFound")
		},
		"a number that comes back is ready": func(s *story) {
			s.sees(missing).later(10*time.Second).sees(missing).later(interval).sees(sees()).is("Active=True/Active", "Ready=True/Ready", "!Stalled")
			s.later(interval).sees(missing).is("Ready=True/Ready")
		},
		"U02 flapping shows nowhere": func(s *story) {
			s.sees(sees())
			for range 50 {
				s.later(40*time.Second).sees(outage).is("Synced=True/Observed", "Ready=True/Ready")
				s.later(40*time.Second).sees(sees()).is("Synced=True/Observed", "Ready=True/Ready")
			}
		},
		"U01 an outage shows when it persists, then as staleness, and is over with the first good look": func(s *story) {
			s.sees(sees()).later(interval).sees(outage).later(20 * time.Second).sees(outage).later(39 * time.Second).sees(outage)
			s.is("Synced=True/Observed", "Ready=True/Ready")
			s.later(time.Second).sees(outage).is("Synced=Unknown/ProviderUnavailable", "Ready=True/Ready", "!Stalled", "!Reconciling")
			s.later(2*interval).sees(outage).is("Ready=Unknown/Stale", "Active=True/Active", "Reconciling=True/Stale").says("Ready", "last seen at 2026-11-21T09:00:01Z")
			s.later(time.Hour).sees(sees()).is("Synced=True/Observed", "Ready=True/Ready", "!Reconciling")
		},
		"two failures over an hour do not persist": func(s *story) {
			s.sees(sees()).later(interval).sees(outage).later(time.Minute).sees(outage).is("Synced=True/Observed")
		},
		"one transient reason is not replaced by another": func(s *story) {
			s.sees(outage).later(time.Minute).sees(fails(v1alpha1.ReasonRateLimited)).later(time.Minute).sees(fails(v1alpha1.ReasonMalformedResponse))
			s.is("Synced=Unknown/ProviderUnavailable").says("Synced", "because of ProviderUnavailable")
		},
		"what needs a person replaces an outage at once, and an outage it only when it persists": func(s *story) {
			s.sees(sees()).later(interval).sees(locked).is("Synced=False/CredentialsInvalid", "Ready=True/Ready", "Stalled=True/CredentialsInvalid")
			s.sees(outage).is("Synced=False/CredentialsInvalid").later(time.Minute).sees(outage).sees(outage).is("Synced=Unknown/ProviderUnavailable", "!Stalled")
		},
		"mere lateness is not staleness": func(s *story) {
			s.sees(sees()).later(24 * time.Hour).sees(noLook).is("Ready=True/Ready")
		},
		"after a restart staleness counts anew": func(s *story) {
			s.sees(sees()).later(5 * time.Hour).restarted().sees(outage).is("Ready=True/Ready")
			s.later(3 * interval).sees(outage).is("Ready=True/Ready").later(time.Second).sees(outage).is("Ready=Unknown/Stale")
		},
		"what is stale stays so over a restart": func(s *story) {
			s.sees(sees()).later(4 * interval).sees(outage).is("Ready=Unknown/Stale").restarted().sees(outage).is("Ready=Unknown/Stale")
			s.sees(missing).is("Ready=Unknown/Stale").sees(sees()).is("Ready=True/Ready")
		},
		"K13 a sync time in the future is not believed": func(s *story) {
			s.sees(sees())
			s.number.Status.LastSyncTime = &metav1.Time{Time: s.now.Add(1000 * time.Hour)}
			s.restarted().later(4 * interval).sees(outage).is("Ready=Unknown/Stale")
		},
	})
}

func TestLooksThatHaveToWait(t *testing.T) {
	tellAll(t, map[string]func(*story){
		"a number that waits in line is late, not stale": func(s *story) {
			s.sees(sees()).later(10*interval).sees(inLine).is("Synced=True/Observed", "Ready=True/Ready")
		},
		"of a new number that waits in line there is nothing to say": func(s *story) {
			if s.sees(inLine); s.number.Status.ObservedGeneration != 0 {
				s.t.Errorf("observedGeneration is %d before anything was judged", s.number.Status.ObservedGeneration)
			}
		},
		"a pause shows at once on a new number": func(s *story) {
			s.sees(paused).is("Synced=Unknown/RateLimited", "Ready=Unknown/Pending", "Reconciling=True/Pending").says("Synced", "paused")
		},
		"an edit is judged while its look waits": func(s *story) {
			s.sees(sees()).edited(expectType).sees(inLine).is("AsExpected=False/Drifted", "Ready=False/Drifted", "Synced=True/Observed")
			judged := meta.FindStatusCondition(s.number.Status.Conditions, "AsExpected").ObservedGeneration
			if got := s.number.Status.ObservedGeneration; got != 1 || judged != 2 {
				s.t.Errorf("observedGeneration is %d, AsExpected is judged for %d: want 1 until the look, and 2", got, judged)
			}
			s.restarted()
			if left := untilDue(s.number, s.memory, s.now); left != 0 || !urgent(s.number, s.memory) {
				s.t.Errorf("after a restart the edit is due in %s", left)
			}
		},
		"failures from before a suspension are not staleness after it": func(s *story) {
			s.sees(sees()).later(interval).sees(outage).edited(suspend).sees(noLook).later(100 * interval).edited(resume).sees(inLine)
			s.is("Ready=True/Ready")
		},
		"U03 a pause of less than a minute shows nowhere": func(s *story) {
			s.sees(sees()).later(interval).sees(paused).later(59*time.Second).sees(paused).is("Synced=True/Observed", "Ready=True/Ready")
			s.sees(sees()).later(interval).sees(paused).is("Synced=True/Observed")
		},
		"a pause that lasts shows, then as staleness": func(s *story) {
			s.sees(sees()).later(interval).sees(paused).later(time.Minute).sees(paused).is("Synced=Unknown/RateLimited", "Ready=True/Ready")
			s.later(2*interval).sees(paused).is("Synced=Unknown/RateLimited", "Ready=Unknown/Stale", "Reconciling=True/Stale")
			s.sees(sees()).is("Synced=True/Observed", "Ready=True/Ready", "!Reconciling")
		},
		"a failed look and a pause are one row of failures": func(s *story) {
			s.sees(sees()).later(interval).sees(outage).later(time.Minute).sees(paused).is("Synced=Unknown/RateLimited")
		},
		"the line answers no poll request": func(s *story) {
			for _, seen := range []observation{inLine, paused} {
				seen.asked = "now"
				if s.sees(seen); s.number.Status.LastHandledPollRequest != "" {
					s.t.Error("a number that waits has answered a poll request")
				}
			}
		},
	})
}

func TestEditsAndWriters(t *testing.T) {
	tellAll(t, map[string]func(*story){
		"an edit is judged for its generation even when the look fails": func(s *story) {
			s.sees(sees()).edited(expectType).sees(outage).is("AsExpected=False/Drifted", "Ready=False/Drifted", "Stalled=True/Drifted")
			for condition, generation := range map[string]int64{"AsExpected": 2, "Ready": 2, "Active": 1, "SMSProvisioned": 1} {
				if got := meta.FindStatusCondition(s.number.Status.Conditions, condition).ObservedGeneration; got != generation {
					s.t.Errorf("%s carries generation %d, want %d", condition, got, generation)
				}
			}
			if s.number.Status.ObservedGeneration != 2 {
				s.t.Errorf("observedGeneration is %d, want 2", s.number.Status.ObservedGeneration)
			}
		},
		"suspension says so and leaves the rest": func(s *story) {
			s.sees(sees(smsJob("WAITING"))).is("Reconciling=True/Provisioning").edited(suspend).later(interval).sees(noLook)
			s.is("Synced=Unknown/Suspended", "Ready=Unknown/Provisioning", "SMSProvisioned=Unknown/Waiting", "!Reconciling", "!Stalled")
			s.later(100 * interval).sees(noLook).is("Ready=Unknown/Provisioning")
		},
		"a suspended number that is not fit stays stalled": func(s *story) {
			s.sees(sees(smsJob("FAILED"))).edited(suspend).sees(noLook).is("Synced=Unknown/Suspended", "Ready=False/SMSProvisioningFailed", "Stalled=True/SMSProvisioningFailed")
		},
		"resuming into an outage says so at once": func(s *story) {
			s.sees(sees()).edited(suspend).sees(noLook).edited(resume).sees(outage).is("Synced=Unknown/ProviderUnavailable", "Ready=True/Ready")
		},
		"resuming into a first 404 is pending": func(s *story) {
			s.sees(sees()).edited(suspend).sees(noLook).edited(resume).sees(missing).is("Synced=Unknown/Pending", "Ready=True/Ready")
		},
		"S13 a status that somebody else wrote is set right by the next look": func(s *story) {
			s.sees(sees(smsJob("FAILED")))
			meta.SetStatusCondition(&s.number.Status.Conditions, metav1.Condition{Type: "Ready", Status: "True", Reason: "Ready"})
			meta.SetStatusCondition(&s.number.Status.Conditions, metav1.Condition{Type: "Theirs", Status: "True", Reason: "Kept"})
			s.number.Status.LastSyncTime = nil
			s.sees(sees(smsJob("FAILED"))).is("Ready=False/SMSProvisioningFailed", "Theirs=True/Kept")
		},
		"S13 a status without a sync time does not break a stale look": func(s *story) {
			s.sees(sees()).restarted()
			s.number.Status.LastSyncTime = nil
			s.later(4*interval).sees(outage).is("Ready=Unknown/Stale").says("Ready", "last seen at an unknown time")
		},
		"a poll request is answered by a look that ends, good or bad": func(s *story) {
			asked := func(o observation) observation { o.asked = "now"; return o }
			s.sees(asked(missing))
			if got := s.number.Status.LastHandledPollRequest; got != "" {
				s.t.Errorf("a first 404 answered the poll request %q", got)
			}
			s.sees(asked(outage))
			if got := s.number.Status.LastHandledPollRequest; got != "now" {
				s.t.Errorf("the handled poll request is %q, want now", got)
			}
		},
		"conditions that did not turn since birth are dated from birth": func(s *story) {
			s.sees(locked)
			for _, condition := range s.number.Status.Conditions {
				want := birth
				if condition.Type == "Synced" || condition.Type == "Stalled" {
					want = s.now
				}
				if !condition.LastTransitionTime.Time.Equal(want) {
					s.t.Errorf("%s turned at %s, want %s", condition.Type, condition.LastTransitionTime, want)
				}
			}
		},
		"K13 a sync time in the future is corrected": func(s *story) {
			s.sees(sees())
			was := s.number.DeepCopy()
			was.Status.LastSyncTime = &metav1.Time{Time: s.now.Add(1000 * time.Hour)}
			s.later(interval).sees(sees())
			if r := (&Reconciler{Options: Options{Heartbeat: time.Hour}}); !r.worthWriting(was, s.number) {
				s.t.Error("it stays")
			}
		},
		"a heartbeat is never faster than the interval": func(s *story) {
			s.edited(func(spec *v1alpha1.ActiveNumberSpec) { spec.Interval.Duration = 4 * time.Hour }).sees(sees())
			was := s.number.DeepCopy()
			s.later(2 * time.Hour).sees(sees())
			if r := (&Reconciler{Options: Options{Heartbeat: time.Hour}}); r.worthWriting(was, s.number) {
				s.t.Error("it is written within the interval")
			}
		},
		"a steady number has nothing new to say": func(s *story) {
			s.sees(sees())
			was := s.number.DeepCopy()
			s.later(interval).sees(sees())
			if r := (&Reconciler{Options: Options{Heartbeat: time.Hour}}); r.worthWriting(was, s.number) {
				s.t.Errorf("it is written again: %v, was %v", s.number.Status, was.Status)
			}
			s.later(time.Hour).sees(sees())
			if r := (&Reconciler{Options: Options{Heartbeat: time.Hour}}); !r.worthWriting(was, s.number) {
				s.t.Error("the heartbeat does not write it")
			}
		},
	})
}

func tellAll(t *testing.T, tales map[string]func(*story)) {
	for name, tell := range tales {
		t.Run(name, func(t *testing.T) { tell(newStory(t)) })
	}
}

func TestMessages(t *testing.T) {
	tests := map[string]struct {
		seen      observation
		condition string
		fragments []string
	}{
		"Active describes the number": {
			sees(), "Active", []string{"LOCAL number in US with SMS and VOICE; 2.00 USD every month, next charge 2026-12-21"},
		},
		"Active tells when a released number goes": {sees(expires), "Active", []string{"released, and gone after 2026-12-21"}},
		"Active does without what is unset": {
			observation{number: &v1alpha1.Observed{PhoneNumber: "+12025550134", PaymentIntervalMonths: new(int32(0))}}, "Active", []string{"Number"},
		},
		"Active counts months": {
			sees(func(o *v1alpha1.Observed) { o.PaymentIntervalMonths = new(int32(3)) }), "Active", []string{"2.00 USD every 3 months"},
		},
		"a failed SMS job names target, code, meaning, remedy and page": {
			sees(smsJob("FAILED", "CAMPAIGN_NOT_AVAILABLE")), "Ready",
			[]string{"service plan sp-2 and campaign C2", "CAMPAIGN_NOT_AVAILABLE", "not available from The Campaign Registry", "check the campaign id", "https://developers.sinch.com/"},
		},
		"a failed SMS job names every code": {
			sees(smsJob("FAILED", "INTERNAL_ERROR", "INVALID_NNID")), "SMSProvisioned", []string{"INTERNAL_ERROR: ", "INVALID_NNID: "},
		},
		"a failed SMS job without a code says so": {
			sees(smsJob("FAILED")), "SMSProvisioned", []string{"ERROR_CODE_UNSPECIFIED", "no reason that is documented", "contact Sinch support"},
		},
		"a failed SMS job with a code that is new": {sees(smsJob("FAILED", "BRAND_NEW")), "SMSProvisioned", []string{"BRAND_NEW: Sinch gave no reason that is documented"}},
		"more codes than a message holds are counted": {
			sees(smsJob("FAILED", strings.Fields(strings.Repeat("A_RATHER_LONG_ERROR_CODE_THAT_NOBODY_HAS_HEARD_OF ", 32))...)), "SMSProvisioned", []string{"Also A_RATHER", " more. See https://"},
		},
		"every code that Sinch documents is named": {
			sees(smsJob("FAILED", slices.Sorted(maps.Keys(errorCodes))...)), "SMSProvisioned", slices.Collect(maps.Keys(errorCodes)),
		},
		"money without an amount is no price": {
			observation{number: &v1alpha1.Observed{Type: "LOCAL", Money: &v1alpha1.Money{CurrencyCode: "USD"}, PaymentIntervalMonths: new(int32(1))}}, "Active", []string{"LOCAL number"},
		},
		"a failed voice job says that Sinch gives no reason": {sees(voiceJob("FAILED")), "VoiceProvisioned", []string{"trunk trunk-1", "no reason", "https://developers.sinch.com/"}},
		"a status that is new is named":                      {sees(smsJob("QUEUED")), "SMSProvisioned", []string{"QUEUED"}},
		"Ready repeats why a number was never seen":          {locked, "Ready", []string{"because of CredentialsInvalid"}},
		"a message never outgrows its bound": {
			sees(smsJob("FAILED"), func(o *v1alpha1.Observed) {
				o.SMSConfiguration.ScheduledProvisioning.ServicePlanID = strings.Repeat("ü", 128)
				o.SMSConfiguration.ScheduledProvisioning.CampaignID = strings.Repeat("𝄞", 128)
			}), "SMSProvisioned", []string{"üüü"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).sees(test.seen).says(test.condition, test.fragments...)
			for _, condition := range s.number.Status.Conditions {
				if len(condition.Message) > longestMessage || !utf8.ValidString(condition.Message) {
					t.Errorf("%s has a message of %d bytes, or a broken one", condition.Type, len(condition.Message))
				}
			}
		})
	}
}
