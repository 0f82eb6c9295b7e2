// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

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

// reporter is who the events are from.
const reporter = "activenumber-operator"

// announce writes an event for each flip: a Warning for what needs a person, else Normal. Its reason is the condition's,
// which several conditions may share; so its action is the condition's type, and its note begins with that.
//
// It writes them itself, one after the other. client-go's recorder, made for whoever repeats events, remembers each for
// minutes and sends all at once, which the first looks at many numbers would turn into a hundred megabytes.
func (r *Reconciler) announce(ctx context.Context, was, is *v1alpha1.ActiveNumber) {
	for _, condition := range announced {
		before, after := current(was, condition), current(is, condition)
		if !flipped(condition, before, after) {
			continue
		}
		if err := r.client.Create(ctx, r.event(is, condition, after)); err != nil && unlessEnding(ctx, err) != nil {
			log.FromContext(ctx).Error(err, "cannot write an event", "condition", condition, "reason", after.reason)
		}
	}
}

func (r *Reconciler) event(number *v1alpha1.ActiveNumber, condition string, is verdict) *eventsv1.Event {
	kind := corev1.EventTypeNormal
	if is.status == metav1.ConditionFalse {
		kind = corev1.EventTypeWarning
	}
	return &eventsv1.Event{
		ObjectMeta:          metav1.ObjectMeta{Namespace: number.Namespace, GenerateName: number.Name + "-"},
		EventTime:           metav1.NewMicroTime(r.Now()),
		ReportingController: reporter,
		ReportingInstance:   r.instance,
		Type:                kind,
		Reason:              is.reason,
		Action:              condition,
		Note:                bounded(condition + ": " + is.message),
		Regarding: corev1.ObjectReference{
			APIVersion:      v1alpha1.GroupVersion.String(),
			Kind:            "ActiveNumber",
			Namespace:       number.Namespace,
			Name:            number.Name,
			UID:             number.UID,
			ResourceVersion: number.ResourceVersion,
		},
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
