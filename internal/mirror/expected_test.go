// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// seen is a number of which everything is set, but for what is changed.
func seen(changes ...func(*v1alpha1.Observed)) *v1alpha1.Observed {
	observed := &v1alpha1.Observed{
		PhoneNumber: "+12025550134", DisplayName: "Support", RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS", "VOICE"},
		Money: &v1alpha1.Money{CurrencyCode: "USD", Amount: "2.00"}, PaymentIntervalMonths: new(int32(1)),
		SMSConfiguration:   &v1alpha1.SMSConfiguration{ServicePlanID: "sp-1", CampaignID: "C1"},
		VoiceConfiguration: &v1alpha1.VoiceConfiguration{Type: "RTC", AppID: "app-1"},
		CallbackURL:        "https://example.com/numbers",
	}
	for _, change := range changes {
		change(observed)
	}
	return observed
}

func smsJob(status, plan, campaign string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) {
		o.SMSConfiguration.ScheduledProvisioning = &v1alpha1.ScheduledProvisioning{Status: status, ServicePlanID: plan, CampaignID: campaign}
	}
}

func voiceJob(job v1alpha1.ScheduledVoiceProvisioning) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.VoiceConfiguration.ScheduledVoiceProvisioning = &job }
}

func connected(is *v1alpha1.VoiceConfiguration) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.VoiceConfiguration = is }
}

func plan(id string) v1alpha1.Expected {
	return v1alpha1.Expected{SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: &id}}
}

func campaign(id string) v1alpha1.Expected {
	return v1alpha1.Expected{SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{CampaignID: &id}}
}

func connects(to v1alpha1.ExpectedVoiceConfiguration) v1alpha1.Expected {
	return v1alpha1.Expected{VoiceConfiguration: &to}
}

func costs(amount string) v1alpha1.Expected {
	return v1alpha1.Expected{Money: &v1alpha1.ExpectedMoney{Amount: amount}}
}

func paid(amount string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.Money.Amount = amount }
}

