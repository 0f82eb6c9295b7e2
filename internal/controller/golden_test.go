// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden shows for each answer of Sinch the whole status of a number that was never seen before: the body goes over
// the wire, through the client and the mirror, to the judge.
func TestGolden(t *testing.T) {
	tests := map[string][]sinchtest.Answer{
		"provisioned-sms-voice-unset": {sinchtest.Recorded("provisioned-sms-voice-unset")},
		"waiting-both":                {sinchtest.Recorded("waiting-both")},
		"moving-sms-rtc-to-fax":       {sinchtest.Recorded("moving-sms-rtc-to-fax")},
		"failed-sms-voice-est":        {sinchtest.Recorded("failed-sms-voice-est")},
		"not-found":                   {sinchtest.Recorded("not-found"), sinchtest.Recorded("not-found")},
		"released":                    {sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("FAX", "fax-1"), sinchtest.Set("expireAt", "2026-12-21T17:47:51.476076Z"))},
		"provisioned-both":            {sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("RTC", "app-1"))},
		"failed-sms":                  {sinchtest.Number(sinchtest.SMSJob("FAILED", "sp-1", "C1", "CAMPAIGN_NOT_AVAILABLE"))},
		"failed-voice-sms-unset":      {sinchtest.Number(sinchtest.Voice("RTC", "app-1"), sinchtest.VoiceJob("FAILED", "EST", "trunk-1"))},
		"failed-voice":                {sinchtest.Number(sinchtest.SMS("sp-1", ""), sinchtest.VoiceJob("FAILED", "RTC", "app-1"))},
		"in-progress-and-unspecified": {sinchtest.Number(sinchtest.SMSJob("IN_PROGRESS", "sp-1", "C1"), sinchtest.VoiceJob("PROVISIONING_STATUS_UNSPECIFIED", "EST", "trunk-1"))},
		"unspecified":                 {sinchtest.Number(sinchtest.SMSJob("PROVISIONING_STATUS_UNSPECIFIED", "sp-1", ""))},
		"new-words-and-malformed-fields": {sinchtest.Number(
			sinchtest.Set("type", "SATELLITE"), sinchtest.Set("capability", []string{"VOICE", "TELEPATHY", "not a word"}),
			sinchtest.Set("money.amount", 0.8), sinchtest.Set("nextChargeDate", "soon"), sinchtest.Set("expireAt", 7),
			sinchtest.Set("displayName", strings.Repeat("name\x00", 90_000)), sinchtest.Set("brandNew", true))},
		"access-denied":        {sinchtest.Refusal(http.StatusForbidden, "PERMISSION_DENIED")},
		"request-rejected":     {sinchtest.Refusal(http.StatusBadRequest, "INVALID_ARGUMENT")},
		"rate-limited":         {sinchtest.Raw(http.StatusTooManyRequests, "", "Retry-After", "7")},
		"provider-unavailable": {sinchtest.Refusal(http.StatusInternalServerError, "INTERNAL")},
		"U08-proxy-not-found":  {sinchtest.HTML(http.StatusNotFound)},
		"U15-empty-object":     {sinchtest.Raw(http.StatusOK, "{}")},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) { matchGolden(t, name, statusAfter(t, nil, answers)) })
	}
}

// TestGoldenExpectations shows the same of a number of which something is declared.
func TestGoldenExpectations(t *testing.T) {
	declared := v1alpha1.Expected{
		DisplayName: new(""), RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS"},
		Money:                 &v1alpha1.ExpectedMoney{CurrencyCode: "USD", Amount: "2.0"},
		PaymentIntervalMonths: new(int32(1)),
		SMSConfiguration:      &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: new("sp-1"), CampaignID: new("C1")},
		VoiceConfiguration:    &v1alpha1.ExpectedVoiceConfiguration{Type: "FAX", ServiceID: new("fax-1")},
	}
	connected := []sinchtest.Change{sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("FAX", "fax-1")}
	tests := map[string]sinchtest.Answer{
		"matches": sinchtest.Number(connected...),
		"drifted": sinchtest.Number(sinchtest.SMS("sp-2", "C1"), sinchtest.Voice("RTC", "app-1"),
			sinchtest.Set("type", "MOBILE"), sinchtest.Set("money.amount", "3.00")),
		"moving": sinchtest.Number(sinchtest.SMS("sp-2", "C1"), sinchtest.SMSJob("IN_PROGRESS", "sp-1", ""),
			sinchtest.Voice("RTC", "app-1"), sinchtest.VoiceJob("WAITING", "FAX", "fax-1")),
		"moving-away":   sinchtest.Number(append(connected, sinchtest.SMSJob("WAITING", "sp-2", ""))...),
		"failed-moving": sinchtest.Number(sinchtest.SMS("sp-2", "C1"), sinchtest.SMSJob("FAILED", "sp-1", "", "SMS_PROVISIONING_FAILED"), sinchtest.Voice("FAX", "fax-1")),
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			matchGolden(t, "expected-"+name, statusAfter(t, &declared, []sinchtest.Answer{answer}))
		})
	}
}

