// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func TestWhatWasSeenIsDeclared(t *testing.T) {
	for name, test := range map[string]struct {
		seen          v1alpha1.Observed
		fields        []string
		want, omitted string
	}{
		"every field of a connected number": {
			v1alpha1.Observed{
				DisplayName: "Support", RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS", "VOICE"},
				Money: &v1alpha1.Money{CurrencyCode: "USD", Amount: "2.00"}, PaymentIntervalMonths: new(int32(1)),
				SMSConfiguration:   &v1alpha1.SMSConfiguration{ServicePlanID: "sp-1", CampaignID: "C1"},
				VoiceConfiguration: &v1alpha1.VoiceConfiguration{Type: "FAX", AppID: "stray", ServiceID: "fax-1"},
				CallbackURL:        "https://example.com/numbers",
			},
			Fields(""),
			`{"displayName":"Support","regionCode":"US","type":"LOCAL","capability":["SMS","VOICE"],` +
				`"money":{"currencyCode":"USD","amount":"2.00"},"paymentIntervalMonths":1,` +
				`"smsConfiguration":{"servicePlanId":"sp-1","campaignId":"C1"},` +
				`"voiceConfiguration":{"type":"FAX","serviceId":"fax-1"},"callbackUrl":"https://example.com/numbers"}`,
			"",
		},
		"every field of a number of which nothing is set": {
			v1alpha1.Observed{},
			Fields(""),
			`{"displayName":"","smsConfiguration":{"servicePlanId":"","campaignId":""},` +
				`"voiceConfiguration":{"appId":"","trunkId":"","serviceId":""},"callbackUrl":""}`,
			"",
		},
		"a voice app of a type that Sinch leaves unsaid": {
			v1alpha1.Observed{VoiceConfiguration: &v1alpha1.VoiceConfiguration{AppID: "app-1"}},
			Fields("voiceConfiguration"), `{"voiceConfiguration":{"type":"RTC","appId":"app-1"}}`, "",
		},
		"another id than the one of the connection": {
			v1alpha1.Observed{VoiceConfiguration: &v1alpha1.VoiceConfiguration{AppID: "app-1"}},
			Fields("voiceConfiguration.trunkId"), `{"voiceConfiguration":{"trunkId":""}}`, "",
		},
		"nothing that can be declared": {v1alpha1.Observed{}, Fields("money"), `null`, ""},
		"no fields":                    {v1alpha1.Observed{Type: "LOCAL"}, nil, `null`, ""},
		"values that the schema refuses": {
			v1alpha1.Observed{
				RegionCode: "UNKNOWN", Type: "SATELLITE", Capability: []string{"FAX", "MMS", "SMS"},
				Money:              &v1alpha1.Money{CurrencyCode: "EURO", Amount: "-1"},
				VoiceConfiguration: &v1alpha1.VoiceConfiguration{Type: "SIP_2", TrunkID: "t-1"}, CallbackURL: "ftp://example.com",
			},
			slices.Concat(Fields("callbackUrl"), Fields("capability"), Fields("money"), Fields("regionCode"), Fields("type"), Fields("voiceConfiguration.type"), Fields("voiceConfiguration.appId")),
			`{"capability":["SMS"]}`,
			`callbackUrl: it is not an http or https URL; capability: "FAX" is none of SMS, VOICE; ` +
				`money.amount: "-1" is not a decimal without a sign; money.currencyCode: "EURO" is not three capital letters; ` +
				`regionCode: "UNKNOWN" is not two capital letters; type: "SATELLITE" is none of LOCAL, MOBILE, TOLL_FREE; ` +
				`voiceConfiguration.type: "SIP_2" is none of EST, FAX, RTC; ` +
				`voiceConfiguration.appId: the number has a connection of another type, SIP_2`,
		},
		"a callback URL with a password": {
			v1alpha1.Observed{CallbackURL: "https://me:canary@example.com/"},
			Fields("callbackUrl"), `null`, "callbackUrl: its user info, query or fragment may be secret",
		},
		"a callback URL with a user name": {
			v1alpha1.Observed{CallbackURL: "https://canary@example.com/"},
			Fields("callbackUrl"), `null`, "callbackUrl: its user info, query or fragment may be secret",
		},
		"a callback URL with a query": {
			v1alpha1.Observed{CallbackURL: "https://example.com/?token=canary"},
			Fields("callbackUrl"), `null`, "callbackUrl: its user info, query or fragment may be secret",
		},
		"a callback URL with a fragment": {
			v1alpha1.Observed{CallbackURL: "https://example.com/#canary"},
			Fields("callbackUrl"), `null`, "callbackUrl: its user info, query or fragment may be secret",
		},
		"values that may have been cut": {
			v1alpha1.Observed{
				DisplayName: strings.Repeat("ü", 256), CallbackURL: "https://example.com/" + strings.Repeat("x", 236),
				SMSConfiguration:   &v1alpha1.SMSConfiguration{ServicePlanID: strings.Repeat("s", 128), CampaignID: strings.Repeat("c", 128)},
				VoiceConfiguration: &v1alpha1.VoiceConfiguration{Type: "EST", TrunkID: strings.Repeat("t", 128)},
			},
			slices.Concat(Fields("callbackUrl"), Fields("displayName"), Fields("smsConfiguration"), Fields("voiceConfiguration")),
			`{"voiceConfiguration":{"type":"EST"}}`,
			"callbackUrl: it may be longer than the 256 characters that are kept of it; " +
				"displayName: it may be longer than the 256 characters that are kept of it; " +
				"smsConfiguration.campaignId: it may be longer than the 128 characters that are kept of it; " +
				"smsConfiguration.servicePlanId: it may be longer than the 128 characters that are kept of it; " +
				"voiceConfiguration.trunkId: it may be longer than the 128 characters that are kept of it",
		},
		"values that are as long as whole ones can be": {
			v1alpha1.Observed{DisplayName: strings.Repeat("ü", 255), SMSConfiguration: &v1alpha1.SMSConfiguration{ServicePlanID: strings.Repeat("s", 127)}},
			slices.Concat(Fields("displayName"), Fields("smsConfiguration.servicePlanId")),
			`{"displayName":"` + strings.Repeat("ü", 255) + `","smsConfiguration":{"servicePlanId":"` + strings.Repeat("s", 127) + `"}}`, "",
		},
		"a callback URL that cannot be read": {
			v1alpha1.Observed{CallbackURL: "https://me:canary@%zz"},
			Fields("callbackUrl"), `null`, "callbackUrl: it is not a URL that can be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			expected, omitted := Declare(&test.seen, test.fields)
			got, err := json.Marshal(expected)
			if err != nil || string(got) != test.want {
				t.Errorf("%v\n got %s\nwant %s", err, got, test.want)
			}
			var why []string
			for _, each := range omitted {
				why = append(why, each.Field+": "+each.Why)
			}
			if got := strings.Join(why, "; "); got != test.omitted {
				t.Errorf("left out\n got %s\nwant %s", got, test.omitted)
			}
			if drift := Drift(Compare(expected, &test.seen)); len(drift) > 0 {
				t.Errorf("what was seen differs from itself: %+v", drift)
			}
		})
	}
}

