// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// completionTimeout is how long a person waits who presses Tab.
const completionTimeout = 3 * time.Second

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

// find returns the numbers that are meant, by namespace and name.
func (s selection) find(ctx context.Context, reader client.Reader, namespace string) ([]v1alpha1.ActiveNumber, error) {
	selector, err := s.labels()
	if err != nil {
		return nil, err
	}
	var list v1alpha1.ActiveNumberList
	if err := reader.List(ctx, &list, s.in(namespace), client.MatchingLabelsSelector{Selector: selector}); err != nil {
		return nil, fmt.Errorf("list the numbers of %s: %w", s.place(namespace), explained(err))
	}
	slices.SortFunc(list.Items, byName)
	return list.Items, nil
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

// explained says what to do about a cluster without the CRD.
func explained(err error) error {
	if meta.IsNoMatchError(err) {
		return errors.New("the cluster does not know the kind ActiveNumber: install its CustomResourceDefinition first, such as by kubectl apply -k config/crd")
	}
	return err
}

// condition is what stands in the status, Unknown and Pending if nothing does.
func condition(number *v1alpha1.ActiveNumber, kind string) metav1.Condition {
	if found := meta.FindStatusCondition(number.Status.Conditions, kind); found != nil {
		return *found
	}
	return metav1.Condition{Type: kind, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending}
}

// completeNames offers the numbers of the chosen namespace that are not named yet.
func completeNames(cluster *cluster) cobra.CompletionFunc {
	return func(command *cobra.Command, named []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(command.Context(), completionTimeout)
		defer cancel()
		connected, namespace, err := cluster.connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		numbers, err := selection{}.find(ctx, connected, namespace)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []cobra.Completion
		for _, number := range numbers {
			if !slices.Contains(named, number.Name) {
				names = append(names, cobra.CompletionWithDesc(number.Name, number.Spec.PhoneNumber))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
