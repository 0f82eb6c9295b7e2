// SPDX-License-Identifier: Apache-2.0

//go:build live && picture

package alerts

import (
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// herd is numbers of one kind, by what they are for.
type herd struct {
	namespace, name string
	count           int
	first           int64 // phone number
	is              sinchtest.Change
	course          func(i int, is sinchtest.Change) []sinchtest.Answer
	spec            v1alpha1.ActiveNumberSpec
}

// member is one of a herd.
type member struct {
	herd
	name, phone string
	answers     []sinchtest.Answer
}

var (
	local    = &v1alpha1.Expected{Type: "LOCAL"}
	tollFree = &v1alpha1.Expected{Type: "TOLL_FREE"}
	usual    = v1alpha1.ActiveNumberSpec{}
)

// herds are the picture's fleet at first.
var herds = []herd{
	{"telephony", "store-us", 14, 12025550100, rented("US", "LOCAL", "USD", "2.00", 1), provisioned, usual},
	{"telephony", "store-gb", 8, 442079460100, rented("GB", "LOCAL", "GBP", "1.50", 1), provisioned, usual},
	{"telephony", "hotline-us", 4, 18005550100, rented("US", "TOLL_FREE", "USD", "4.00", 1), provisioned, v1alpha1.ActiveNumberSpec{Expected: tollFree}},
	{"telephony", "popup-us", 2, 12025550120, rented("US", "LOCAL", "USD", "2.00", 1), released, usual},
	{"telephony", "retired-us", 1, 12025550124, nil, gone, usual},
	{"telephony", "seasonal-us", 3, 12025550126, nil, provisioned, v1alpha1.ActiveNumberSpec{Suspend: true}},
	{"marketing", "news-us", 12, 12025550130, rented("US", "LOCAL", "USD", "2.00", 1), provisioning, usual},
	{"marketing", "ported-us", 4, 12025550190, rented("US", "LOCAL", "USD", "2.00", 1), lasting, usual},
	{"marketing", "promo-us", 3, 12025550145, rented("US", "LOCAL", "USD", "2.00", 1), failing("CAMPAIGN_NOT_AVAILABLE"), usual},
	{"marketing", "offer-us", 1, 12025550149, rented("US", "LOCAL", "USD", "2.00", 1), failing("CAMPAIGN_EXPIRED"), usual},
	{"marketing", "promo-se", 3, 46701740605, rented("SE", "MOBILE", "EUR", "27.00", 3), provisioned, usual},
	{"support", "desk-de", 3, 4930231250100, rented("DE", "LOCAL", "EUR", "1.00", 1), provisioned, v1alpha1.ActiveNumberSpec{Expected: local}},
	{"support", "reception-gb", 1, 442079460150, rented("GB", "LOCAL", "GBP", "1.50", 1), voiceFailed, usual},
	{"trial", "evaluation-us", 2, 12025550170, nil, provisioned, usual},
}

// launch are declared a while later.
var launch = herd{"marketing", "launch-us", 7, 12025550160, rented("US", "LOCAL", "USD", "24.00", 12), provisioning, usual}

func (h herd) members() []member {
	var all []member
	for i := range h.count {
		is := func(body map[string]any) {
			if h.is != nil {
				h.is(body)
			}
			sinchtest.Set("nextChargeDate", time.Now().AddDate(0, 0, 1+(int(h.first)%11+5*i)%28).UTC().Format(time.RFC3339))(body)
		}
		all = append(all, member{h, fmt.Sprintf("%s-%d", h.name, i+1), fmt.Sprintf("+%d", h.first+int64(i)), slowly(h.course(i, is), i)})
	}
	return all
}

// raise declares a herd.
func (f *fleet) raise(h herd) []member {
	f.Helper()
	all := h.members()
	for _, each := range all {
		spec := h.spec
		spec.PhoneNumber, spec.Interval = each.phone, metav1.Duration{Duration: 30 * time.Second}
		f.declare(h.namespace, each.name, spec, each.answers...)
	}
	return all
}

// say has Sinch answer all numbers of a namespace with an error.
func (f *fleet) say(all []member, namespace string, status int, word string) {
	for _, each := range all {
		if each.namespace == namespace {
			f.sinch.Script(project, each.phone, sinchtest.Delayed(90*time.Millisecond, sinchtest.Refusal(status, word)))
		}
	}
}

// calm has Sinch answer them as it ended up answering before.
func (f *fleet) calm(all []member, namespace string) {
	for _, each := range all {
		if each.namespace == namespace {
			f.sinch.Script(project, each.phone, each.answers[len(each.answers)-1])
		}
	}
}

func rented(region, kind, currency, amount string, months int) sinchtest.Change {
	return func(body map[string]any) {
		body["regionCode"], body["type"], body["paymentIntervalMonths"] = region, kind, months
		body["money"] = map[string]any{"currencyCode": currency, "amount": amount}
	}
}

func provisioned(_ int, is sinchtest.Change) []sinchtest.Answer {
	return one(is, sinchtest.SMS("sp-1", ""), sinchtest.Voice("RTC", "app-1"))
}

// provisioning waits and goes on for a look or more each, some longer than others, and succeeds.
func provisioning(i int, is sinchtest.Change) []sinchtest.Answer {
	return append(underWay(i, is), one(is, sinchtest.SMS("sp-1", "C1"))...)
}

// lasting is a job that does not end here.
func lasting(i int, is sinchtest.Change) []sinchtest.Answer {
	return one(is, sinchtest.SMSJob([]string{"WAITING", "IN_PROGRESS"}[i%2], "sp-1", "C1"))
}

func failing(code string) func(int, sinchtest.Change) []sinchtest.Answer {
	return func(i int, is sinchtest.Change) []sinchtest.Answer {
		return append(underWay(i, is), one(is, sinchtest.SMSJob("FAILED", "sp-1", "C1", code))...)
	}
}

func underWay(i int, is sinchtest.Change) []sinchtest.Answer {
	var answers []sinchtest.Answer
	for range 1 + i%3 {
		answers = append(answers, one(is, sinchtest.SMSJob("WAITING", "sp-1", "C1"))...)
	}
	for range 1 + i%5/2 {
		answers = append(answers, one(is, sinchtest.SMSJob("IN_PROGRESS", "sp-1", "C1"))...)
	}
	return answers
}

func voiceFailed(_ int, is sinchtest.Change) []sinchtest.Answer {
	return one(is, sinchtest.VoiceJob("FAILED", "EST", "trunk-1"))
}

func released(i int, is sinchtest.Change) []sinchtest.Answer {
	return one(is, sinchtest.SMS("sp-1", ""), sinchtest.Set("expireAt", time.Now().AddDate(0, 0, 9+14*i).UTC().Format(time.RFC3339)))
}

func gone(int, sinchtest.Change) []sinchtest.Answer {
	return []sinchtest.Answer{sinchtest.Recorded("not-found")}
}

// slowly has Sinch take its time: 40 to 260 ms, some longer than others.
func slowly(answers []sinchtest.Answer, n int) []sinchtest.Answer {
	for i := range answers {
		pause := 40 + time.Duration(83*(n+i)%220)
		answers[i] = sinchtest.Delayed(pause*time.Millisecond, answers[i])
	}
	return answers
}

// scene is something that happens a while after the operator was started.
type scene struct {
	at   time.Duration
	play func()
}

// scenes are the life of the fleet.
func (f *fleet) scenes(all []member, p *prometheus) []scene {
	drifted, healed := find(all, "desk-de-2"), find(all, "desk-de-3")
	mobile := one(rented("DE", "MOBILE", "EUR", "1.00", 1), sinchtest.SMS("sp-1", ""))
	unseen := func() bool {
		found := p.query(f.T, `activenumber_numbers{condition="Synced", reason="ProviderUnavailable"} > 9`)
		return len(found) > 0
	}
	return []scene{
		{20 * time.Second, func() { f.say(all, "telephony", http.StatusServiceUnavailable, "UNAVAILABLE") }},
		{35 * time.Second, func() { f.raise(launch) }},
		{50 * time.Second, func() {
			f.sinch.Script(project, drifted.phone, mobile...)
			f.sinch.Script(project, healed.phone, mobile...)
		}},
		{60 * time.Second, f.sinch.ExpireTokens},
		{70 * time.Second, func() { f.say(all, "marketing", http.StatusTooManyRequests, "RESOURCE_EXHAUSTED") }},
		{85 * time.Second, func() { f.calm(all, "marketing") }},
		{95 * time.Second, func() { f.sinch.Script(project, healed.phone, healed.answers...) }},
		{100 * time.Second, func() {
			await(f.T, "an outage to show", unseen)
			f.calm(all, "telephony")
			await(f.T, "its end to show", func() bool { return !unseen() })
		}},
		{205 * time.Second, func() {}},
	}
}

func find(all []member, name string) member {
	for _, each := range all {
		if each.name == name {
			return each
		}
	}
	panic("there is no " + name)
}