// TestCompare writes a field that is as declared as its name, a difference as "name: declared/seen", and one that a job
// is about to end with an arrow.
func TestCompare(t *testing.T) {
	fax := v1alpha1.ScheduledVoiceProvisioning{Type: "FAX", ServiceID: "fax-1", Status: JobWaiting}
	tests := map[string]struct {
		expected v1alpha1.Expected
		seen     *v1alpha1.Observed
		want     string
	}{
		"nothing declared":                     {v1alpha1.Expected{}, seen(), ""},
		"a name":                               {v1alpha1.Expected{DisplayName: new("Support")}, seen(), "displayName"},
		"another name":                         {v1alpha1.Expected{DisplayName: new("support")}, seen(), "displayName: support/Support"},
		"no name":                              {v1alpha1.Expected{DisplayName: new("")}, seen(), "displayName: /Support"},
		"a region and a type":                  {v1alpha1.Expected{RegionCode: "GB", Type: "LOCAL"}, seen(), "regionCode: GB/US type"},
		"a callback URL that must be unset":    {v1alpha1.Expected{CallbackURL: new("")}, seen(func(o *v1alpha1.Observed) { o.CallbackURL = "" }), "callbackUrl"},
		"a callback URL to the letter":         {v1alpha1.Expected{CallbackURL: new("https://example.com/numbers/")}, seen(), "callbackUrl: https://example.com/numbers//https://example.com/numbers"},
		"at least these capabilities":          {v1alpha1.Expected{Capability: []string{"VOICE"}}, seen(), "capability"},
		"capabilities in another order":        {v1alpha1.Expected{Capability: []string{"VOICE", "SMS"}}, seen(), "capability"},
		"a capability that lacks":              {v1alpha1.Expected{Capability: []string{"VOICE", "SMS"}}, seen(func(o *v1alpha1.Observed) { o.Capability = []string{"SMS"} }), "capability: SMS,VOICE/SMS"},
		"no capability at all":                 {v1alpha1.Expected{Capability: []string{"SMS"}}, seen(func(o *v1alpha1.Observed) { o.Capability = nil }), "capability: SMS/"},
		"a price is a decimal":                 {costs("2"), seen(), "money.amount"},
		"a price with zeros":                   {costs("002.0"), seen(), "money.amount"},
		"a price a little off":                 {costs("2.000000000000000000000000000000000000000000000000000000001"), seen(), "money.amount: 2.000000000000000000000000000000000000000000000000000000001/2.00"},
		"a long price":                         {costs("0.80"), seen(paid("0.8000000000000000000000000000000000000000")), "money.amount"},
		"a price that floats confuse":          {costs("9007199254740993"), seen(paid("9007199254740992")), "money.amount: 9007199254740993/9007199254740992"},
		"a price of nothing":                   {costs("0"), seen(paid("-0.00")), "money.amount"},
		"a price that Sinch does not tell":     {costs("0"), seen(func(o *v1alpha1.Observed) { o.Money = nil }), "money.amount: 0/"},
		"a currency alone":                     {v1alpha1.Expected{Money: &v1alpha1.ExpectedMoney{CurrencyCode: "EUR"}}, seen(), "money.currencyCode: EUR/USD"},
		"the months":                           {v1alpha1.Expected{PaymentIntervalMonths: new(int32(12))}, seen(), "paymentIntervalMonths: 12/1"},
		"no months":                            {v1alpha1.Expected{PaymentIntervalMonths: new(int32(0))}, seen(func(o *v1alpha1.Observed) { o.PaymentIntervalMonths = nil }), "paymentIntervalMonths: 0/"},
		"a service plan":                       {plan("sp-1"), seen(), "smsConfiguration.servicePlanId"},
		"no service plan":                      {plan(""), seen(func(o *v1alpha1.Observed) { o.SMSConfiguration = nil }), "smsConfiguration.servicePlanId"},
		"another service plan":                 {plan("sp-2"), seen(), "smsConfiguration.servicePlanId: sp-2/sp-1"},
		"a service plan that a job sets":       {plan("sp-2"), seen(smsJob(JobWaiting, "sp-2", "")), "smsConfiguration.servicePlanId→ sp-2/sp-1"},
		"one that a job in progress sets":      {plan("sp-2"), seen(smsJob(JobInProgress, "sp-2", "")), "smsConfiguration.servicePlanId→ sp-2/sp-1"},
		"one that a failed job would have set": {plan("sp-2"), seen(smsJob(JobFailed, "sp-2", "")), "smsConfiguration.servicePlanId: sp-2/sp-1"},
		"one that a job of a new kind may set": {plan("sp-2"), seen(smsJob("QUEUED", "sp-2", "")), "smsConfiguration.servicePlanId: sp-2/sp-1"},
		"a job to yet another":                 {plan("sp-2"), seen(smsJob(JobWaiting, "sp-3", "")), "smsConfiguration.servicePlanId: sp-2/sp-1"},
		"a job away from it":                   {plan("sp-1"), seen(smsJob(JobWaiting, "sp-2", "")), "smsConfiguration.servicePlanId"},
		"a job for a campaign only":            {campaign("C2"), seen(smsJob(JobWaiting, "", "C2")), "smsConfiguration.campaignId→ C2/C1"},
		"a campaign that no job takes away":    {campaign(""), seen(smsJob(JobWaiting, "sp-2", "")), "smsConfiguration.campaignId: /C1"},
		"a voice app":                          {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "RTC", AppID: new("app-1")}), seen(), "voiceConfiguration.appId voiceConfiguration.type"},
		"a voice app of a type unsaid":         {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "RTC"}), seen(connected(&v1alpha1.VoiceConfiguration{AppID: "app-1"})), "voiceConfiguration.type"},
		"a voice app that does not count":      {connects(v1alpha1.ExpectedVoiceConfiguration{AppID: new("app-1")}), seen(connected(&v1alpha1.VoiceConfiguration{Type: "EST", AppID: "app-1", TrunkID: "t"})), "voiceConfiguration.appId: app-1/"},
		"a left-over id is unset":              {connects(v1alpha1.ExpectedVoiceConfiguration{AppID: new("")}), seen(connected(&v1alpha1.VoiceConfiguration{Type: "EST", AppID: "app-1", TrunkID: "t"})), "voiceConfiguration.appId"},
		"a type without its id is no type":     {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "RTC"}), seen(connected(&v1alpha1.VoiceConfiguration{Type: "RTC"})), "voiceConfiguration.type: RTC/"},
		"no voice at all":                      {connects(v1alpha1.ExpectedVoiceConfiguration{AppID: new(""), TrunkID: new(""), ServiceID: new("")}), seen(connected(nil)), "voiceConfiguration.appId voiceConfiguration.serviceId voiceConfiguration.trunkId"},
		"a type that is new":                   {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "EST", TrunkID: new("t")}), seen(connected(&v1alpha1.VoiceConfiguration{Type: "SIP2", TrunkID: "t"})), "voiceConfiguration.trunkId: t/ voiceConfiguration.type: EST/SIP2"},
		"a job to the declared type":           {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "FAX", ServiceID: new("fax-1"), AppID: new("")}), seen(voiceJob(fax)), "voiceConfiguration.appId→ /app-1 voiceConfiguration.serviceId→ fax-1/ voiceConfiguration.type→ FAX/RTC"},
		"a job to that type with another id":   {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "FAX", ServiceID: new("fax-2")}), seen(voiceJob(fax)), "voiceConfiguration.serviceId: fax-2/ voiceConfiguration.type→ FAX/RTC"},
		"a job that connects to nothing":       {connects(v1alpha1.ExpectedVoiceConfiguration{AppID: new("")}), seen(voiceJob(v1alpha1.ScheduledVoiceProvisioning{Type: "FAX", Status: JobWaiting})), "voiceConfiguration.appId: /app-1"},
		"a voice job that failed":              {connects(v1alpha1.ExpectedVoiceConfiguration{Type: "FAX"}), seen(voiceJob(v1alpha1.ScheduledVoiceProvisioning{Type: "FAX", ServiceID: "fax-1", Status: JobFailed})), "voiceConfiguration.type: FAX/RTC"},
		"everything, of a number without a field": {everything(), &v1alpha1.Observed{}, "callbackUrl: u/ capability: SMS/ displayName: n/ money.amount: 1/ money.currencyCode: USD/ paymentIntervalMonths: 1/ " +
			"regionCode: US/ smsConfiguration.campaignId: c/ smsConfiguration.servicePlanId: p/ type: LOCAL/ voiceConfiguration.appId: a/ voiceConfiguration.serviceId: s/ voiceConfiguration.trunkId: t/ voiceConfiguration.type: RTC/"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range Compare(&test.expected, test.seen) {
				got = append(got, short(c))
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}

func short(c Comparison) string {
	values := strings.ReplaceAll(c.Expected+"/"+c.Observed, ", ", ",")
	switch {
	case c.Same:
		return c.Field
	case c.Moving:
		return fmt.Sprintf("%s→ %s", c.Field, values)
	}
	return fmt.Sprintf("%s: %s", c.Field, values)
}

func everything() v1alpha1.Expected {
	return v1alpha1.Expected{
		DisplayName: new("n"), RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS"},
		Money: &v1alpha1.ExpectedMoney{CurrencyCode: "USD", Amount: "1"}, PaymentIntervalMonths: new(int32(1)),
		SMSConfiguration:   &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: new("p"), CampaignID: new("c")},
		VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{Type: "RTC", AppID: new("a"), TrunkID: new("t"), ServiceID: new("s")},
		CallbackURL:        new("u"),
	}
}

