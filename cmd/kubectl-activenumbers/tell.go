// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// mostNames is how many names are told of those that poll waits for.
const mostNames = 5

// teller tells what becomes of the requests: answers on the standard output, a line each under one head, all else on the
// standard error.
type teller struct {
	streams    genericiooptions.IOStreams
	everywhere bool
	widths     []int // of all columns but the last
	begun      bool
	waiting    string // what was told last about whom poll waits for
}

var columns = []string{"NAMESPACE", "NAME", "PHONE NUMBER", "SYNCED", "READY", "REASON", "MESSAGE"}

// newTeller makes room for every number and every reason from the start: a line that is printed does not move any more.
func newTeller(streams genericiooptions.IOStreams, numbers []v1alpha1.ActiveNumber, everywhere bool) *teller {
	t := &teller{streams: streams, everywhere: everywhere}
	for _, column := range columns[:len(columns)-1] {
		t.widths = append(t.widths, len(column))
	}
	widest := []string{"", "", "", v1alpha1.ReasonProviderUnavailable, string(metav1.ConditionUnknown), v1alpha1.ReasonVoiceProvisioningFailed}
	t.widen(widest)
	for _, number := range numbers {
		t.widen([]string{number.Namespace, number.Name, number.Spec.PhoneNumber})
	}
	return t
}

func (t *teller) widen(cells []string) {
	for i, cell := range cells {
		t.widths[i] = max(t.widths[i], len(cell))
	}
}

func (t *teller) row(cells []string) {
	cells = printables(cells)
	last := len(cells) - 1
	var line strings.Builder
	for i, cell := range cells[:last] {
		if i > 0 || t.everywhere {
			fmt.Fprintf(&line, "%-*s   ", t.widths[i], cell)
		}
	}
	line.WriteString(cells[last])
	fmt.Fprintln(t.streams.Out, strings.TrimRight(line.String(), " "))
}

// end tells what became of one request.
func (t *teller) end(number *v1alpha1.ActiveNumber, is outcome) {
	switch is {
	case answered:
		t.answer(number)
	case suspended:
		t.complain("%s is suspended, and not looked at before spec.suspend is false", t.name(number))
	case deleted:
		t.complain("%s was deleted before it was looked at", t.name(number))
	}
}

func (t *teller) answer(number *v1alpha1.ActiveNumber) {
	if !t.begun {
		t.row(columns)
		t.begun = true
	}
	synced, ready := condition(number, v1alpha1.ConditionSynced), condition(number, v1alpha1.ConditionReady)
	t.row([]string{
		number.Namespace, number.Name, number.Spec.PhoneNumber,
		synced.Reason, string(ready.Status), ready.Reason, message(synced, ready),
	})
}

// message is about what is not fine, sight first: without it, the rest is what was seen before.
func message(conditions ...metav1.Condition) string {
	for _, each := range conditions {
		if each.Status != metav1.ConditionTrue {
			return each.Message
		}
	}
	return ""
}

// late tells about a request that was not answered in time.
func (t *teller) late(request *lookRequest, after time.Duration) {
	synced := condition(request.number, v1alpha1.ConditionSynced)
	text := fmt.Sprintf("%s has not answered within %s", t.name(request.number), duration.HumanDuration(after))
	if request.replaced() {
		text += "; somebody has changed the annotation that asks for the look"
	}
	text += "; Synced is " + synced.Reason
	if synced.Message != "" {
		text += ": " + synced.Message
	}
	t.complain("%s", text)
}

func (t *teller) whatToCheck(trouble error) {
	if trouble != nil {
		t.complain("The numbers could not be followed all the time: %v", trouble)
	}
	t.complain("Check that the operator is running, that its --watch-namespaces and --selector cover the numbers, and that it may ask "+
		"Sinch now: where Synced says %s or %s, it pauses", v1alpha1.ReasonRateLimited, v1alpha1.ReasonProviderUnavailable)
}

// waitingFor tells whom poll waits for, unless it is the same as last time.
func (t *teller) waitingFor(keys []client.ObjectKey) {
	var names []string
	for _, key := range keys[:min(len(keys), mostNames)] {
		names = append(names, t.key(key))
	}
	text := strings.Join(names, ", ")
	if more := len(keys) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if text != t.waiting {
		t.complain("Waiting for %s", text)
		t.waiting = text
	}
}

func (t *teller) complain(format string, arguments ...any) {
	say(t.streams.ErrOut, format, arguments...)
}

func (t *teller) name(number *v1alpha1.ActiveNumber) string {
	return t.key(client.ObjectKeyFromObject(number))
}

func (t *teller) key(key client.ObjectKey) string {
	if t.everywhere {
		return key.String()
	}
	return key.Name
}
