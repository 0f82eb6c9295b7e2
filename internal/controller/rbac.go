// SPDX-License-Identifier: Apache-2.0

package controller

// This is all that the operator may do; config/rbac/role.yaml is generated from it, and docs/rbac.md explains it.
//
// +kubebuilder:rbac:groups=numbers.sinch.com,resources=activenumbers,verbs=get;list;watch
// +kubebuilder:rbac:groups=numbers.sinch.com,resources=activenumbers/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create
// +kubebuilder:rbac:groups=authentication.k8s.io,resources=tokenreviews,verbs=create
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create
//
// Secrets have a role of their own, so that it can be bound in chosen namespaces only.
//
// +kubebuilder:rbac:groups="",resources=secrets,resourceNames=sinch-credentials,verbs=get,roleName=activenumber-operator-secret-reader
//
// The replicas share a Lease in their own namespace; leader election still records its events in the core API.
//
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=activenumber-operator-system,roleName=activenumber-operator-leader-election
// +kubebuilder:rbac:groups="",resources=events,verbs=create;patch,namespace=activenumber-operator-system,roleName=activenumber-operator-leader-election
