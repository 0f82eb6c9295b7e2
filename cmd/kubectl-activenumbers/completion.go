// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// completionTime is how long a shell may wait for the cluster.
const completionTime = 3 * time.Second

// complete has the shell suggest values of a flag. Trouble suggests nothing.
func complete(command *cobra.Command, flag string, values func(context.Context) []string) {
	_ = command.RegisterFlagCompletionFunc(flag, suggest(func(ctx context.Context, _ []string) []string { return values(ctx) }))
}

// suggest has the shell suggest values, given those that are on the command line already.
func suggest(values func(ctx context.Context, given []string) []string) cobra.CompletionFunc {
	return func(command *cobra.Command, given []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		return values(ctx, given), cobra.ShellCompDirectiveNoFileComp
	}
}

func choices(values ...string) func(context.Context) []string {
	return func(context.Context) []string { return values }
}

// secrets are the names of the Secrets in the chosen namespace. What they hold is not read.
func (c *cluster) secrets(ctx context.Context) []string {
	reader, namespace, err := c.connect()
	if err != nil {
		return nil
	}
	var found metav1.PartialObjectMetadataList
	found.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("SecretList"))
	if err := reader.List(ctx, &found, client.InNamespace(namespace)); err != nil {
		return nil
	}
	var names []string
	for _, secret := range found.Items {
		names = append(names, secret.Name)
	}
	return names
}

// numbers are those in the chosen namespace; none, if there is trouble.
func (c *cluster) numbers(ctx context.Context) []v1alpha1.ActiveNumber {
	reader, namespace, err := c.connect()
	if err != nil {
		return nil
	}
	found, _ := selection{}.find(ctx, reader, namespace)
	return found
}

// projects are those that numbers in the chosen namespace belong to.
func (c *cluster) projects(ctx context.Context) []string {
	var ids []string
	for _, number := range c.numbers(ctx) {
		ids = append(ids, number.Spec.ProjectID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// names are those of the numbers in the chosen namespace that are not given yet.
func (c *cluster) names(ctx context.Context, given []string) []string {
	var names []string
	for _, number := range c.numbers(ctx) {
		if !slices.Contains(given, number.Name) {
			names = append(names, cobra.CompletionWithDesc(number.Name, number.Spec.PhoneNumber))
		}
	}
	return names
}
