// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func TestACachedNumberLacksOnlyWhatOthersKeepOnIt(t *testing.T) {
	now := metav1.Now()
	whole := v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "telephony", Name: "support-us", UID: "u", ResourceVersion: "7", Generation: 3, CreationTimestamp: now,
			Labels:      map[string]string{"shard": "a"},
			Annotations: map[string]string{v1alpha1.PollRequestedAtAnnotation: "1", "team": "voice"},
			Finalizers:  []string{"example.com/theirs"},
		},
		Spec:   v1alpha1.ActiveNumberSpec{ProjectID: "p", PhoneNumber: "+12025550134"},
		Status: v1alpha1.ActiveNumberStatus{ObservedGeneration: 3, LastSyncTime: &now},
	}
	for name, add := range map[string]func(*v1alpha1.ActiveNumber){
		"as it is":              func(*v1alpha1.ActiveNumber) {},
		"with an applied copy":  func(n *v1alpha1.ActiveNumber) { n.Annotations[corev1.LastAppliedConfigAnnotation] = `{"spec":{}}` },
		"with managers' fields": func(n *v1alpha1.ActiveNumber) { n.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}} },
	} {
		t.Run(name, func(t *testing.T) {
			number := whole.DeepCopy()
			add(number)
			got, err := newVocabulary().trim(number)
			if err != nil || !equality.Semantic.DeepEqual(got, &whole) {
				t.Errorf("got %+v (%v), want %+v", got, err, &whole)
			}
		})
	}
}

func TestACachedNumberMayHaveNoAnnotations(t *testing.T) {
	got, err := newVocabulary().trim(&v1alpha1.ActiveNumber{})
	if err != nil || !equality.Semantic.DeepEqual(got, &v1alpha1.ActiveNumber{}) {
		t.Errorf("got %+v (%v)", got, err)
	}
}

func TestOtherObjectsAreCachedAsTheyAre(t *testing.T) {
	meta := func() metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Annotations:   map[string]string{corev1.LastAppliedConfigAnnotation: "{}"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
		}
	}
	for name, object := range map[string]func() any{
		"another kind": func() any { return &corev1.ConfigMap{ObjectMeta: meta()} },
		"a deletion that was missed": func() any {
			return toolscache.DeletedFinalStateUnknown{Key: "a/b", Obj: &v1alpha1.ActiveNumber{ObjectMeta: meta()}}
		},
		"nothing": func() any { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := newVocabulary().trim(object()); err != nil || !equality.Semantic.DeepEqual(got, object()) {
				t.Errorf("got %+v (%v), want %+v", got, err, object())
			}
		})
	}
}

func TestCachedNumbersShareWhatTheyHaveInCommon(t *testing.T) {
	words := newVocabulary()
	cached := func(message string) *v1alpha1.ActiveNumber {
		number := &v1alpha1.ActiveNumber{
			ObjectMeta: metav1.ObjectMeta{Namespace: strings.Clone("telephony"), ManagedFields: []metav1.ManagedFieldsEntry{{}}},
			Status: v1alpha1.ActiveNumberStatus{Conditions: []metav1.Condition{
				{Type: strings.Clone("Synced"), Status: metav1.ConditionTrue, Reason: strings.Clone("Observed"), Message: strings.Clone(message)},
			}},
		}
		trimmed, err := words.trim(number)
		if err != nil {
			t.Fatal(err)
		}
		return trimmed.(*v1alpha1.ActiveNumber)
	}
	one, other := cached("the same"), cached("the same")
	a, b := one.Status.Conditions[0], other.Status.Conditions[0]
	for _, pair := range [][2]string{{one.Namespace, other.Namespace}, {a.Type, b.Type}, {a.Reason, b.Reason}, {a.Message, b.Message}} {
		if pair[0] != pair[1] || unsafe.StringData(pair[0]) != unsafe.StringData(pair[1]) {
			t.Errorf("%q is kept twice", pair[0])
		}
	}
	for i := range 2 * mostWords {
		cached(strconv.Itoa(i))
	}
	if got := len(words.words); got > mostWords {
		t.Errorf("%d texts are kept, want %d at most", got, mostWords)
	}
}
