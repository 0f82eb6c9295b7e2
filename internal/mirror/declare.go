// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// Omission is a field that cannot be declared as it was seen, and why.
type Omission struct{ Field, Why string }

// Fields are those that spec.expected may declare, at or below the path: all of them for "", sorted, and none for a path
// that does not exist.
func Fields(path string) []string {
	var found []string
	for _, field := range slices.Sorted(maps.Keys(declarations)) {
		if path == "" || field == path || strings.HasPrefix(field, path+".") {
			found = append(found, field)
		}
	}
	return found
}

// Declare is what spec.expected says, of these fields, about a number that is as it should be: Compare finds no difference.
// What is unset is declared as "" where the schema has a way to say so. It is nil if there is nothing to declare.
func Declare(observed *v1alpha1.Observed, fields []string) (*v1alpha1.Expected, []Omission) {
	expected, omitted := &v1alpha1.Expected{}, []Omission(nil)
	for _, field := range fields {
		if why := declarations[field](expected, observed); why != "" {
			omitted = append(omitted, Omission{field, why})
		}
	}
	shorten(expected)
	if reflect.ValueOf(*expected).IsZero() {
		return nil, omitted
	}
	return expected, omitted
}

// declaration declares one field as it was seen, or says why the schema would refuse that.
type declaration func(to *v1alpha1.Expected, seen *v1alpha1.Observed) (why string)

var declarations = map[string]declaration{
	"callbackUrl":                    declareCallbackURL,
	"capability":                     declareCapability,
	"displayName":                    declareDisplayName,
	"money.amount":                   declareAmount,
	"money.currencyCode":             declareCurrency,
	"paymentIntervalMonths":          declareMonths,
	"regionCode":                     declareRegion,
	"smsConfiguration.campaignId":    declareCampaign,
	"smsConfiguration.servicePlanId": declareServicePlan,
	"type":                           declareType,
	"voiceConfiguration.appId":       declareVoiceID(VoiceRTC, func(to *v1alpha1.ExpectedVoiceConfiguration) **string { return &to.AppID }),
	"voiceConfiguration.serviceId":   declareVoiceID(VoiceFAX, func(to *v1alpha1.ExpectedVoiceConfiguration) **string { return &to.ServiceID }),
	"voiceConfiguration.trunkId":     declareVoiceID(VoiceEST, func(to *v1alpha1.ExpectedVoiceConfiguration) **string { return &to.TrunkID }),
	"voiceConfiguration.type":        declareVoiceType,
}

// These are what the schema lets pass.
var (
	types          = []string{"LOCAL", "MOBILE", "TOLL_FREE"}
	capabilities   = []string{"SMS", "VOICE"}
	voiceTypes     = []string{VoiceEST, VoiceFAX, VoiceRTC}
	regionCodes    = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyCodes  = regexp.MustCompile(`^[A-Z]{3}$`)
	positiveAmount = regexp.MustCompile(`^[0-9]+([.][0-9]+)?$`)
	callbackURLs   = regexp.MustCompile(`^https?://[^ ]+$`)
)

func declareDisplayName(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	return declareWhole(&to.DisplayName, seen.DisplayName, sinch.LongestText)
}

func declareRegion(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	return declareForm(&to.RegionCode, seen.RegionCode, regionCodes, "two capital letters")
}

func declareType(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	if seen.Type != "" && !slices.Contains(types, seen.Type) {
		return noneOf(seen.Type, types)
	}
	to.Type = seen.Type
	return ""
}

// declareCapability declares those that the schema knows: the number must be capable of them at least.
func declareCapability(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	unknown := ""
	for _, capability := range seen.Capability {
		if slices.Contains(capabilities, capability) {
			to.Capability = append(to.Capability, capability)
		} else if unknown == "" {
			unknown = noneOf(capability, capabilities)
		}
	}
	return unknown
}

func declareAmount(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	if seen.Money == nil {
		return ""
	}
	return declareForm(&part(&to.Money).Amount, seen.Money.Amount, positiveAmount, "a decimal without a sign")
}

