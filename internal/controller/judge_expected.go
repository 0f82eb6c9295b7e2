// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

const (
	correction   = ". Change it at Sinch, or correct spec.expected"
	longestValue = 256                  // bytes of a value in a message; status.drift has all of it
	moreRoom     = len(" and 999 more") // differences that a message cannot name are counted
)

// judgeAsExpected says whether the number is what Git declares, as far as it was ever seen.
func judgeAsExpected(number *v1alpha1.ActiveNumber, compared []mirror.Comparison) verdict {
	differences := slices.DeleteFunc(slices.Clone(compared), func(c mirror.Comparison) bool { return c.Same })
	switch {
	case gone(number):
		return unknown(v1alpha1.ReasonNotFound, absent)
	case number.Status.Observed == nil:
		return unknown(v1alpha1.ReasonPending, unanswered)
	case len(compared) == 0:
		return yes(v1alpha1.ReasonNothingExpected, "spec.expected declares nothing")
	case len(differences) == 0:
		return yes(v1alpha1.ReasonMatches, "The number is as spec.expected declares")
	case !slices.ContainsFunc(differences, func(c mirror.Comparison) bool { return !c.Moving }):
		return unknown(v1alpha1.ReasonMoving, told("Sinch is about to set what spec.expected declares", differences, ""))
	}
	return no(v1alpha1.ReasonDrifted, told("Not as spec.expected declares", differences, correction))
}

// told names each difference, as far as a message has room, and counts the others.
func told(beginning string, differences []mirror.Comparison, end string) string {
	text, separator := beginning, ": "
	for i, difference := range differences {
		next := separator + inWords(difference.Difference)
		room := longestMessage - len(end)
		if i < len(differences)-1 {
			room -= moreRoom
		}
		if len(text)+len(next) > room {
			return fmt.Sprintf("%s and %d more%s", text, len(differences)-i, end)
		}
		text, separator = text+next, "; "
	}
	return text + end
}

// inWords is such as `type is "MOBILE", declared "LOCAL"`.
func inWords(d v1alpha1.Difference) string {
	seen, declared := d.Observed, d.Expected
	if d.Field == "callbackUrl" {
		if seen, declared = mirror.WithoutSecrets(seen), mirror.WithoutSecrets(declared); seen == declared {
			return d.Field + " differs in what is not shown, since it may be secret"
		}
	}
	return fmt.Sprintf("%s is %s, declared %s", d.Field, quoted(seen), quoted(declared))
}

func quoted(text string) string {
	if text == "" {
		return "unset"
	}
	return strconv.Quote(cut(text, longestValue))
}
