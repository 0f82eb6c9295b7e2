// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"slices"
	"strconv"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Comparison is one declared field beside what was seen.
type Comparison struct {
	v1alpha1.Difference
	// Same says that the field is as declared.
	Same bool
	// Moving says that it is not, and that a provisioning job which waits or runs will make it so.
	Moving bool
}

// Compare puts every field that is declared beside what was seen, sorted by field. Declared nothing, it returns nothing.
//
// Values are compared as text, but for amounts of money, which are compared as decimals, and capabilities, of which the
// number must have at least those declared. "" stands for unset. Of voice only the connection that the number has counts:
// its type, and the id that belongs to the type.
func Compare(expected *v1alpha1.Expected, observed *v1alpha1.Observed) []Comparison {
	if expected == nil || observed == nil {
		return nil
	}
	var c comparisons
	c.text("displayName", expected.DisplayName, observed.DisplayName)
	c.text("regionCode", unlessEmpty(expected.RegionCode), observed.RegionCode)
	c.text("type", unlessEmpty(expected.Type), observed.Type)
	c.text("callbackUrl", expected.CallbackURL, observed.CallbackURL)
	c.capability(expected.Capability, observed.Capability)
	c.money(expected.Money, observed.Money)
	c.months(expected.PaymentIntervalMonths, observed.PaymentIntervalMonths)
	c.sms(expected.SMSConfiguration, observed.SMSConfiguration)
	c.voice(expected.VoiceConfiguration, observed.VoiceConfiguration)
	slices.SortFunc(c, func(a, b Comparison) int { return strings.Compare(a.Field, b.Field) })
	return c
}

// Drift is every comparison that found a difference.
func Drift(compared []Comparison) []v1alpha1.Difference {
	var drift []v1alpha1.Difference
	for _, c := range compared {
		if !c.Same {
			drift = append(drift, c.Difference)
		}
	}
	return drift
}

type comparisons []Comparison

func (c *comparisons) add(field, expected, observed string, same bool) *Comparison {
	*c = append(*c, Comparison{Difference: v1alpha1.Difference{Field: field, Expected: expected, Observed: observed}, Same: same})
	return &(*c)[len(*c)-1]
}

// text compares texts, if one is declared.
func (c *comparisons) text(field string, expected *string, observed string) {
	if expected != nil {
		c.add(field, *expected, observed, *expected == observed)
	}
}

// moved compares what a job can change; heading is what the number will have once the job that runs is done.
func (c *comparisons) moved(field string, expected *string, observed, heading string, runs bool) {
	if expected != nil {
		it := c.add(field, *expected, observed, *expected == observed)
		it.Moving = !it.Same && runs && heading == *expected
	}
}

func (c *comparisons) capability(expected, observed []string) {
	if len(expected) == 0 {
		return
	}
	lacks := slices.ContainsFunc(expected, func(each string) bool { return !slices.Contains(observed, each) })
	c.add("capability", list(expected), list(observed), !lacks)
}

func (c *comparisons) money(expected *v1alpha1.ExpectedMoney, observed *v1alpha1.Money) {
	if expected == nil {
		return
	}
	if observed == nil {
		observed = &v1alpha1.Money{}
	}
	c.text("money.currencyCode", unlessEmpty(expected.CurrencyCode), observed.CurrencyCode)
	if expected.Amount != "" {
		c.add("money.amount", expected.Amount, observed.Amount, sameAmount(expected.Amount, observed.Amount))
	}
}

func (c *comparisons) months(expected, observed *int32) {
	if expected == nil {
		return
	}
	seen := ""
	if observed != nil {
		seen = strconv.Itoa(int(*observed))
	}
	c.text("paymentIntervalMonths", new(strconv.Itoa(int(*expected))), seen)
}

// sms knows that a job leaves alone what it does not carry.
func (c *comparisons) sms(expected *v1alpha1.ExpectedSMSConfiguration, observed *v1alpha1.SMSConfiguration) {
	if expected == nil {
		return
	}
	var is v1alpha1.SMSConfiguration
	if observed != nil {
		is = *observed
	}
	var job v1alpha1.ScheduledProvisioning
	if is.ScheduledProvisioning != nil {
		job = *is.ScheduledProvisioning
	}
	carries := func(id string) bool { return JobRuns(job.Status) && id != "" }
	c.moved("smsConfiguration.servicePlanId", expected.ServicePlanID, is.ServicePlanID, job.ServicePlanID, carries(job.ServicePlanID))
	c.moved("smsConfiguration.campaignId", expected.CampaignID, is.CampaignID, job.CampaignID, carries(job.CampaignID))
}

func (c *comparisons) voice(expected *v1alpha1.ExpectedVoiceConfiguration, observed *v1alpha1.VoiceConfiguration) {
	if expected == nil {
		return
	}
	is, will, runs := VoiceConnection(observed), Connection{}, false
	if observed != nil && observed.ScheduledVoiceProvisioning != nil {
		will = JobConnection(observed.ScheduledVoiceProvisioning)
		runs = JobRuns(observed.ScheduledVoiceProvisioning.Status) && will != Connection{}
	}
	c.moved("voiceConfiguration.type", unlessEmpty(expected.Type), is.Type, will.Type, runs)
	c.moved("voiceConfiguration.appId", expected.AppID, is.id(VoiceRTC), will.id(VoiceRTC), runs)
	c.moved("voiceConfiguration.trunkId", expected.TrunkID, is.id(VoiceEST), will.id(VoiceEST), runs)
	c.moved("voiceConfiguration.serviceId", expected.ServiceID, is.id(VoiceFAX), will.id(VoiceFAX), runs)
}

// unlessEmpty is for fields in which "" declares nothing.
func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// list is such as "SMS, VOICE".
func list(words []string) string {
	return strings.Join(slices.Sorted(slices.Values(words)), ", ")
}
