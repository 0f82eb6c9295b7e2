// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

// usualExpectation is what a number is, and what people set at Sinch. What Sinch charges is not theirs to declare.
var usualExpectation = []string{"callbackUrl", "capability", "displayName", "regionCode", "smsConfiguration", "type", "voiceConfiguration"}

// importer writes what Sinch has as manifests.
type importer struct {
	access
	expect []string
	dir    string
}

func newImport(cluster *cluster, streams genericiooptions.IOStreams) *cobra.Command {
	i := &importer{access: access{cluster: cluster, streams: streams}}
	command := &cobra.Command{
		Use:   "import --project ID",
		Short: "Write a manifest for every phone number that Sinch has",
		Long: `Write a manifest for every phone number of a project: to standard output, or as files that kustomize takes.

The manifests declare in spec.expected what Sinch has now: unless --expect says otherwise, all but the price, which Sinch
may change by itself. What is unset is declared as "". A value that cannot be declared is left out, and a comment says why.

Each number's name is a hash of its project id and its digits, so that importing again changes what has changed at Sinch
and nothing else, and that metrics and alerts, which bear the name, tell no phone number. If --secret or --auth-method is
given, the operator is told to use the same. Everything is asked for before anything is written. Neither a cluster nor a
kubeconfig is needed, except for --secret.`,
		Example: `  # The numbers of a project, with the key in the environment variables SINCH_KEY_ID and SINCH_KEY_SECRET
  kubectl activenumbers import --project 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a > numbers.yaml

  # As files, with the key in a Secret, and with nothing declared but what the numbers are connected to
  kubectl activenumbers import --project 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a -n telephony --secret sinch-credentials \
    --expect smsConfiguration,voiceConfiguration --output-dir numbers`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return i.run(command.Context()) },
	}
	i.bind(command)
	command.Flags().StringSliceVar(&i.expect, "expect", usualExpectation, "what to declare: all, none, or `fields` of spec.expected")
	command.Flags().StringVar(&i.dir, "output-dir", "", "`folder` for one file per number and a kustomization.yaml; files in it that are not of an import stay as they are (default: all to standard output)")
	complete(command, "expect", choices(slices.Concat([]string{"all", "none"}, usualExpectation, []string{"money", "paymentIntervalMonths"})...))
	_ = command.MarkFlagDirname("output-dir") // the flag exists
	return command
}

func (i *importer) run(ctx context.Context) error {
	if err := i.check(); err != nil {
		return err
	}
	fields, err := fieldsOf(i.expect)
	if err != nil {
		return err
	}
	folder, err := openFolder(i.dir, i.project)
	if err != nil {
		return err
	}
	numbers, err := i.numbers(ctx)
	if err != nil {
		return err
	}
	manifests, err := i.manifests(numbers, fields)
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		say(i.streams.ErrOut, "project %s has no numbers", i.project)
	}
	if i.dir != "" {
		return folder.write(manifests, i.streams)
	}
	return i.print(manifests)
}

func (i *importer) manifests(numbers []*v1alpha1.Observed, fields []string) ([]manifest, error) {
	var manifests []manifest
	for _, number := range numbers {
		made, err := i.manifest(number, fields)
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, made)
	}
	return manifests, distinctNames(manifests)
}

// print writes one multi-document YAML, at once.
func (i *importer) print(manifests []manifest) error {
	var documents [][]byte
	for _, each := range manifests {
		documents = append(documents, each.text)
	}
	if _, err := i.streams.Out.Write(bytes.Join(documents, []byte("---\n"))); err != nil {
		return fmt.Errorf("write the manifests: %w", err)
	}
	return nil
}

// fieldsOf are the fields that --expect names.
func fieldsOf(expect []string) ([]string, error) {
	switch {
	case slices.Equal(expect, []string{"all"}):
		return mirror.Fields(""), nil
	case slices.Equal(expect, []string{"none"}):
		return nil, nil
	}
	var fields []string
	for _, path := range expect {
		below := mirror.Fields(path)
		if path == "" || len(below) == 0 {
			return nil, badExpectation(expect)
		}
		fields = append(fields, below...)
	}
	if len(fields) == 0 {
		return nil, badExpectation(expect)
	}
	slices.Sort(fields)
	return slices.Compact(fields), nil
}

func badExpectation(expect []string) error {
	return fmt.Errorf("--expect %q: must be all, none, or fields of spec.expected separated by commas: %s, or what some of them begin with, such as money", strings.Join(expect, ","), strings.Join(mirror.Fields(""), ", "))
}
