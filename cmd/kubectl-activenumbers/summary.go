// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"
)

// The forms of a summary.
const (
	asTable = "table"
	asJSON  = "json"
	asYAML  = "yaml"
)

var forms = []string{asTable, asJSON, asYAML}

const summaryHelp = `Count the numbers of a namespace, or of the cluster: in which state they are, what they cost in a month, what will be
charged and what will expire next, and what needs a person.

All of it is what the operator saw last. Numbers whose Ready says Stale have not been seen for a while.

With -o json and -o yaml the fields are these, and stay so:

  declarations      how many ActiveNumbers there are
  numbers           how many different numbers (project id and phone number) they declare
  doubles           declarations of a number that another one declares already
  ready             declarations by the reason of Ready, such as {"Ready": 7, "Stale": 1}
  synced            declarations by the reason of Synced; as Suspended, if spec.suspend is true
  gone              numbers that are rented no longer: not found, or expired. What follows is about the others
  types             numbers by type, such as {"LOCAL": 6}
  typeUnknown       numbers without a type, never seen
  monthlyCost       the price for a month by currency, such as {"USD": "12.50"}, rounded to four decimals
  priceUnknown      numbers that this leaves out: without a price, a currency or a payment interval
  nextCharges       the next charge of each number: day, numbers, amounts (by currency), sorted by day
  chargeDayUnknown  numbers whose next charge is on a day that is not known, or has passed since they were seen
  expiring          numbers that were released: namespace, name, phoneNumber, day, sorted by day
  problems          conditions that are False: namespace, name, phoneNumber, condition, reason, message`

func newSummary(cluster *cluster, streams genericiooptions.IOStreams) *cobra.Command {
	var chosen selection
	form := asTable
	command := &cobra.Command{
		Use:   "summary [-A] [-l SELECTOR] [-o " + strings.Join(forms, "|") + "]",
		Short: "Count the numbers: states, monthly cost, next charges, problems",
		Long:  summaryHelp,
		Example: `  kubectl activenumbers summary -A
  kubectl activenumbers summary -n telephony -o json | jq .monthlyCost.USD`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) error {
			if !slices.Contains(forms, form) {
				return fmt.Errorf("--output %q: must be one of %s", form, strings.Join(forms, ", "))
			}
			return summarize(command.Context(), cluster, chosen, form, streams)
		},
	}
	chosen.addFlags(command)
	command.Flags().StringVarP(&form, "output", "o", form, "the form: one of "+strings.Join(forms, ", "))
	complete(command, "output", choices(forms...))
	return command
}

func summarize(ctx context.Context, cluster *cluster, chosen selection, form string, streams genericiooptions.IOStreams) error {
	connected, namespace, err := cluster.connect()
	if err != nil {
		return err
	}
	numbers, err := chosen.find(ctx, connected, namespace)
	if err != nil {
		return err
	}
	s := count(numbers, time.Now())
	if form == asTable && s.Declarations == 0 {
		say(streams.ErrOut, "%s", chosen.none(namespace))
		return nil
	}
	return s.print(streams.Out, form, chosen.everywhere)
}

// print writes a summary in one of its forms. A table of every namespace names them.
func (s *summary) print(out io.Writer, form string, everywhere bool) error {
	var text []byte
	var err error
	switch form {
	case asJSON:
		text, err = json.MarshalIndent(s, "", "    ")
		text = append(text, '\n')
	case asYAML:
		text, err = yaml.Marshal(s)
	default:
		text = []byte(s.table(everywhere))
	}
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
