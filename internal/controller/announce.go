// SPDX-License-Identifier: Apache-2.0

package controller

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// announced are the conditions whose flips are events. Stalled and Reconciling only repeat them.
var announced = []string{
	v1alpha1.ConditionSynced,
	v1alpha1.ConditionActive,
	v1alpha1.ConditionSMSProvisioned,
	v1alpha1.ConditionVoiceProvisioned,
	v1alpha1.ConditionAsExpected,
	v1alpha1.ConditionReady,
}

// announce records an event for each flip: a Warning for what needs a person, else Normal. Its reason is the condition's,
// which several conditions may share; so its action is the condition's type, and its note begins with that.
func (r *Reconciler) announce(was, is *v1alpha1.ActiveNumber) {
	for _, condition := range announced {
		before, after := current(was, condition), current(is, condition)
		if !flipped(condition, before, after) {
			continue
		}
		kind := corev1.EventTypeNormal
		if after.status == metav1.ConditionFalse {
			kind = corev1.EventTypeWarning
		}
		r.recorder.Eventf(is, nil, kind, after.reason, condition, "%s", bounded(condition+": "+after.message))
	}
}

// flipped says whether a change is worth an event. Ready repeats the other conditions but for its staleness.
func flipped(condition string, before, after verdict) bool {
	turned := before.status != after.status || before.reason != after.reason
	if condition == v1alpha1.ConditionReady {
		return turned && (before.reason == v1alpha1.ReasonStale || after.reason == v1alpha1.ReasonStale)
	}
	telling := after.reason == v1alpha1.ReasonFailed || after.reason == v1alpha1.ReasonDrifted
	return turned || telling && before.message != after.message
}
