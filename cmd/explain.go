// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// explainTimeout is how long the operator looks for the reason why it could not start.
const explainTimeout = 5 * time.Second

// explainStart says so if a manager that failed did so for want of the CRD, or of the right to list the numbers.
func explainStart(manager ctrl.Manager, s scope, err error) error {
	if err == nil {
		return nil
	}
	kind := schema.GroupKind{Group: v1alpha1.GroupVersion.Group, Kind: "ActiveNumber"}
	if _, missing := manager.GetRESTMapper().RESTMapping(kind, v1alpha1.GroupVersion.Version); meta.IsNoMatchError(missing) {
		return fmt.Errorf("the cluster does not know the kind ActiveNumber (%s): install its CustomResourceDefinition first, such as by kubectl apply -k config/crd (%w)", v1alpha1.GroupVersion, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), explainTimeout)
	defer cancel()
	if len(s.namespaces) == 0 && mayNotList(ctx, manager.GetAPIReader(), "") {
		return fmt.Errorf("the operator may not list the ActiveNumbers of all namespaces: install its roles, such as by kubectl apply -k config/rbac, or name with --watch-namespaces those where it may (%w)", err)
	}
	for _, name := range s.namespaces {
		if mayNotList(ctx, manager.GetAPIReader(), name) {
			return fmt.Errorf("the operator may not list the ActiveNumbers of namespace %q: let it, such as by kubectl apply -n %s -k config/namespaced/tenant, or take the name out of --watch-namespaces (%w)", name, name, err)
		}
	}
	return err
}

func mayNotList(ctx context.Context, reader client.Reader, namespace string) bool {
	return apierrors.IsForbidden(reader.List(ctx, &v1alpha1.ActiveNumberList{}, client.InNamespace(namespace), client.Limit(1)))
}
