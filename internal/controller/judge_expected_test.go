// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// expects declares what the number should be; nil declares nothing.
func expects(expected *v1alpha1.Expected) func(*v1alpha1.ActiveNumberSpec) {
	return func(spec *v1alpha1.ActiveNumberSpec) { spec.Expected = expected }
}

func expectsPlan(id string) func(*v1alpha1.ActiveNumberSpec) {
	return expects(&v1alpha1.Expected{SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: &id}})
}

// drifts checks the fields that the status lists as different.
func (s *story) drifts(fields ...string) {
	s.t.Helper()
	var got []string
	for _, d := range s.number.Status.Drift {
		got = append(got, d.Field)
	}
	if !slices.Equal(got, fields) {
		s.t.Errorf("after %s: the status lists %q as different, want %q", s.now.Sub(birth), got, fields)
	}
}

func TestExpectations(t *testing.T) {
	tellAll(t, map[string]func(*story){
		"a number as declared matches": func(s *story) {
			s.edited(expectsPlan("sp-1")).sees(sees()).is("AsExpected=True/Matches", "Ready=True/Ready", "!Stalled").drifts()
		},
		"a declaration without a field declares nothing": func(s *story) {
			s.edited(expects(&v1alpha1.Expected{Money: &v1alpha1.ExpectedMoney{}, VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{}}))
			s.sees(sees()).is("AsExpected=True/NothingExpected", "Ready=True/Ready")
		},
		"a difference needs a person": func(s *story) {
			s.edited(expectType).sees(sees()).is("AsExpected=False/Drifted", "Ready=False/Drifted", "Stalled=True/Drifted", "!Reconciling")
			s.says("AsExpected", `type is "LOCAL", declared "MOBILE"`, "correct spec.expected").says("Ready", `declared "MOBILE"`).drifts("type")
		},
		"a number that is put right matches": func(s *story) {
			s.edited(expectsPlan("sp-2")).sees(sees()).drifts("smsConfiguration.servicePlanId")
			s.later(interval).sees(sees(sms(&v1alpha1.SMSConfiguration{ServicePlanID: "sp-2"}))).is("AsExpected=True/Matches", "Ready=True/Ready", "!Stalled").drifts()
		},
		"a declaration that is put right matches at once, though the look fails": func(s *story) {
			s.edited(expectType).sees(sees()).edited(expectsPlan("sp-1")).sees(outage)
			s.is("AsExpected=True/Matches", "Ready=True/Ready", "!Stalled").drifts()
		},
		"a declaration that is taken back declares nothing": func(s *story) {
			s.edited(expectType).sees(sees()).edited(expects(nil)).sees(outage).is("AsExpected=True/NothingExpected", "Ready=True/Ready").drifts()
		},
		"before the first good look there is nothing to compare": func(s *story) {
			s.edited(expectType).sees(outage).is("AsExpected=Unknown/Pending").drifts()
		},
		"a job that will set what is declared is moving": func(s *story) {
			s.edited(expectsPlan("sp-2")).sees(sees(smsJob("WAITING")))
			s.is("AsExpected=Unknown/Moving", "Ready=Unknown/Provisioning", "Reconciling=True/Provisioning", "!Stalled").drifts("smsConfiguration.servicePlanId")
		},
		"one other difference makes it drift": func(s *story) {
			both := &v1alpha1.Expected{Type: "MOBILE", SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: new("sp-2")}}
			s.edited(expects(both)).sees(sees(smsJob("IN_PROGRESS"))).is("AsExpected=False/Drifted", "Ready=False/Drifted")
			s.drifts("smsConfiguration.servicePlanId", "type")
		},
		"a job that failed drifts, and Ready tells the failure": func(s *story) {
			s.edited(expectsPlan("sp-2")).sees(sees(smsJob("FAILED"))).is("AsExpected=False/Drifted", "Ready=False/SMSProvisioningFailed")
		},
		"a job away from what is declared matches until it is done": func(s *story) {
			moving := sms(&v1alpha1.SMSConfiguration{ServicePlanID: "sp-1", ScheduledProvisioning: &v1alpha1.ScheduledProvisioning{ServicePlanID: "sp-2", Status: "WAITING"}})
			s.edited(expectsPlan("sp-1")).sees(sees(moving)).is("AsExpected=True/Matches", "Ready=Unknown/Provisioning").drifts()
			s.later(interval).sees(sees(sms(&v1alpha1.SMSConfiguration{ServicePlanID: "sp-2"}))).is("AsExpected=False/Drifted")
		},
		"a number that is connected to nothing drifts if a connection is declared": func(s *story) {
			s.edited(expectsPlan("sp-1")).sees(sees(sms(nil))).is("SMSProvisioned=Unknown/NotConfigured", "AsExpected=False/Drifted")
			s.says("AsExpected", `servicePlanId is unset, declared "sp-1"`)
		},
		"a number that is gone keeps what was found different": func(s *story) {
			s.edited(expectType).sees(sees()).later(interval).sees(missing).later(absenceGap).sees(missing)
			s.is("AsExpected=Unknown/NotFound", "Ready=False/NotFound").drifts("type")
			s.edited(expectsPlan("sp-9")).later(interval).sees(missing).is("AsExpected=Unknown/NotFound").drifts("type")
		},
		"a suspended number is compared anew once": func(s *story) {
			s.edited(expectType).sees(sees()).edited(suspend).edited(expectsPlan("sp-1")).sees(noLook).is("AsExpected=True/Matches", "Synced=Unknown/Suspended")
		},
		"an outage ends no drift": func(s *story) {
			s.edited(expectType).sees(sees()).later(4*interval).sees(outage).is("AsExpected=False/Drifted", "Ready=Unknown/Stale").drifts("type")
		},
	})
}

