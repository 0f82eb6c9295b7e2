// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// selection says which numbers of the cluster are meant.
type selection struct {
	everywhere bool
	selector   string
}

func (s *selection) addFlags(command *cobra.Command) {
	command.Flags().BoolVarP(&s.everywhere, "all-namespaces", "A", false, "numbers of every namespace")
	command.Flags().StringVarP(&s.selector, "selector", "l", "", "numbers with these labels only, such as team=support")
}

func (s selection) labels() (labels.Selector, error) {
	selector, err := labels.Parse(s.selector)
	if err != nil {
		return nil, fmt.Errorf("--selector %q: must be a label selector as kubectl get -l takes it, such as team=support", s.selector)
	}
	return selector, nil
}

// in is the namespace to search, given the one that kubectl's flags choose.
func (s selection) in(namespace string) client.InNamespace {
	if s.everywhere {
		return metav1.NamespaceAll
	}
	return client.InNamespace(namespace)
}

// chunk is how many objects the API server is asked for at once, as kubectl does.
const chunk = 500

// find returns the numbers that are meant, by namespace and name. Options narrow them down.
func (s selection) find(ctx context.Context, reader client.Reader, namespace string, options ...client.ListOption) ([]v1alpha1.ActiveNumber, error) {
	selector, err := s.labels()
	if err != nil {
		return nil, err
	}
	options = append(options, s.in(namespace), client.MatchingLabelsSelector{Selector: selector}, client.Limit(chunk))
	var found []v1alpha1.ActiveNumber
	for next := ""; ; {
		var list v1alpha1.ActiveNumberList
		if err := reader.List(ctx, &list, append(slices.Clone(options), client.Continue(next))...); err != nil {
			return nil, explained(err, "list ActiveNumbers in "+s.place(namespace))
		}
		found = append(found, list.Items...)
		if next = list.Continue; next == "" {
			slices.SortFunc(found, byName)
			return found, nil
		}
	}
}

func byName(a, b v1alpha1.ActiveNumber) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

func (s selection) place(namespace string) string {
	if s.everywhere {
		return "all namespaces"
	}
	return "namespace " + namespace
}

// none says that there is nothing to be found.
func (s selection) none(namespace string) string {
	if s.selector != "" {
		return fmt.Sprintf("there are no numbers with the labels %s in %s", s.selector, s.place(namespace))
	}
	return "there are no numbers in " + s.place(namespace)
}

// explained says what to do about the API server's answer to who was doing something with ActiveNumbers, such as to list
// them. Forbidden may be a webhook's answer as well, so the reason is told.
func explained(err error, doing string) error {
	switch {
	case meta.IsNoMatchError(err), apierrors.IsNotFound(err):
		return fmt.Errorf("the cluster does not know the kind %s: install its CustomResourceDefinition first, such as by kubectl apply -k config/crd", kind)
	case apierrors.IsForbidden(err):
		return fmt.Errorf("you may not %s (%w): ask for the right to, or choose another namespace with -n", doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// condition is what stands in the status, Unknown and Pending if nothing does.
func condition(number *v1alpha1.ActiveNumber, kind string) metav1.Condition {
	if found := meta.FindStatusCondition(number.Status.Conditions, kind); found != nil {
		return *found
	}
	return metav1.Condition{Type: kind, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending}
}
