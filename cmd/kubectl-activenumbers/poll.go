// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// noticeEvery is how often a person at a terminal is told for whom poll waits.
const noticeEvery = 5 * time.Second

// poll is one run of the subcommand.
type poll struct {
	selection
	all     bool
	timeout time.Duration
	notice  time.Duration // 0: nobody is there to be told
	streams genericiooptions.IOStreams
}

func newPoll(cluster *cluster, streams genericiooptions.IOStreams) *cobra.Command {
	p := &poll{streams: streams}
	if printers.IsTerminal(streams.ErrOut) {
		p.notice = noticeEvery
	}
	command := &cobra.Command{
		Use:   "poll (NAME ... | --all [-A] [-l SELECTOR])",
		Short: "Have numbers looked at now, and tell what was seen",
		Long: `Have numbers looked at now, wait for the answers, and print each as it comes.

The operator is asked by the annotation ` + v1alpha1.PollRequestedAtAnnotation + `, whose value it repeats in
status.lastHandledPollRequest once it has looked. Suspended numbers are not looked at: they are named, and count as not
answered.

A Secret that was corrected is read again within half a minute, and a key that Sinch refused is tried again within a minute.
Until then the answer is what was found before.

With each access key the operator asks Sinch only so many times a second (its flag --budget-rate, 10 by default): give
many numbers a longer --timeout.

The exit code is 0 if every number has answered, whatever the answer, else 2.`,
		Example: `  kubectl activenumbers poll support-us -n telephony
  kubectl activenumbers poll --all -l team=support --timeout 5m`,
		ValidArgsFunction: suggest(cluster.names),
		RunE: func(command *cobra.Command, names []string) error {
			if err := p.check(names); err != nil {
				return err
			}
			connected, namespace, err := cluster.connect()
			if err != nil {
				return err
			}
			return p.run(command.Context(), connected, namespace, names)
		},
	}
	p.addFlags(command)
	command.Flags().BoolVar(&p.all, "all", false, "every number of the namespace, instead of those that are named")
	command.Flags().DurationVar(&p.timeout, "timeout", time.Minute, "how long to wait for the answers, such as 30s or 5m")
	return command
}

// check refuses what cannot be meant.
func (p *poll) check(names []string) error {
	switch {
	case p.all && len(names) > 0:
		return errors.New("give either the names of numbers or --all, not both")
	case !p.all && len(names) == 0:
		return errors.New("give the names of the numbers to look at, or --all")
	case !p.all && p.everywhere:
		return errors.New("-A goes with --all only: for numbers by name, give their namespace with -n")
	case !p.all && p.selector != "":
		return errors.New("-l goes with --all only")
	case p.timeout <= 0:
		return fmt.Errorf("--timeout %s: must be more than 0, such as 1m", p.timeout)
	}
	_, err := p.labels()
	return err
}

func (p *poll) run(ctx context.Context, connected client.WithWatch, namespace string, names []string) error {
	numbers, err := p.choose(ctx, connected, namespace, names)
	if err != nil {
		return err
	}
	w := newWait(connected, p.watched(namespace, numbers), newTeller(p.streams, numbers, p.everywhere))
	value := newRequestValue(time.Now())
	for i := range numbers {
		if err := w.ask(ctx, &numbers[i], value); err != nil {
			return err
		}
	}
	waiting, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	if err := errors.Join(w.await(waiting, p.notice), ctx.Err()); err != nil {
		return err
	}
	if silent := w.giveUp(p.timeout); silent > 0 {
		return fmt.Errorf("not looked at: %d of %s", silent, counted(len(numbers), "number"))
	}
	return nil
}

// choose returns the numbers to look at. One that does not exist is an error before any is asked for.
func (p *poll) choose(ctx context.Context, reader client.Reader, namespace string, names []string) ([]v1alpha1.ActiveNumber, error) {
	if p.all {
		numbers, err := p.find(ctx, reader, namespace)
		if err == nil && len(numbers) == 0 {
			err = errors.New(p.none(namespace))
		}
		return numbers, err
	}
	var numbers []v1alpha1.ActiveNumber
	var missing []string
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		var number v1alpha1.ActiveNumber
		err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &number)
		switch {
		case apierrors.IsNotFound(err):
			missing = append(missing, name)
		case err != nil:
			return nil, explained(err, fmt.Sprintf("get ActiveNumber %s/%s", namespace, name))
		default:
			numbers = append(numbers, number)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("there is no number %s in namespace %s", strings.Join(missing, ", "), namespace)
	}
	return numbers, nil
}

// watched is where to look for the answers. Labels are left aside: they may change meanwhile.
func (p *poll) watched(namespace string, numbers []v1alpha1.ActiveNumber) []client.ListOption {
	where := []client.ListOption{p.in(namespace)}
	if !p.all && len(numbers) == 1 {
		where = append(where, client.MatchingFields{"metadata.name": numbers[0].Name})
	}
	return where
}

// counted is such as "1 number" or "2 numbers".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