func TestADriftIsOneEvent(t *testing.T) {
	l := &ledger{story: newStory(t).edited(expectsPlan("sp-1")).sees(sees())}
	for _, step := range []struct {
		plan, what string
		events     int
	}{{"sp-2", "appears", 1}, {"sp-2", "stays", 0}, {"sp-3", "changes", 1}, {"sp-1", "ends", 1}} {
		before := l.events
		l.later(interval)
		l.sees(sees(sms(&v1alpha1.SMSConfiguration{ServicePlanID: step.plan})))
		if got := l.events - before; got != step.events {
			t.Errorf("a drift that %s causes %d events, want %d", step.what, got, step.events)
		}
	}
}

func TestADriftMessageIsBounded(t *testing.T) {
	long := strings.Repeat("ü", 128)
	everything := &v1alpha1.Expected{
		DisplayName: new(strings.Repeat("𝄞", 256)), RegionCode: "GB", Type: "MOBILE", Capability: []string{"SMS", "VOICE"},
		Money: &v1alpha1.ExpectedMoney{CurrencyCode: "EUR", Amount: "9"}, PaymentIntervalMonths: new(int32(12)),
		SMSConfiguration:   &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: &long, CampaignID: &long},
		VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{Type: "FAX", ServiceID: &long},
		CallbackURL:        new("https://example.com/" + strings.Repeat("x", 236)),
	}
	nothing := observation{number: &v1alpha1.Observed{PhoneNumber: "+12025550134"}}
	s := newStory(t).edited(expects(everything)).sees(nothing)
	message := current(s.number, v1alpha1.ConditionAsExpected).message
	count := len(s.number.Status.Drift)
	named := strings.Count(message, ", declared ")
	if len(message) > longestMessage || count != 12 || named < 2 || !strings.Contains(message, fmt.Sprintf(" and %d more. Change it", count-named)) {
		t.Errorf("%d differences, of which %d bytes of message name %d: %s", count, len(message), named, message)
	}
}

// TestADriftMessageEndsWithWhatToDo has values of every length, so that the bound falls on every place of the message.
func TestADriftMessageEndsWithWhatToDo(t *testing.T) {
	for length := range 257 {
		long := strings.Repeat("x", length)
		declared := &v1alpha1.Expected{
			DisplayName: new(long + "a"), Type: "MOBILE", CallbackURL: new("https://example.com/" + long),
			SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: new(long + "b"), CampaignID: new(long + "c")},
		}
		s := newStory(t).edited(expects(declared)).sees(sees())
		message := current(s.number, v1alpha1.ConditionAsExpected).message
		if len(message) > longestMessage || !strings.HasSuffix(message, correction) {
			t.Fatalf("with values of %d bytes the message has %d and ends with %q", length, len(message), message[len(message)-60:])
		}
	}
}

func TestADriftMessageHoldsNoSecretOfACallbackURL(t *testing.T) {
	for name, test := range map[string]struct{ declared, seen, want string }{
		"another path":    {"https://user:canary@example.com/a?token=canary#canary", "https://u:canary@example.com/b?canary", `callbackUrl is "https://example.com/b", declared "https://example.com/a"`},
		"another query":   {"https://example.com/?token=canary", "https://example.com/?token=canary2", "callbackUrl differs in what is not shown"},
		"none":            {"https://canary@example.com/", "", `callbackUrl is unset, declared "https://example.com/"`},
		"none declared":   {"", "https://example.com/?canary", `callbackUrl is "https://example.com/", declared unset`},
		"no URL at all":   {"https://example.com/a", "canary:%zz@example.com/b?canary", `callbackUrl is "not a URL"`},
		"an opaque thing": {"https://example.com/a", "mailto:canary@example.com", `declared "https://example.com/a"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).edited(expects(&v1alpha1.Expected{CallbackURL: &test.declared}))
			s.sees(sees(func(o *v1alpha1.Observed) { o.CallbackURL = test.seen })).says("AsExpected", test.want)
			if message := current(s.number, v1alpha1.ConditionAsExpected).message; strings.Contains(message, "canary") {
				t.Errorf("the message holds a secret: %s", message)
			}
		})
	}
}
