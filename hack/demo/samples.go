// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// sample is what Sinch answers about a number of config/samples, and all conditions that must come of it.
type sample struct {
	answers    []sinchtest.Answer
	wanted     string
	correction *correction // made once they have
}

// correction is a change that a person makes to what is declared, and all conditions that must come of it.
type correction struct{ patch, wanted string }

const (
	active  = "Synced=True/Observed Active=True/Active "
	seen    = active + "AsExpected=True/NothingExpected "
	matches = active + "AsExpected=True/Matches "
	drifted = active + "AsExpected=False/Drifted Ready=False/Drifted Stalled=True/Drifted "
	unseen  = "Active=Unknown/Pending SMSProvisioned=Unknown/Pending VoiceProvisioned=Unknown/Pending " +
		"AsExpected=Unknown/Pending Ready=Unknown/Pending "
)

// samples by namespace and name.
var samples = map[string]sample{
	"telephony/support-us": {
		answers: one(sinchtest.SMS("support-sms", "C4SUPP1"), sinchtest.Voice("RTC", "support-app")),
		wanted:  seen + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned Ready=True/Ready",
	},
	"telephony/alerts-us": {
		answers: sinchtest.Provisioning("alerts-sms", sinchtest.Voice("RTC", "alerts-app"), charged),
		wanted:  matches + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned Ready=True/Ready",
	},
	"telephony/marketing-us": {
		answers: one(sinchtest.SMSJob("FAILED", "marketing-sms", "C4MARK1", "CAMPAIGN_NOT_AVAILABLE")),
		wanted: seen + "SMSProvisioned=False/Failed VoiceProvisioned=Unknown/NotConfigured " +
			"Ready=False/SMSProvisioningFailed Stalled=True/SMSProvisioningFailed",
	},
	"telephony/reception-gb": {
		answers: one(sinchtest.Voice("RTC", "reception-app"), sinchtest.VoiceJob("FAILED", "EST", "reception-trunk"),
			sinchtest.Set("regionCode", "GB"), sinchtest.Set("capability", []string{"VOICE"}),
			sinchtest.Set("money.currencyCode", "GBP"), sinchtest.Set("money.amount", "1.50")),
		wanted: seen + "SMSProvisioned=Unknown/NotConfigured VoiceProvisioned=False/Failed " +
			"Ready=False/VoiceProvisioningFailed Stalled=True/VoiceProvisioningFailed",
	},
	"telephony/sales-us": {
		answers: one(sinchtest.SMS("sales-sms-old", "C4SALE1"), sinchtest.Voice("RTC", "sales-app")),
		wanted:  drifted + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned",
	},
	"telephony/hotline-us": {
		answers: one(sinchtest.SMS("hotline-sms", ""), sinchtest.Voice("EST", "hotline-trunk"), sinchtest.Set("type", "TOLL_FREE")),
		wanted:  drifted + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned",
		correction: &correction{
			patch:  `{"spec":{"expected":{"type":"TOLL_FREE"}}}`,
			wanted: matches + "SMSProvisioned=True/Provisioned VoiceProvisioned=True/Provisioned Ready=True/Ready",
		},
	},
	"telephony/retired-us": {
		wanted: "Synced=True/Observed Active=False/NotFound SMSProvisioned=Unknown/NotFound VoiceProvisioned=Unknown/NotFound " +
			"AsExpected=Unknown/NotFound Ready=False/NotFound Stalled=True/NotFound",
	},
	"telephony/seasonal-us": {
		answers: one(sinchtest.SMS("seasonal-sms", "")),
		wanted:  unseen + "Synced=Unknown/Suspended",
	},
	"trial/evaluation-us": {
		answers: one(sinchtest.Voice("RTC", "evaluation-app")),
		wanted:  unseen + "Synced=False/CredentialsInvalid Stalled=True/CredentialsInvalid",
	},
}

// charged has a number charged next in four weeks, whenever the demo is shown.
var charged = sinchtest.Set("nextChargeDate", time.Now().AddDate(0, 0, 28).UTC().Format(time.RFC3339))

func one(changes ...sinchtest.Change) []sinchtest.Answer {
	return []sinchtest.Answer{sinchtest.Number(append(changes, charged)...)}
}
