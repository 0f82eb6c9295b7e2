// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"strings"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

// absent is what SMS, voice and expectation have to say of a number that is not found.
const absent = "Sinch knows no such active number: see the condition Active"

// judgeActive says that the number is rented, and describes it in a sentence.
func judgeActive(observed *v1alpha1.Observed) verdict {
	sentence := description(observed)
	if observed.ExpireAt == nil {
		return yes(v1alpha1.ReasonActive, sentence)
	}
	return yes(v1alpha1.ReasonExpiring, fmt.Sprintf("%s; released, and gone after %s", sentence, day(observed.ExpireAt.Time)))
}

func judgeAbsence(number *v1alpha1.ActiveNumber) verdict {
	return no(v1alpha1.ReasonNotFound, fmt.Sprintf("Project %s has no active number %s: it was released, or one of the two is wrong. Rent it again, or delete this resource and create the right one", number.Spec.ProjectID, number.Spec.PhoneNumber))
}

// description is such as "LOCAL number in US with SMS and VOICE; 2.00 USD every month, next charge 2026-12-21".
func description(observed *v1alpha1.Observed) string {
	text := "Number"
	if observed.Type != "" {
		text = observed.Type + " number"
	}
	if observed.RegionCode != "" {
		text += " in " + observed.RegionCode
	}
	if len(observed.Capability) > 0 {
		text += " with " + enumeration(observed.Capability)
	}
	if charge := charge(observed); charge != "" {
		text += "; " + charge
	}
	return text
}

func charge(observed *v1alpha1.Observed) string {
	var parts []string
	if price := mirror.Price(observed); price != "" {
		parts = append(parts, price)
	}
	if next := observed.NextChargeDate; next != nil {
		parts = append(parts, "next charge "+day(next.Time))
	}
	return strings.Join(parts, ", ")
}

// enumeration is such as "SMS, VOICE and MMS".
func enumeration(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func day(at time.Time) string {
	return at.UTC().Format(time.DateOnly)
}
