// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// longestDecimal is how many characters a decimal may have, at Sinch as in spec.expected.
const longestDecimal = 64

var decimals = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Decimal reads an amount of money such as "2.00", exactly. It reports whether the text is one.
func Decimal(text string) (*big.Rat, bool) {
	if len(text) > longestDecimal || !decimals.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// sameAmount says whether two amounts are equal, as 2, 2.0 and 2.00 are.
func sameAmount(a, b string) bool {
	x, isX := Decimal(a)
	y, isY := Decimal(b)
	if !isX || !isY {
		return a == b
	}
	return x.Cmp(y) == 0
}

// Price is what a number costs, such as "2.00 USD every month", or "" if Sinch does not say.
func Price(observed *v1alpha1.Observed) string {
	money := observed.Money
	if money == nil || money.Amount == "" {
		return ""
	}
	return strings.TrimSpace(money.Amount+" "+money.CurrencyCode) + every(observed.PaymentIntervalMonths)
}

func every(months *int32) string {
	switch {
	case months == nil || *months == 0:
		return ""
	case *months == 1:
		return " every month"
	}
	return fmt.Sprintf(" every %d months", *months)
}