func declareCurrency(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	if seen.Money == nil {
		return ""
	}
	return declareForm(&part(&to.Money).CurrencyCode, seen.Money.CurrencyCode, currencyCodes, "three capital letters")
}

func declareMonths(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	if seen.PaymentIntervalMonths != nil {
		to.PaymentIntervalMonths = new(*seen.PaymentIntervalMonths)
	}
	return ""
}

func declareServicePlan(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	id := ""
	if seen.SMSConfiguration != nil {
		id = seen.SMSConfiguration.ServicePlanID
	}
	return declareWhole(&part(&to.SMSConfiguration).ServicePlanID, id, sinch.LongestID)
}

func declareCampaign(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	id := ""
	if seen.SMSConfiguration != nil {
		id = seen.SMSConfiguration.CampaignID
	}
	return declareWhole(&part(&to.SMSConfiguration).CampaignID, id, sinch.LongestID)
}

func declareVoiceType(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	is := VoiceConnection(seen.VoiceConfiguration)
	if is.Type == "" {
		return ""
	}
	if !slices.Contains(voiceTypes, is.Type) {
		return noneOf(is.Type, voiceTypes)
	}
	part(&to.VoiceConfiguration).Type = is.Type
	return ""
}

// declareVoiceID declares the id that goes with one type of connection. Of a type that the schema does not know nothing can
// be said: "" would say that the number is connected to nothing.
func declareVoiceID(kind string, id func(*v1alpha1.ExpectedVoiceConfiguration) **string) declaration {
	return func(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
		is := VoiceConnection(seen.VoiceConfiguration)
		if is.Type != "" && !slices.Contains(voiceTypes, is.Type) {
			return "the number has a connection of another type, " + is.Type
		}
		return declareWhole(id(part(&to.VoiceConfiguration)), is.id(kind), sinch.LongestID)
	}
}

// shorten leaves out the parts that say nothing, and the ids that are unset since the connection is of another type.
func shorten(expected *v1alpha1.Expected) {
	drop(&expected.Money)
	drop(&expected.SMSConfiguration)
	drop(&expected.VoiceConfiguration)
	voice := expected.VoiceConfiguration
	if voice == nil || voice.Type == "" {
		return
	}
	for _, id := range []**string{&voice.AppID, &voice.TrunkID, &voice.ServiceID} {
		if *id != nil && **id == "" {
			*id = nil
		}
	}
}

// declareCallbackURL keeps out of what will be committed whatever may be secret.
func declareCallbackURL(to *v1alpha1.Expected, seen *v1alpha1.Observed) string {
	at, err := url.Parse(seen.CallbackURL)
	switch {
	case seen.CallbackURL != "" && !callbackURLs.MatchString(seen.CallbackURL):
		return "it is not an http or https URL"
	case err != nil:
		return "it is not a URL that can be read"
	case at.User != nil || at.RawQuery != "" || at.Fragment != "":
		return "its user info, query or fragment may be secret"
	}
	return declareWhole(&to.CallbackURL, seen.CallbackURL, sinch.LongestText)
}

// declareWhole declares a text, unless it is as long as what is kept of one, and so may be the beginning of a longer one.
func declareWhole(to **string, seen string, most int) string {
	if utf8.RuneCountInString(seen) >= most {
		return fmt.Sprintf("it may be longer than the %d characters that are kept of it", most)
	}
	*to = &seen
	return ""
}

// declareForm declares a text, unless it is unset or not of that form.
func declareForm(to *string, seen string, form *regexp.Regexp, is string) string {
	if seen != "" && !form.MatchString(seen) {
		return fmt.Sprintf("%q is not %s", seen, is)
	}
	*to = seen
	return ""
}

func noneOf(word string, known []string) string {
	return fmt.Sprintf("%q is none of %s", word, strings.Join(known, ", "))
}

// drop takes away a part of spec.expected of which nothing is declared.
func drop[T comparable](of **T) {
	var nothing T
	if *of != nil && **of == nothing {
		*of = nil
	}
}

// part makes a part of spec.expected unless it is there.
func part[T any](of **T) *T {
	if *of == nil {
		*of = new(T)
	}
	return *of
}
