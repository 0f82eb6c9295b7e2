// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// summary is what summary -o json and -o yaml print: its field names are an interface for scripts.
//
// A declaration is one ActiveNumber. Several may declare the same number, which is a project id and a phone number. What
// is wrong or suspended is counted by declaration, since each has an operator, a Secret and expectations of its own; what
// the project has and pays is counted by number.
type summary struct {
	// Declarations is how many ActiveNumbers there are.
	Declarations int `json:"declarations"`
	// Numbers is how many different numbers they declare.
	Numbers int `json:"numbers"`
	// Doubles is how many declarations are of a number that another one declares already.
	Doubles int `json:"doubles"`
	// Ready counts declarations by the reason of their condition Ready, such as Stale.
	Ready map[string]int `json:"ready"`
	// Synced counts declarations by the reason of their condition Synced; as Suspended, if spec.suspend is true.
	Synced map[string]int `json:"synced"`

	// Gone is how many numbers are rented no longer: not found, or expired. What follows is about the others.
	Gone int `json:"gone"`
	// Types counts numbers by type, such as LOCAL.
	Types map[string]int `json:"types"`
	// TypeUnknown is how many numbers have no type, since none was seen yet.
	TypeUnknown int `json:"typeUnknown"`
	// MonthlyCost is the price for a month by currency, rounded to four decimals.
	MonthlyCost map[string]string `json:"monthlyCost"`
	// PriceUnknown is how many numbers are not part of the monthly cost: without a price, a currency or a payment interval.
	PriceUnknown int `json:"priceUnknown"`
	// NextCharges are the charges to come, the next one of each number, by day.
	NextCharges []charges `json:"nextCharges"`
	// ChargeDayUnknown is how many numbers will be charged on a day that is not known, or has passed since they were seen.
	ChargeDayUnknown int `json:"chargeDayUnknown"`
	// Expiring are the numbers that were released and are rented until a day to come, the next one first.
	Expiring []expiry `json:"expiring"`

	// Problems are the conditions that need a person, by namespace and name of the declaration.
	Problems []problem `json:"problems"`
}

// charges are those of one day.
type charges struct {
	// Day is such as 2026-12-21, UTC.
	Day string `json:"day"`
	// Numbers is how many numbers are charged.
	Numbers int `json:"numbers"`
	// Amounts are the charges by currency, as far as the prices are known.
	Amounts map[string]string `json:"amounts"`
}

// expiry is the end of one number.
type expiry struct {
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	PhoneNumber string `json:"phoneNumber"`
	// Day is such as 2026-12-21, UTC.
	Day string `json:"day"`
}

// problem is a condition of one declaration that is False.
type problem struct {
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	PhoneNumber string `json:"phoneNumber"`
	// Condition is Synced, Active, SMSProvisioned, VoiceProvisioned or AsExpected.
	Condition string `json:"condition"`
	Reason    string `json:"reason"`
	Message   string `json:"message"`
}

// count sums up declarations as they are at a time.
func count(declarations []v1alpha1.ActiveNumber, now time.Time) *summary {
	declarations = slices.SortedFunc(slices.Values(declarations), byName)
	numbers := distinct(declarations)
	s := &summary{
		Declarations: len(declarations), Numbers: len(numbers), Doubles: len(declarations) - len(numbers),
		Ready: map[string]int{}, Synced: map[string]int{}, Types: map[string]int{},
		Expiring: []expiry{}, Problems: []problem{},
	}
	for i := range declarations {
		s.countDeclaration(&declarations[i])
	}
	cost := newLedger()
	for _, number := range numbers {
		if gone(number, now) {
			s.Gone++
			continue
		}
		s.countNumber(number)
		cost.enter(number.Status.Observed, now)
	}
	slices.SortStableFunc(s.Expiring, func(a, b expiry) int { return cmp.Compare(a.Day, b.Day) })
	s.MonthlyCost, s.PriceUnknown = cost.monthly.texts(), cost.priceUnknown
	s.NextCharges, s.ChargeDayUnknown = cost.charges(), cost.dayUnknown
	return s
}

// distinct returns each number once, by the first name that declares it: as seen last, if it is declared more than once.
func distinct(declarations []v1alpha1.ActiveNumber) []*v1alpha1.ActiveNumber {
	type identity struct{ project, number string }
	var order []identity
	seen := map[identity]*v1alpha1.ActiveNumber{}
	for i := range declarations {
		is := &declarations[i]
		id := identity{is.Spec.ProjectID, is.Spec.PhoneNumber}
		other, double := seen[id]
		if !double {
			order = append(order, id)
		}
		if !double || seenAfter(is, other) {
			seen[id] = is
		}
	}
	numbers := make([]*v1alpha1.ActiveNumber, 0, len(order))
	for _, id := range order {
		numbers = append(numbers, seen[id])
	}
	return numbers
}

func seenAfter(a, b *v1alpha1.ActiveNumber) bool {
	at, other := a.Status.LastSyncTime, b.Status.LastSyncTime
	return at != nil && (other == nil || at.After(other.Time))
}

// gone says that the project rents the number no longer.
func gone(number *v1alpha1.ActiveNumber, now time.Time) bool {
	observed := number.Status.Observed
	return condition(number, v1alpha1.ConditionActive).Reason == v1alpha1.ReasonNotFound ||
		observed != nil && observed.ExpireAt != nil && !now.Before(observed.ExpireAt.Time)
}

func (s *summary) countDeclaration(number *v1alpha1.ActiveNumber) {
	s.Ready[condition(number, v1alpha1.ConditionReady).Reason]++
	synced := condition(number, v1alpha1.ConditionSynced).Reason
	if number.Spec.Suspend {
		synced = v1alpha1.ReasonSuspended
	}
	s.Synced[synced]++
	for _, kind := range []string{
		v1alpha1.ConditionSynced, v1alpha1.ConditionActive,
		v1alpha1.ConditionSMSProvisioned, v1alpha1.ConditionVoiceProvisioned, v1alpha1.ConditionAsExpected,
	} {
		if is := condition(number, kind); is.Status == metav1.ConditionFalse {
			s.Problems = append(s.Problems, problem{number.Namespace, number.Name, number.Spec.PhoneNumber, kind, is.Reason, is.Message})
		}
	}
}

func (s *summary) countNumber(number *v1alpha1.ActiveNumber) {
	observed := number.Status.Observed
	if observed == nil || observed.Type == "" {
		s.TypeUnknown++
	} else {
		s.Types[observed.Type]++
	}
	if observed != nil && observed.ExpireAt != nil {
		s.Expiring = append(s.Expiring, expiry{number.Namespace, number.Name, number.Spec.PhoneNumber, day(observed.ExpireAt.Time)})
	}
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// most are the keys of a count, the most frequent first.
func most(count map[string]int) []string {
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
}