// TestAnythingThatWasSeenIsAsDeclared makes up numbers, and declares some of their fields.
func TestAnythingThatWasSeenIsAsDeclared(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[luck.IntN(len(from))] }
	for range 20_000 {
		seen := &v1alpha1.Observed{
			DisplayName: pick("", "Support", "NO", "é\u200d ", strings.Repeat("ü", 256)), RegionCode: pick("", "US", "UNKNOWN"), Type: pick("", "LOCAL", "SATELLITE"),
			Capability:  strings.Fields(pick("", "SMS", "MMS", "MMS SMS VOICE")),
			CallbackURL: pick("", "https://example.com/a", "https://example.com?a=b", "http://me@example.com", "mailto:me"),
		}
		if luck.IntN(3) > 0 {
			seen.Money = &v1alpha1.Money{CurrencyCode: pick("", "USD", "EURO"), Amount: pick("", "2", "2.00", "-2")}
			seen.PaymentIntervalMonths = new(luck.Int32N(3))
			seen.SMSConfiguration = &v1alpha1.SMSConfiguration{ServicePlanID: pick("", "sp-1", strings.Repeat("s", 128)), CampaignID: pick("", "C1")}
			seen.VoiceConfiguration = &v1alpha1.VoiceConfiguration{
				Type: pick("", "RTC", "EST", "FAX", "SIP_2"), AppID: pick("", "app-1"), TrunkID: pick("", "t-1"), ServiceID: pick("", "fax-1"),
				ScheduledVoiceProvisioning: &v1alpha1.ScheduledVoiceProvisioning{Type: "EST", TrunkID: "t-2", Status: JobWaiting},
			}
		}
		fields := slices.DeleteFunc(Fields(""), func(string) bool { return luck.IntN(2) > 0 })
		expected, omitted := Declare(seen, fields)
		compared := Compare(expected, seen)
		if drift := Drift(compared); len(drift) > 0 {
			t.Fatalf("of %q, what was seen differs from itself in %+v: %+v", fields, drift, seen)
		}
		for _, each := range compared {
			if !slices.Contains(fields, each.Field) {
				t.Fatalf("%s is declared, which is not of %q", each.Field, fields)
			}
		}
		if len(omitted)+len(compared) > len(fields)+1 { // a capability may be both
			t.Fatalf("of %q %+v is declared and %+v left out", fields, compared, omitted)
		}
	}
}

func TestEveryFieldThatIsComparedCanBeDeclared(t *testing.T) {
	text := new("x")
	var compared []string
	for _, each := range Compare(&v1alpha1.Expected{
		DisplayName: text, RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS"}, CallbackURL: text,
		Money: &v1alpha1.ExpectedMoney{CurrencyCode: "USD", Amount: "1"}, PaymentIntervalMonths: new(int32(1)),
		SMSConfiguration:   &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: text, CampaignID: text},
		VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{Type: "RTC", AppID: text, TrunkID: text, ServiceID: text},
	}, &v1alpha1.Observed{}) {
		compared = append(compared, each.Field)
	}
	if got := Fields(""); !slices.Equal(got, compared) {
		t.Errorf("declared can be\n%q\ncompared are\n%q", got, compared)
	}
}

func TestAPathStandsForTheFieldsBelowIt(t *testing.T) {
	for path, want := range map[string]string{
		"type":                           "[type]",
		"money":                          "[money.amount money.currencyCode]",
		"smsConfiguration":               "[smsConfiguration.campaignId smsConfiguration.servicePlanId]",
		"smsConfiguration.servicePlanId": "[smsConfiguration.servicePlanId]",
		"sms":                            "[]",
		"money.":                         "[]",
		"Type":                           "[]",
	} {
		if got := fmt.Sprint(Fields(path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
