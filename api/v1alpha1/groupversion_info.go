// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 says what may be declared about a phone number that is rented from Sinch, and what was seen of it.
//
// What Sinch has is spelled as Sinch spells it (paymentIntervalMonths, servicePlanId); what the operator adds follows
// the Kubernetes API conventions. The schema refuses nonsense, so that no code has to.
//
// +kubebuilder:object:generate=true
// +groupName=numbers.sinch.com
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "numbers.sinch.com", Version: "v1alpha1"}

// AddToScheme makes the kinds of this package known to a client.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &ActiveNumber{}, &ActiveNumberList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
