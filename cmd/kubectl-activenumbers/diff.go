// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"
)

// differ compares what is declared with what Sinch has.
type differ struct {
	access
	files      []string
	recursive  bool
	everywhere bool
	output     string
}

func newDiff(cluster *cluster, streams genericiooptions.IOStreams) *cobra.Command {
	d := &differ{access: access{cluster: cluster, streams: streams}}
	command := &cobra.Command{
		Use:   "diff --project ID",
		Short: "Tell how the phone numbers that are declared differ from those that Sinch has",
		Long: `Tell how the phone numbers of a project that are declared, in the cluster or in files, differ from those that Sinch has:

  missing      declared, but Sinch has no such number
  undeclared   Sinch has it, and it costs money, but it is not declared in the chosen namespace (with -A: in
               any), or in the files
  drifted      a field is not as spec.expected declares

The exit code is 0 if there are no differences, 1 if there are some, and 2 if that could not be found out. Of a callback URL
its user info, query and fragment are not shown, which may be secret.`,
		Example: `  # The cluster against Sinch, with the key in a Secret
  kubectl activenumbers diff --project 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a -n telephony --secret sinch-credentials

  # A folder of manifests against Sinch, with the key in the environment variables SINCH_KEY_ID and SINCH_KEY_SECRET
  kubectl kustomize numbers | kubectl activenumbers diff --project 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a -f -`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return d.run(command.Context()) },
	}
	d.bind(command)
	flags := command.Flags()
	flags.StringSliceVarP(&d.files, "filename", "f", nil, "`file` or folder with the declared numbers, or - for standard input (default: those in the cluster)")
	flags.BoolVarP(&d.recursive, "recursive", "R", false, "read the folders in the folders of -f as well")
	flags.BoolVarP(&d.everywhere, "all-namespaces", "A", false, "compare the numbers in all namespaces, not those in the chosen one")
	flags.StringVarP(&d.output, "output", "o", "", "json or yaml, for scripts (default: tables)")
	_ = command.MarkFlagFilename("filename", "yaml", "yml", "json") // the flag exists
	complete(command, "output", choices(asJSON, asYAML))
	return command
}

func (d *differ) run(ctx context.Context) error {
	if err := d.check(); err != nil {
		return err
	}
	declared, err := d.declared(ctx)
	if err != nil {
		return err
	}
	seen, err := d.numbers(ctx)
	if err != nil {
		return err
	}
	found := compare(d.project, declared, seen)
	text, err := found.as(d.output)
	if err != nil {
		return err
	}
	if _, err := d.streams.Out.Write(text); err != nil {
		return fmt.Errorf("write the differences: %w", err)
	}
	if found.differences() > 0 {
		return errDifferent
	}
	return nil
}

func (d *differ) check() error {
	switch {
	case d.output != "" && d.output != "json" && d.output != "yaml":
		return fmt.Errorf("--output %q: must be json or yaml", d.output)
	case d.everywhere && len(d.files) > 0:
		return errors.New("--all-namespaces is about the cluster, --filename about files: give one of them")
	case d.recursive && len(d.files) == 0:
		return errors.New("--recursive goes with --filename")
	}
	return d.access.check()
}

func (d *differ) declared(ctx context.Context) (declarations, error) {
	if len(d.files) == 0 {
		return d.cluster.declared(ctx, d.project, selection{everywhere: d.everywhere})
	}
	files, err := newFiles(d.recursive, d.streams.In)
	if err != nil {
		return declarations{}, err
	}
	for _, name := range d.files {
		if err := files.read(name); err != nil {
			return declarations{}, err
		}
	}
	return declarations{scope: "these files", all: files.found}, nil
}

// as is the report in the form that --output names.
func (r *report) as(form string) ([]byte, error) {
	switch form {
	case "json":
		text, err := json.MarshalIndent(r, "", "  ")
		return append(text, '\n'), err
	case "yaml":
		return yaml.Marshal(r)
	}
	var text bytes.Buffer
	err := r.table(&text)
	return text.Bytes(), err
}
