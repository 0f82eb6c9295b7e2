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
	_ = command.RegisterFlagCompletionFunc(flag, func(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		return values(ctx), cobra.ShellCompDirectiveNoFileComp
	})
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

// projects are those that numbers in the chosen namespace belong to.
func (c *cluster) projects(ctx context.Context) []string {
	reader, namespace, err := c.connect()
	if err != nil {
		return nil
	}
	var found v1alpha1.ActiveNumberList
	if err := reader.List(ctx, &found, client.InNamespace(namespace)); err != nil {
		return nil
	}
	var ids []string
	for _, number := range found.Items {
		ids = append(ids, number.Spec.ProjectID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
