// SPDX-License-Identifier: Apache-2.0

package sinchtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Change makes a number differ from a plain one.
type Change func(body map[string]any)

// Number is a 200 about the number that is asked for: a LOCAL number in the US that nothing is connected to, but for the
// changes.
//
//	Number(SMS("sp-1", ""), Voice("RTC", "app-1"))                       // all provisioned
//	Number(SMSJob("FAILED", "sp-1", "C1", "CAMPAIGN_EXPIRED"))           // a first job failed
//	Number(Voice("RTC", "app-1"), VoiceJob("WAITING", "FAX", "fax-1"))   // moving
//	Number(Set("phoneNumber", "+12025550100"), Set("money.amount", 0.8)) // what Sinch would not say
func Number(changes ...Change) Answer {
	a := Raw(http.StatusOK, "")
	a.body = func(is asked) []byte {
		body := plain(is)
		for _, change := range changes {
			change(body)
		}
		return encode(body)
	}
	return a
}

func plain(is asked) map[string]any {
	return map[string]any{
		"phoneNumber": is.number, "projectId": is.project, "displayName": "",
		"regionCode": "US", "type": "LOCAL", "capability": []string{"SMS", "VOICE"},
		"money": map[string]any{"currencyCode": "USD", "amount": "2.00"}, "paymentIntervalMonths": 1,
		"nextChargeDate": "2026-12-21T17:47:51.476076Z", "expireAt": nil,
		"smsConfiguration": map[string]any{"servicePlanId": "", "campaignId": "", "scheduledProvisioning": nil},
		"voiceConfiguration": map[string]any{
			"type": "RTC", "appId": "", "trunkId": "", "serviceId": "",
			"lastUpdatedTime": nil, "scheduledVoiceProvisioning": nil,
		},
		"callbackUrl": "",
	}
}

// Set gives a field a value; name is a path such as money.amount.
func Set(name string, value any) Change {
	return func(body map[string]any) {
		steps := strings.Split(name, ".")
		for _, step := range steps[:len(steps)-1] {
			inner, ok := body[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				body[step] = inner
			}
			body = inner
		}
		body[steps[len(steps)-1]] = value
	}
}

// SMS connects the number to a service plan, and to a campaign if there is one.
func SMS(servicePlanID, campaignID string) Change {
	return func(body map[string]any) {
		Set("smsConfiguration.servicePlanId", servicePlanID)(body)
		Set("smsConfiguration.campaignId", campaignID)(body)
	}
}

// SMSJob is a job under way or FAILED.
func SMSJob(status, servicePlanID, campaignID string, errorCodes ...string) Change {
	return Set("smsConfiguration.scheduledProvisioning", map[string]any{
		"servicePlanId": servicePlanID, "campaignId": campaignID, "status": status,
		"lastUpdatedTime": "2026-11-21T17:50:02.308392Z", "errorCodes": append([]string{}, errorCodes...),
	})
}

// Voice connects the number to an app (RTC), a trunk (EST) or a fax service (FAX).
func Voice(kind, id string) Change {
	return func(body map[string]any) {
		Set("voiceConfiguration.type", kind)(body)
		for name, value := range voiceIDs(kind, id) {
			Set("voiceConfiguration."+name, value)(body)
		}
	}
}

// VoiceJob is a job under way or FAILED.
func VoiceJob(status, kind, id string) Change {
	job := map[string]any{"type": kind, "status": status, "lastUpdatedTime": "2026-11-21T17:50:02.437509Z"}
	for name, value := range voiceIDs(kind, id) {
		job[name] = value
	}
	return Set("voiceConfiguration.scheduledVoiceProvisioning", job)
}

// voiceIDs are all three, as Sinch sends them: the one that the type uses, the others empty.
func voiceIDs(kind, id string) map[string]string {
	ids := map[string]string{"appId": "", "trunkId": "", "serviceId": ""}
	ids[map[string]string{"RTC": "appId", "EST": "trunkId", "FAX": "serviceId"}[kind]] = id
	return ids
}

// Provisioning is a number whose SMS job waits, is in progress, and has succeeded; the changes hold all along.
func Provisioning(servicePlanID string, changes ...Change) []Answer {
	return underWay(servicePlanID, SMS(servicePlanID, ""), changes...)
}

// ProvisioningFails is a number whose SMS job waits, is in progress, and fails for these reasons.
func ProvisioningFails(servicePlanID string, errorCodes ...string) []Answer {
	return underWay(servicePlanID, SMSJob("FAILED", servicePlanID, "", errorCodes...))
}

func underWay(servicePlanID string, end Change, changes ...Change) []Answer {
	changes = slices.Clip(changes)
	return []Answer{
		Number(append(changes, SMSJob("WAITING", servicePlanID, ""))...),
		Number(append(changes, SMSJob("IN_PROGRESS", servicePlanID, ""))...),
		Number(append(changes, end)...),
	}
}

// encode panics on what JSON cannot say: only a test's own Set can.
func encode(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
