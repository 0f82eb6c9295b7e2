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
		Short: "Declare phone numbers as Sinch has them, compare, look, and sum up",
		Long: `Declare the phone numbers that a Sinch project has, compare what is declared with what is there, have the operator
look now, and sum up.

Nothing is ever changed at Sinch.`,
		Version:           version,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl activenumbers"},
		SilenceErrors:     true, // run prints them
		SilenceUsage:      true,
		Args:              cobra.NoArgs, // what is no subcommand is an error, but only of a command that runs
		RunE:              func(command *cobra.Command, _ []string) error { return command.Help() },
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
