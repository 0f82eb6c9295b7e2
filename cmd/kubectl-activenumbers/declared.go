// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// declaration is what one ActiveNumber says, and where it says so.
type declaration struct {
	where string
	spec  v1alpha1.ActiveNumberSpec
}

// chunk is how many objects the API server is asked for at once, as kubectl does.
const chunk = 500

// declared are the numbers of a project in the cluster: in the chosen namespace, or in all.
func (c *cluster) declared(ctx context.Context, project string, everywhere bool) ([]declaration, error) {
	reader, namespace, err := c.connect()
	if err != nil {
		return nil, err
	}
	if everywhere {
		namespace = ""
	}
	var found []declaration
	for next := ""; ; {
		var list v1alpha1.ActiveNumberList
		if err := reader.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{"spec.projectId": project},
			client.Limit(chunk), client.Continue(next)); err != nil {
			return nil, explainList(err, namespace)
		}
		for _, number := range list.Items {
			found = append(found, declaration{number.Namespace + "/" + number.Name, number.Spec})
		}
		if next = list.Continue; next == "" {
			return found, nil
		}
	}
}

func explainList(err error, namespace string) error {
	where := fmt.Sprintf("in namespace %q", namespace)
	if namespace == "" {
		where = "in all namespaces"
	}
	switch {
	case meta.IsNoMatchError(err), apierrors.IsNotFound(err):
		return fmt.Errorf("the cluster does not know the kind %s: install its CRD, or name files with -f", kind)
	case apierrors.IsForbidden(err):
		return fmt.Errorf("you may not list %ss %s: ask for the right to, choose another namespace with -n, or name files with -f", kind, where)
	}
	return fmt.Errorf("list the %ss %s: %w", kind, where, err)
}
