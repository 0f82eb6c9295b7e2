// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// declaration is what one ActiveNumber says, and where it says so.
type declaration struct {
	where string
	spec  v1alpha1.ActiveNumberSpec
}

// declarations are those that were found somewhere, such as in "namespace telephony".
type declarations struct {
	scope   string
	partial bool // the cluster may have more, which -A would show
	all     []declaration
}

// declared are the numbers of a project in the cluster, and what was searched for them.
func (c *cluster) declared(ctx context.Context, project string, where selection) (declarations, error) {
	reader, namespace, err := c.connect()
	if err != nil {
		return declarations{}, err
	}
	numbers, err := where.find(ctx, reader, namespace, client.MatchingFields{"spec.projectId": project})
	if err != nil {
		return declarations{}, fmt.Errorf("%w (or compare files, with -f)", err)
	}
	found := declarations{scope: where.place(namespace), partial: !where.everywhere}
	for _, number := range numbers {
		found.all = append(found.all, declaration{number.Namespace + "/" + number.Name, number.Spec})
	}
	return found, nil
}