// TestEveryFieldThatMayBeDeclaredIsCompared finds a field that is added to the API and not to Compare.
func TestEveryFieldThatMayBeDeclaredIsCompared(t *testing.T) {
	declared, count := v1alpha1.Expected{}, 0
	fill(reflect.ValueOf(&declared).Elem(), &count)
	if got := len(Compare(&declared, &v1alpha1.Observed{})); got != count {
		t.Errorf("%d fields may be declared, and %d are compared", count, got)
	}
}

func TestComparingNothing(t *testing.T) {
	declared := everything()
	if len(Compare(nil, seen())) > 0 || len(Compare(&declared, nil)) > 0 {
		t.Error("something is compared with nothing")
	}
}

func TestADriftHoldsTheDifferencesOnly(t *testing.T) {
	declared := v1alpha1.Expected{Type: "MOBILE", RegionCode: "US"}
	want := []v1alpha1.Difference{{Field: "type", Expected: "MOBILE", Observed: "LOCAL"}}
	if got := Drift(Compare(&declared, seen())); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Drift(Compare(&declared, seen(func(o *v1alpha1.Observed) { o.Type = "MOBILE" }))); got != nil {
		t.Errorf("without a difference there is %v", got)
	}
}

func TestDecimals(t *testing.T) {
	for text, want := range map[string]string{
		"2.00": "2", "0.80": "4/5", "-1.5": "-3/2", "00": "0",
		"": "", ".5": "", "1.": "", "1e9": "", "1/3": "", "0x1F": "", " 1": "", "1_000": "", "Inf": "", "١": "", strings.Repeat("9", 65): "",
	} {
		amount, ok := Decimal(text)
		if got := ""; ok {
			if got = amount.RatString(); got != want {
				t.Errorf("%q is %s, want %q", text, got, want)
			}
		} else if want != "" {
			t.Errorf("%q is no decimal, want %s", text, want)
		}
	}
}
