// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

// gauge is a metric of which a number has any number of series.
type gauge struct {
	name, help string
	labels     []string // besides namespace and name
	series     func(number *v1alpha1.ActiveNumber, memory recall, to *teller)
}

// gauges are what is told of each number. None has a phone number, project or key as a label: those who scrape may be
// others than those who may see the numbers.
var gauges = []gauge{
	{
		"activenumber_condition", "Each condition of a number: 1 True, 0 False, -1 Unknown.",
		[]string{"condition", "reason"},
		conditionSeries,
	},
	{
		"activenumber_suspended", "Whether spec.suspend stops the looks at a number.",
		nil, func(number *v1alpha1.ActiveNumber, _ recall, to *teller) { to.emit(truth(number.Spec.Suspend)) },
	},
	{
		"activenumber_info", "1 for each number, with its type and region as far as they have been seen.",
		[]string{"type", "region_code"},
		infoSeries,
	},
	{
		"activenumber_provisioning_failed", "1 for each error code of a provisioning job that failed, as long as it stands; ERROR_CODE_UNSPECIFIED if Sinch gives none, as always for voice.",
		[]string{"channel", "error_code"},
		failureSeries,
	},
	{
		"activenumber_drift", "1 for each field that differs from spec.expected, as long as the condition AsExpected is Drifted.",
		[]string{"field"},
		driftSeries,
	},
	{
		"activenumber_last_sync_timestamp_seconds", "When the last successful look took place; absent until the operator's first since its start.",
		nil, lastSyncSeries,
	},
	{
		"activenumber_next_charge_timestamp_seconds", "When the price is charged next.",
		nil, rented(func(observed *v1alpha1.Observed, to *teller) { to.emitTime(observed.NextChargeDate) }),
	},
	{
		"activenumber_expiry_timestamp_seconds", "When a number that was released stops being rented.",
		nil, rented(func(observed *v1alpha1.Observed, to *teller) { to.emitTime(observed.ExpireAt) }),
	},
	{
		"activenumber_charge_amount", "What each payment interval costs, in units of the currency.",
		[]string{"currency"},
		rented(chargeSeries),
	},
	{
		"activenumber_payment_interval_months", "How often the price is charged, in months.",
		nil, rented(intervalSeries),
	},
}

func conditionSeries(number *v1alpha1.ActiveNumber, _ recall, to *teller) {
	for i := range number.Status.Conditions {
		is := &number.Status.Conditions[i]
		to.emit(degree(is.Status), is.Type, is.Reason)
	}
}

// degree is the value that stands for a status.
func degree(status metav1.ConditionStatus) float64 {
	switch status {
	case metav1.ConditionTrue:
		return 1
	case metav1.ConditionFalse:
		return 0
	}
	return -1
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func infoSeries(number *v1alpha1.ActiveNumber, _ recall, to *teller) {
	var observed v1alpha1.Observed
	if number.Status.Observed != nil {
		observed = *number.Status.Observed
	}
	to.emit(1, observed.Type, observed.RegionCode)
}

// failureSeries follows the conditions: what was last seen of a number that is not found failed once.
func failureSeries(number *v1alpha1.ActiveNumber, _ recall, to *teller) {
	observed := number.Status.Observed
	if observed == nil {
		return
	}
	if current(number, v1alpha1.ConditionSMSProvisioned).reason == v1alpha1.ReasonFailed {
		for _, code := range failureCodes(observed.SMSConfiguration) {
			to.emit(1, "sms", code)
		}
	}
	if current(number, v1alpha1.ConditionVoiceProvisioned).reason == v1alpha1.ReasonFailed {
		to.emit(1, "voice", unspecifiedCode)
	}
}

func failureCodes(configuration *v1alpha1.SMSConfiguration) []string {
	if configuration == nil || configuration.ScheduledProvisioning == nil || len(configuration.ScheduledProvisioning.ErrorCodes) == 0 {
		return []string{unspecifiedCode}
	}
	return configuration.ScheduledProvisioning.ErrorCodes
}

func driftSeries(number *v1alpha1.ActiveNumber, _ recall, to *teller) {
	if current(number, v1alpha1.ConditionAsExpected).reason != v1alpha1.ReasonDrifted {
		return
	}
	for _, difference := range number.Status.Drift {
		to.emit(1, difference.Field)
	}
}

func lastSyncSeries(_ *v1alpha1.ActiveNumber, memory recall, to *teller) {
	if !memory.seen.IsZero() {
		to.emit(float64(memory.seen.UnixMilli()) / 1000)
	}
}

// rented is for what is only true of a number that is rented.
func rented(series func(*v1alpha1.Observed, *teller)) func(*v1alpha1.ActiveNumber, recall, *teller) {
	return func(number *v1alpha1.ActiveNumber, _ recall, to *teller) {
		if observed := number.Status.Observed; observed != nil && !gone(number) {
			series(observed, to)
		}
	}
}

func (t *teller) emitTime(at *metav1.Time) {
	if at != nil {
		t.emit(float64(at.Unix()))
	}
}

func chargeSeries(observed *v1alpha1.Observed, to *teller) {
	if observed.Money == nil {
		return
	}
	if amount, ok := mirror.Decimal(observed.Money.Amount); ok {
		value, _ := amount.Float64()
		to.emit(value, observed.Money.CurrencyCode)
	}
}

func intervalSeries(observed *v1alpha1.Observed, to *teller) {
	if observed.PaymentIntervalMonths != nil {
		to.emit(float64(*observed.PaymentIntervalMonths))
	}
}

// state is what numbers are counted by.
type state struct{ condition, status, reason string }

// count counts the numbers in each state. Those that are ready are counted even if there are none: so one series tells that
// somebody tells.
func count(numbers []*v1alpha1.ActiveNumber) map[state]int {
	counts := map[state]int{{v1alpha1.ConditionReady, string(metav1.ConditionTrue), v1alpha1.ReasonReady}: 0}
	for _, number := range numbers {
		for _, is := range number.Status.Conditions {
			counts[state{is.Type, string(is.Status), is.Reason}]++
		}
	}
	return counts
}

func (s state) compare(other state) int {
	return strings.Compare(s.condition+" "+s.status+" "+s.reason, other.condition+" "+other.status+" "+other.reason)
}