// TestGoldenLives shows the same at the end of longer lives, of numbers that were suspended or edited among them.
func TestGoldenLives(t *testing.T) {
	connected := sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("RTC", "app-1"))
	waiting := sinchtest.Number(sinchtest.SMSJob("WAITING", "sp-1", "C1"))
	failed := sinchtest.Number(sinchtest.SMSJob("FAILED", "sp-1", "C1", "CAMPAIGN_NOT_AVAILABLE"))
	missing := sinchtest.Recorded("not-found")
	refused := sinchtest.Refusal(http.StatusUnauthorized, "UNAUTHENTICATED")
	down := sinchtest.Refusal(http.StatusInternalServerError, "INTERNAL")
	tests := map[string]func(*story, ask){
		"suspended":                func(s *story, ask ask) { s.sees(ask(connected)).edited(suspend).sees(noLook) },
		"suspended-never-seen":     func(s *story, _ ask) { s.edited(suspend).sees(noLook) },
		"suspended-waiting":        func(s *story, ask ask) { s.sees(ask(waiting)).edited(suspend).sees(noLook) },
		"suspended-failed":         func(s *story, ask ask) { s.sees(ask(failed)).edited(suspend).sees(noLook) },
		"edited-in-line":           func(s *story, ask ask) { s.sees(ask(connected)).edited(expectType).sees(inLine) },
		"edited-outage":            func(s *story, ask ask) { s.sees(ask(connected)).edited(expectType).sees(ask(down)) },
		"not-found-once":           func(s *story, ask ask) { s.sees(ask(missing)) },
		"not-found-once-seen":      func(s *story, ask ask) { s.sees(ask(connected)).later(interval).sees(ask(missing)) },
		"not-found-seen":           func(s *story, ask ask) { s.sees(ask(connected)).sees(ask(missing)).later(interval).sees(ask(missing)) },
		"credentials-invalid":      func(s *story, ask ask) { s.sees(ask(refused)) },
		"credentials-invalid-seen": func(s *story, ask ask) { s.sees(ask(connected)).later(interval).sees(ask(refused)) },
		"outage-short":             func(s *story, ask ask) { s.sees(ask(connected)).later(interval).sees(ask(down)) },
		"outage": func(s *story, ask ask) {
			s.sees(ask(connected)).later(interval).sees(ask(down)).sees(ask(down)).later(time.Minute).sees(ask(down))
		},
		"stale": func(s *story, ask ask) { s.sees(ask(connected)).later(4 * interval).sees(ask(down)) },
	}
	for name, tell := range tests {
		t.Run(name, func(t *testing.T) { matchGolden(t, name, statusAtTheEnd(t, tell)) })
	}
}

// statusAfter is the status in YAML once Sinch has given these answers, ten seconds apart.
func statusAfter(t *testing.T, declared *v1alpha1.Expected, answers []sinchtest.Answer) string {
	return statusAtTheEnd(t, func(s *story, ask ask) {
		s.number.Spec.Expected = declared
		for _, answer := range answers {
			s.sees(ask(answer)).later(10 * time.Second)
		}
	})
}

// ask is one look, over the wire, that Sinch answers so.
type ask func(sinchtest.Answer) observation

// statusAtTheEnd is the status in YAML at the end of a life.
func statusAtTheEnd(t *testing.T, tell func(*story, ask)) string {
	s, server := newStory(t), sinchtest.New()
	t.Cleanup(server.Close)
	session, account := newSession(t, server), newAccount(limits{rate: 1, burst: 1, flying: 1}, unjittered)
	tell(s, func(answer sinchtest.Answer) observation {
		server.Script(s.number.Spec.ProjectID, s.number.Spec.PhoneNumber, answer)
		found, err := session.ActiveNumber(t.Context(), s.number.Spec.ProjectID, s.number.Spec.PhoneNumber)
		if locked := account.heed(s.number, err, s.now); locked != nil {
			err = locked
		}
		seen, err := observation{}.with(s.number, found, err)
		if err != nil {
			t.Fatalf("an answer of Sinch is taken for another error: %v", err)
		}
		return seen
	})
	status, err := yaml.Marshal(s.number.Status)
	if err != nil {
		t.Fatal(err)
	}
	return string(status)
}

func newSession(t *testing.T, server *sinchtest.Server) *sinch.Session {
	server.AddKey("id", "secret")
	client, err := sinch.New(sinch.Config{APIURL: server.URL(), TokenURL: server.TokenURL(), Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	return client.OAuth2(sinch.Key{ID: "id", Secret: "secret"})
}

func matchGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "judge", name+".yaml")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the status differs from %s (go test ./internal/controller -update writes it anew). Got:\n%s", path, got)
	}
}
