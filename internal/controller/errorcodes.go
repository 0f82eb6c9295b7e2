// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"strings"
)

// provisioningErrors is Sinch's page about the error codes of provisioning jobs.
const provisioningErrors = "https://developers.sinch.com/docs/numbers/api-reference/error-codes/provisioning-errors"

// unspecifiedCode stands for a code that Sinch does not give.
const unspecifiedCode = "ERROR_CODE_UNSPECIFIED"

const (
	undocumented = "Sinch gave no reason that is documented; contact Sinch support"
	voiceFailure = "Sinch gives no reason for voice jobs: check in the Sinch dashboard that the target exists in this project and submit the change again, or contact Sinch support. See " + provisioningErrors
)

// errorCodes says what each error code of an SMS job means, and what to do where Sinch publishes it.
var errorCodes = map[string]string{
	"INTERNAL_ERROR":               "an error of Sinch's own; contact Sinch support",
	"SMS_PROVISIONING_FAILED":      "the number could not be added to the service plan; choose another service plan, or contact Sinch support",
	"CAMPAIGN_PROVISIONING_FAILED": "the campaign could not be provisioned; verify the campaign, or contact Sinch support",
	"CAMPAIGN_NOT_AVAILABLE":       "the campaign is not available from The Campaign Registry; check the campaign id, and that Sinch is its Direct Connect Aggregator and has accepted it",
	"EXCEEDED_10DLC_LIMIT":         "too many numbers on the campaign (at most 50, Sole Proprietor 1); remove numbers, use a new campaign, or ask for a number pool",
	"NUMBER_PROVISIONING_FAILED":   "the number could not be put on the campaign; release it and rent another, or contact Sinch support",
	"PARTNER_SERVICE_UNAVAILABLE":  "a partner was unavailable and Sinch does not keep trying; submit the change again later",
	"CAMPAIGN_PENDING_ACCEPTANCE":  "Sinch has not accepted the campaign yet; wait up to 24 hours and submit the change again",
	"MNO_SHARING_ERROR":            "campaign or brand data were not shared with an operator; check the T-Mobile and AT&T metadata in The Campaign Registry",
	"CAMPAIGN_EXPIRED":             "the campaign has expired",
	"CAMPAIGN_MNO_REJECTED":        "an operator (MNO) rejected the campaign",
	"CAMPAIGN_MNO_SUSPENDED":       "an operator (MNO) suspended the campaign",
	"CAMPAIGN_MNO_REVIEW":          "an operator (MNO) reviews the campaign",
	"INSUFFICIENT_BALANCE":         "the balance is insufficient",
	"MOCK_CAMPAIGN_NOT_ALLOWED":    "a mock campaign is not allowed",
	"TFN_NOT_ALLOWED":              "a toll-free number (TFN) is not allowed",
	"INVALID_NNID":                 "the NNID is invalid",
}

// smsFailure names every error code, with what it means and what to do as far as a message can hold that.
func smsFailure(codes []string) string {
	const room = longestMessage - 440 // leaves the purpose with two ids, and the link
	if len(codes) == 0 {
		codes = []string{unspecifiedCode}
	}
	text, bare := "", codes
	for _, code := range codes {
		sentence := fmt.Sprintf("%s: %s. ", code, advice(code))
		if text != "" && len(text)+len(sentence)+len("Also ")+len(strings.Join(bare[1:], ", ")) > room {
			break
		}
		text, bare = text+sentence, bare[1:]
	}
	return text + others(bare, room-len(text)) + "See " + provisioningErrors
}

func advice(code string) string {
	if known, ok := errorCodes[code]; ok {
		return known
	}
	return undocumented
}

// others names codes without advice, and counts those for which there is no room.
func others(codes []string, room int) string {
	for named := len(codes); named > 0; named-- {
		text := "Also " + strings.Join(codes[:named], ", ")
		if rest := len(codes) - named; rest > 0 {
			text += fmt.Sprintf(" and %d more", rest)
		}
		if len(text) <= room {
			return text + ". "
		}
	}
	return ""
}
