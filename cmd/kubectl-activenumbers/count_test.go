// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// The clock of these tests.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func at(day string) *metav1.Time {
	parsed, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return &metav1.Time{Time: parsed.Add(12 * time.Hour)}
}

// seen gives a number what was observed: a LOCAL number that is fine, with the changes.
func seen(changes ...func(*v1alpha1.Observed)) trait {
	return func(n *v1alpha1.ActiveNumber) {
		n.Status.Observed = &v1alpha1.Observed{Type: "LOCAL"}
		for _, change := range changes {
			change(n.Status.Observed)
		}
		judged("Synced=True/Observed")(n)
		judged("Active=True/Active")(n)
		judged("Ready=True/Ready")(n)
	}
}

// costs is such as 2.00 USD, every so many months.
func costs(price string, months int32) func(*v1alpha1.Observed) {
	amount, currency, _ := strings.Cut(price, " ")
	return func(o *v1alpha1.Observed) {
		o.Money, o.PaymentIntervalMonths = &v1alpha1.Money{CurrencyCode: currency, Amount: amount}, &months
	}
}

func charged(day string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.NextChargeDate = at(day) }
}

func expires(day string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.ExpireAt = at(day) }
}

func ofType(name string) func(*v1alpha1.Observed) {
	return func(o *v1alpha1.Observed) { o.Type = name }
}

func synced(day string) trait {
	return func(n *v1alpha1.ActiveNumber) { n.Status.LastSyncTime = at(day) }
}

func notFound(n *v1alpha1.ActiveNumber) {
	judged("Synced=True/Observed")(n)
	judged("Active=False/NotFound")(n)
	judged("Ready=False/NotFound")(n)
}

