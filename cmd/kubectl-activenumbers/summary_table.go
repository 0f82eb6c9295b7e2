// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// mostDays is how many days with charges a table has.
const mostDays = 5

// table is a summary for people: sentences, then sections, of which those that would be empty are left out.
func (s *summary) table(everywhere bool) string {
	sections := []string{
		s.sentences(),
		section([]string{"READY", "DECLARATIONS"}, counts(s.Ready)),
		section([]string{"SYNCED", "DECLARATIONS"}, counts(s.Synced)),
		section([]string{"TYPE", "NUMBERS"}, append(counts(s.Types), unknown("unknown", s.TypeUnknown)...)),
		section([]string{"MONTHLY COST"}, s.costRows()),
		section([]string{"NEXT CHARGES", "NUMBERS", "AMOUNT"}, s.chargeRows()),
		section(named(everywhere, "NAMESPACE", "EXPIRING", "PHONE NUMBER", "DAY"), s.expiryRows(everywhere)),
		section(named(everywhere, "NAMESPACE", "NEEDS A PERSON", "PHONE NUMBER", "CONDITION", "REASON"), s.problemRows(everywhere)),
	}
	sections = slices.DeleteFunc(sections, func(section string) bool { return section == "" })
	return strings.Join(sections, "\n")
}

// sentences say how much there is, and how far to trust it.
func (s *summary) sentences() string {
	text := counted(s.Numbers, "number")
	if s.Doubles > 0 {
		text += fmt.Sprintf(" in %s, of which %s", counted(s.Declarations, "declaration"), areDoubles(s.Doubles))
	}
	if s.Gone > 0 {
		text += fmt.Sprintf("; rented no longer: %d", s.Gone)
	}
	text += "\n"
	if stale := s.Ready[v1alpha1.ReasonStale]; stale > 0 {
		text += fmt.Sprintf("Stale: %d. What is said of them was seen a while ago\n", stale)
	}
	if suspended := s.Synced[v1alpha1.ReasonSuspended]; suspended > 0 {
		text += fmt.Sprintf("Suspended: %d. They are not looked at\n", suspended)
	}
	return text
}

func areDoubles(n int) string {
	if n == 1 {
		return "1 is a double"
	}
	return fmt.Sprintf("%d are doubles", n)
}

func counts(count map[string]int) [][]string {
	var rows [][]string
	for _, key := range most(count) {
		rows = append(rows, []string{key, strconv.Itoa(count[key])})
	}
	return rows
}

// unknown is a row about what is not known, if there is such.
func unknown(what string, n int) [][]string {
	if n == 0 {
		return nil
	}
	return [][]string{{what, strconv.Itoa(n)}}
}

func (s *summary) costRows() [][]string {
	var rows [][]string
	for _, each := range amounts(s.MonthlyCost) {
		rows = append(rows, []string{each})
	}
	if s.PriceUnknown > 0 {
		rows = append(rows, []string{"price unknown: " + counted(s.PriceUnknown, "number")})
	}
	return rows
}

func (s *summary) chargeRows() [][]string {
	var rows [][]string
	for _, each := range s.NextCharges[:min(len(s.NextCharges), mostDays)] {
		rows = append(rows, []string{each.Day, strconv.Itoa(each.Numbers), strings.Join(amounts(each.Amounts), ", ")})
	}
	later := 0
	for _, each := range s.NextCharges[len(rows):] {
		later += each.Numbers
	}
	return slices.Concat(rows, unknown("later", later), unknown("day unknown", s.ChargeDayUnknown))
}

// amounts are such as "2.00 USD", by currency.
func amounts(byCurrency map[string]string) []string {
	var texts []string
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		texts = append(texts, byCurrency[currency]+" "+currency)
	}
	return texts
}

func (s *summary) expiryRows(everywhere bool) [][]string {
	var rows [][]string
	for _, each := range s.Expiring {
		rows = append(rows, named(everywhere, each.Namespace, each.Name, each.PhoneNumber, each.Day))
	}
	return rows
}

func (s *summary) problemRows(everywhere bool) [][]string {
	var rows [][]string
	for _, each := range s.Problems {
		rows = append(rows, named(everywhere, each.Namespace, each.Name, each.PhoneNumber, each.Condition, each.Reason))
	}
	return rows
}

// named is a row that begins with the namespace where there are several.
func named(everywhere bool, namespace string, cells ...string) []string {
	if everywhere {
		return append([]string{namespace}, cells...)
	}
	return cells
}

// section is a head and rows with aligned columns, "" if there are no rows.
func section(head []string, rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	var text strings.Builder
	w := printers.GetNewTabWriter(&text)
	for _, cells := range slices.Concat([][]string{head}, rows) {
		row(w, cells...)
	}
	_ = w.Flush() // memory takes all
	return text.String()
}
