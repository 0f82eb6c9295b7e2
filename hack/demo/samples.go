// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// sample is what Sinch answers about a number of config/samples, and all conditions that must come of it.
type sample struct {
	answers []sinchtest.Answer
	wanted  string
}

const (
	seen   = "Synced=True/Observed Active=True/Active AsExpected=True/NothingExpected "
	unseen = "Active=Unknown/Pending SMSProvisioned=Unknown/Pending VoiceProvisioned=Unknown/Pending " +
		"AsExpected=Unknown/Pending Ready=Unknown/Pending "
)

// samples by namespace and name.
var samples = map[string]sample{
	"telephony/support-us": {
		one(sinchtest.SMS("support-sms", "C4SUPP1"), sinchtest.Voice("RTC", "support-app")),
		seen + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned Ready=True/Ready",
	},
	"telephony/alerts-us": {
		sinchtest.Provisioning("alerts-sms", charged),
		seen + "SMSProvisioned=True/Provisioned VoiceProvisioned=Unknown/NotConfigured Ready=True/Ready",
	},
	"telephony/marketing-us": {
		one(sinchtest.SMSJob("FAILED", "marketing-sms", "C4MARK1", "CAMPAIGN_NOT_AVAILABLE")),
		seen + "SMSProvisioned=False/Failed VoiceProvisioned=Unknown/NotConfigured " +
			"Ready=False/SMSProvisioningFailed Stalled=True/SMSProvisioningFailed",
	},
	"telephony/reception-gb": {
		one(sinchtest.Voice("RTC", "reception-app"), sinchtest.VoiceJob("FAILED", "EST", "reception-trunk"),
			sinchtest.Set("regionCode", "GB"), sinchtest.Set("capability", []string{"VOICE"}),
			sinchtest.Set("money.currencyCode", "GBP"), sinchtest.Set("money.amount", "1.50")),
		seen + "SMSProvisioned=Unknown/NotConfigured VoiceProvisioned=False/Failed " +
			"Ready=False/VoiceProvisioningFailed Stalled=True/VoiceProvisioningFailed",
	},
	"telephony/retired-us": {
		nil,
		"Synced=True/Observed Active=False/NotFound SMSProvisioned=Unknown/NotFound VoiceProvisioned=Unknown/NotFound " +
			"AsExpected=Unknown/NotFound Ready=False/NotFound Stalled=True/NotFound",
	},
	"telephony/seasonal-us": {
		one(sinchtest.SMS("seasonal-sms", "")),
		unseen + "Synced=Unknown/Suspended",
	},
	"trial/evaluation-us": {
		one(sinchtest.Voice("RTC", "evaluation-app")),
		unseen + "Synced=False/CredentialsInvalid Stalled=True/CredentialsInvalid",
	},
}

// charged has a number charged next in four weeks, whenever the demo is shown.
var charged = sinchtest.Set("nextChargeDate", time.Now().AddDate(0, 0, 28).UTC().Format(time.RFC3339))

func one(changes ...sinchtest.Change) []sinchtest.Answer {
	return []sinchtest.Answer{sinchtest.Number(append(changes, charged)...)}
}
