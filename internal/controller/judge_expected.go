// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// judgeAsExpected says whether the number is what Git declares. A declaration is kept, but not compared yet.
func judgeAsExpected(number *v1alpha1.ActiveNumber) verdict {
	expected := number.Spec.Expected
	switch {
	case gone(number):
		return unknown(v1alpha1.ReasonNotFound, absent)
	case number.Status.Observed == nil:
		return unknown(v1alpha1.ReasonPending, unanswered)
	case expected == nil || equality.Semantic.DeepEqual(expected, &v1alpha1.Expected{}):
		return yes(v1alpha1.ReasonNothingExpected, "spec.expected declares nothing")
	}
	return unknown(v1alpha1.ReasonPending, "This version of the operator does not compare spec.expected with what it observes")
}
