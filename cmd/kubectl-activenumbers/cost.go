// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

// An amount is printed with so many decimals: more than the least only if they are not 0.
const (
	leastDecimals = 2
	mostDecimals  = 4
)

// sums are exact amounts by currency.
type sums map[string]*big.Rat

func (s sums) add(currency string, amount *big.Rat) {
	if s[currency] == nil {
		s[currency] = new(big.Rat)
	}
	s[currency].Add(s[currency], amount)
}

func (s sums) texts() map[string]string {
	texts := make(map[string]string, len(s))
	for currency, amount := range s {
		texts[currency] = decimal(amount)
	}
	return texts
}

// decimal is such as 2.00, 0.125 or 33.3333.
func decimal(amount *big.Rat) string {
	text := amount.FloatString(mostDecimals)
	for range mostDecimals - leastDecimals {
		text = strings.TrimSuffix(text, "0")
	}
	return text
}

// ledger sums up what numbers cost.
type ledger struct {
	monthly      sums
	priceUnknown int
	days         map[string]*chargeDay
	dayUnknown   int
}

type chargeDay struct {
	numbers int
	amounts sums
}

func newLedger() *ledger {
	return &ledger{monthly: sums{}, days: map[string]*chargeDay{}}
}

// enter adds a number that is rented; observed is nil if it was never seen.
func (l *ledger) enter(observed *v1alpha1.Observed, now time.Time) {
	if observed == nil {
		l.priceUnknown++
		l.dayUnknown++
		return
	}
	currency, amount := price(observed)
	months := observed.PaymentIntervalMonths
	if amount != nil && months != nil && *months > 0 {
		l.monthly.add(currency, new(big.Rat).Quo(amount, new(big.Rat).SetInt64(int64(*months))))
	} else {
		l.priceUnknown++
	}
	l.enterCharge(observed, currency, amount, now)
}

// enterCharge adds the next charge, if there is one: a number that was released is rented until then.
func (l *ledger) enterCharge(observed *v1alpha1.Observed, currency string, amount *big.Rat, now time.Time) {
	next, end := observed.NextChargeDate, observed.ExpireAt
	switch {
	case end != nil && (next == nil || !next.Before(end)):
		return
	case next == nil || day(next.Time) < day(now):
		l.dayUnknown++
		return
	}
	on := l.days[day(next.Time)]
	if on == nil {
		on = &chargeDay{amounts: sums{}}
		l.days[day(next.Time)] = on
	}
	on.numbers++
	if amount != nil {
		on.amounts.add(currency, amount)
	}
}

// price is what each payment interval costs; the amount is nil if that is not known.
func price(observed *v1alpha1.Observed) (currency string, amount *big.Rat) {
	money := observed.Money
	if money == nil || money.CurrencyCode == "" {
		return "", nil
	}
	amount, _ = mirror.Decimal(money.Amount)
	return money.CurrencyCode, amount
}

// charges are by day.
func (l *ledger) charges() []charges {
	byDay := make([]charges, 0, len(l.days))
	for _, on := range slices.Sorted(maps.Keys(l.days)) {
		byDay = append(byDay, charges{on, l.days[on].numbers, l.days[on].amounts.texts()})
	}
	return byDay
}
