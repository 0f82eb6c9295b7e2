// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func TestTheTable(t *testing.T) {
	const one, two, three, four = "+12025550101", "+12025550102", "+12025550103", "+12025550104"
	usd := costs("2.00 USD", 1)
	tests := map[string]struct {
		numbers    []v1alpha1.ActiveNumber
		everywhere bool
		want       string
	}{
		"one number that is fine": {[]v1alpha1.ActiveNumber{declared("a", one, seen(usd, charged("2026-12-21")))}, false, `
1 number

READY   DECLARATIONS
Ready   1

SYNCED     DECLARATIONS
Observed   1

TYPE    NUMBERS
LOCAL   1

MONTHLY COST
2.00 USD

NEXT CHARGES   NUMBERS   AMOUNT
2026-12-21     1         2.00 USD
`},
		"all that there is to tell": {[]v1alpha1.ActiveNumber{
			declared("support-us", one, seen(usd, charged("2026-12-21"))),
			declared("again", one, in("trial"), seen(usd, charged("2026-12-21"))),
			declared("ending", two, seen(costs("1.50 GBP", 1), expires("2026-12-31"), charged("2026-12-21")), judged("Ready=Unknown/Stale")),
			declared("failed", three, seen(), judged("SMSProvisioned=False/Failed"), judged("Ready=False/SMSProvisioningFailed")),
			declared("retired", four, notFound),
			declared("seasonal", "+12025550105", suspend),
		}, true, `
5 numbers in 6 declarations, of which 1 is a double; rented no longer: 1
Stale: 1. What is said of them was seen a while ago
Suspended: 1. They are not looked at

READY                   DECLARATIONS
Ready                   2
NotFound                1
Pending                 1
SMSProvisioningFailed   1
Stale                   1

SYNCED      DECLARATIONS
Observed    5
Suspended   1

TYPE      NUMBERS
LOCAL     3
unknown   1

MONTHLY COST
1.50 GBP
2.00 USD
price unknown: 2 numbers

NEXT CHARGES   NUMBERS   AMOUNT
2026-12-21     2         1.50 GBP, 2.00 USD
day unknown    2

NAMESPACE   EXPIRING   PHONE NUMBER   DAY
telephony   ending     +12025550102   2026-12-31

NAMESPACE   NEEDS A PERSON   PHONE NUMBER   CONDITION        REASON
telephony   failed           +12025550103   SMSProvisioned   Failed
telephony   retired          +12025550104   Active           NotFound
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := count(test.numbers, noon).table(test.everywhere)
			if got != strings.TrimPrefix(test.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, test.want)
			}
		})
	}
}

func TestATableHasTheNextFewDaysOfCharges(t *testing.T) {
	var numbers []v1alpha1.ActiveNumber
	for _, day := range []string{"02", "03", "04", "05", "06", "07", "08"} {
		numbers = append(numbers, declared("on-"+day, "+120255501"+day, seen(charged("2026-12-"+day))))
	}
	table := count(numbers, noon).table(false)
	if !strings.Contains(table, "\n2026-12-06     1         \nlater          2\n") || strings.Contains(table, "2026-12-07") {
		t.Errorf("after five days, it does not sum up the others:\n%s", table)
	}
}
