// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// newCommand is the whole command line.
func newCommand(streams genericiooptions.IOStreams) *cobra.Command {
	command := &cobra.Command{
		Use:   "kubectl-activenumbers",
		Short: "Compare the phone numbers that are declared with those that Sinch has",
		Long: `Compare the phone numbers that are declared in Kubernetes, or in Git, with those that Sinch has.

Nothing is ever changed at Sinch.`,
		Version:           version,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl activenumbers"},
		SilenceErrors:     true, // run prints them
		SilenceUsage:      true,
		Args:              cobra.NoArgs,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	command.SetIn(streams.In)
	command.SetOut(streams.Out)
	command.SetErr(streams.ErrOut)
	cluster := &cluster{flags: genericclioptions.NewConfigFlags(true)}
	cluster.flags.AddFlags(command.PersistentFlags())
	command.AddCommand(newImport(cluster, streams))
	command.AddCommand(newDiff(cluster, streams))
	command.AddCommand(newPoll(cluster, streams))
	command.AddCommand(newSummary(cluster, streams))
	return command
}