// TestWhatIsCounted looks at those fields of the summary that are named, as JSON.
func TestWhatIsCounted(t *testing.T) {
	const one, two, three = "+12025550101", "+12025550102", "+12025550103"
	usd, gbp := costs("2.00 USD", 1), costs("1.50 GBP", 1)
	tests := map[string]struct {
		numbers []v1alpha1.ActiveNumber
		want    map[string]string
	}{
		"nothing": {nil, map[string]string{
			"declarations": `0`, "ready": `{}`, "monthlyCost": `{}`, "nextCharges": `[]`, "expiring": `[]`, "problems": `[]`,
		}},
		"states, by declaration": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen()), declared("b", two, seen()),
			declared("c", three, seen(), judged("Ready=Unknown/Stale"), judged("Synced=Unknown/ProviderUnavailable")),
			declared("d", "+12025550104"),
		}, map[string]string{
			"ready":  `{"Pending":1,"Ready":2,"Stale":1}`,
			"synced": `{"Observed":2,"Pending":1,"ProviderUnavailable":1}`,
		}},
		"a suspended one keeps its state": {[]v1alpha1.ActiveNumber{declared("a", one, seen(), suspend)}, map[string]string{
			"ready": `{"Ready":1}`, "synced": `{"Suspended":1}`,
		}},
		"types": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen()), declared("b", two, seen(ofType("MOBILE"))), declared("c", three, seen(ofType(""))), declared("d", "+12025550104"),
		}, map[string]string{"types": `{"LOCAL":1,"MOBILE":1}`, "typeUnknown": `2`}},
		"a number that is declared twice is one": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd, charged("2026-12-21"))), declared("a", one, in("trial"), seen(usd, charged("2026-12-21"))),
		}, map[string]string{
			"declarations": `2`, "numbers": `1`, "doubles": `1`, "types": `{"LOCAL":1}`, "monthlyCost": `{"USD":"2.00"}`, "ready": `{"Ready":2}`,
			"nextCharges": `[{"amounts":{"USD":"2.00"},"day":"2026-12-21","numbers":1}]`,
		}},
		"the same number in two projects is two": {[]v1alpha1.ActiveNumber{
			declared("a", one), declared("b", one, func(n *v1alpha1.ActiveNumber) { n.Spec.ProjectID = "another" }),
		}, map[string]string{"numbers": `2`, "doubles": `0`}},
		"of two declarations the one that saw last counts": {[]v1alpha1.ActiveNumber{
			declared("a", one, judged("Synced=False/CredentialsInvalid")),
			declared("b", one, seen(costs("3.00 USD", 1)), synced("2026-11-30")),
			declared("c", one, seen(usd), synced("2026-11-29")),
		}, map[string]string{"numbers": `1`, "doubles": `2`, "monthlyCost": `{"USD":"3.00"}`, "priceUnknown": `0`}},
		"currencies are kept apart": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd)), declared("b", two, seen(usd)), declared("c", three, seen(gbp)),
		}, map[string]string{"monthlyCost": `{"GBP":"1.50","USD":"4.00"}`}},
		"a year's price is a twelfth a month": {
			[]v1alpha1.ActiveNumber{declared("a", one, seen(costs("10.00 USD", 12)))},
			map[string]string{"monthlyCost": `{"USD":"0.8333"}`},
		},
		"three thirds are a whole": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(costs("1 USD", 3))), declared("b", two, seen(costs("1 USD", 3))), declared("c", three, seen(costs("1.0 USD", 3))),
		}, map[string]string{"monthlyCost": `{"USD":"1.00"}`}},
		"what has no price is counted apart": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd)), declared("b", two, seen()), declared("c", three),
			declared("d", "+12025550104", seen(costs("2.00 USD", 0))), declared("e", "+12025550105", seen(costs("2.00 ", 1))),
			declared("f", "+12025550106", seen(costs("much USD", 1))),
			declared("g", "+12025550107", seen(usd, func(o *v1alpha1.Observed) { o.PaymentIntervalMonths = nil })),
		}, map[string]string{"monthlyCost": `{"USD":"2.00"}`, "priceUnknown": `6`}},
		"what costs nothing has a price": {
			[]v1alpha1.ActiveNumber{declared("a", one, seen(costs("0 USD", 1)))},
			map[string]string{"monthlyCost": `{"USD":"0.00"}`, "priceUnknown": `0`},
		},
		"what is not found costs nothing": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd, charged("2026-12-21")), notFound), declared("b", two, notFound),
		}, map[string]string{
			"numbers": `2`, "gone": `2`, "types": `{}`, "typeUnknown": `0`, "monthlyCost": `{}`, "priceUnknown": `0`, "nextCharges": `[]`, "chargeDayUnknown": `0`,
		}},
		"what is not found, and has not been seen for long": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd), notFound, judged("Ready=Unknown/Stale")),
		}, map[string]string{"gone": `1`, "monthlyCost": `{}`}},
		"what was released costs until it expires": {[]v1alpha1.ActiveNumber{
			declared("b", two, seen(usd, expires("2026-12-31"), charged("2026-12-31"))),
			declared("c", three, seen(usd, expires("2026-12-15"), charged("2026-12-10"))),
			declared("a", one, seen(usd, expires("2026-11-30"), charged("2026-11-30"))),
		}, map[string]string{
			"gone": `1`, "monthlyCost": `{"USD":"4.00"}`, "nextCharges": `[{"amounts":{"USD":"2.00"},"day":"2026-12-10","numbers":1}]`, "chargeDayUnknown": `0`,
			"expiring": `[{"day":"2026-12-15","name":"c","namespace":"telephony","phoneNumber":"+12025550103"},` +
				`{"day":"2026-12-31","name":"b","namespace":"telephony","phoneNumber":"+12025550102"}]`,
		}},
		"charges are sorted by day, whole, and by currency": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(costs("12.00 USD", 12), charged("2026-12-21"))), declared("b", two, seen(gbp, charged("2026-12-21"))),
			declared("c", three, seen(charged("2026-12-01"))),
		}, map[string]string{
			"nextCharges": `[{"amounts":{},"day":"2026-12-01","numbers":1},{"amounts":{"GBP":"1.50","USD":"12.00"},"day":"2026-12-21","numbers":2}]`,
		}},
		"a charge that has passed is on an unknown day": {[]v1alpha1.ActiveNumber{
			declared("a", one, seen(usd, charged("2026-11-30"))), declared("b", two, seen(usd)),
		}, map[string]string{"nextCharges": `[]`, "chargeDayUnknown": `2`, "monthlyCost": `{"USD":"4.00"}`}},
		"every condition that is False is a problem": {[]v1alpha1.ActiveNumber{
			declared("b", two, seen(), judged("AsExpected=False/Drifted"), judged("SMSProvisioned=False/Failed"), judged("Ready=False/SMSProvisioningFailed")),
			declared("a", one, judged("Synced=False/AccessDenied"), judged("Ready=Unknown/Pending")),
		}, map[string]string{"problems": `[` +
			`{"condition":"Synced","message":"the message of AccessDenied","name":"a","namespace":"telephony","phoneNumber":"+12025550101","reason":"AccessDenied"},` +
			`{"condition":"SMSProvisioned","message":"the message of Failed","name":"b","namespace":"telephony","phoneNumber":"+12025550102","reason":"Failed"},` +
			`{"condition":"AsExpected","message":"the message of Drifted","name":"b","namespace":"telephony","phoneNumber":"+12025550102","reason":"Drifted"}]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := fields(t, count(test.numbers, noon))
			for field, want := range test.want {
				if got[field] != want {
					t.Errorf("%s is %s\nwant %s", field, got[field], want)
				}
			}
		})
	}
}

// fields are those of a summary, each as JSON with sorted keys.
func fields(t *testing.T, s *summary) map[string]string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for field, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		texts[field] = string(text)
	}
	return texts
}

func TestTheOrderOfNumbersDoesNotMatter(t *testing.T) {
	a := declared("a", "+12025550101", seen(costs("1.00 USD", 3), expires("2026-12-31")))
	b := declared("b", "+12025550101", seen(costs("2.00 USD", 3), expires("2026-12-31")))
	c := declared("a", "+12025550103", in("trial"), seen(expires("2026-12-31")), judged("SMSProvisioned=False/Failed"))
	one, other := count([]v1alpha1.ActiveNumber{a, b, c}, noon), count([]v1alpha1.ActiveNumber{c, b, a}, noon)
	if !reflect.DeepEqual(one, other) {
		t.Errorf("one order gives\n%+v\nthe other\n%+v", one, other)
	}
}

func TestTheHelpKnowsEveryField(t *testing.T) {
	for field := range reflect.TypeFor[summary]().Fields() {
		if name := field.Tag.Get("json"); !strings.Contains(summaryHelp, fmt.Sprintf("\n  %s ", name)) {
			t.Errorf("the help does not know %s", name)
		}
	}
}
