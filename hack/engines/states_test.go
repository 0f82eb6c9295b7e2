// SPDX-License-Identifier: Apache-2.0

// Package engines_test asks the engines that GitOps tools run what they make of an ActiveNumber: kstatus, Flux' health
// check expressions and Argo CD's Lua. It is a module of its own, so that they never raise a version in the operator's.
package engines_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// page is where people read what the engines say.
const page = "docs/gitops.md"

// state is what some numbers have in common that all engines judge alike. The order is that of the page.
type state struct {
	name                string
	kstatus, flux, argo string // Flux: with the expressions of config/samples/gitops/flux
	numbers             []string
}

// states has every number that numbers returns, once.
var states = []state{
	{"declared, and not looked at yet", "InProgress", "InProgress", "Progressing", []string{born}},
	{"edited, and not looked at since", "InProgress", "InProgress", "Progressing", []string{edited, "edited-in-line"}},
	{"`Ready` is True", "Current", "Current", "Healthy", []string{
		"provisioned-both", "provisioned-sms-voice-unset", "expected-matches", "released", "not-found-once-seen", "new-words-and-malformed-fields",
	}},
	{"`Ready` is True, and Sinch has stopped answering", "Current", "Current", "Healthy", []string{"outage-short", "outage"}},
	{"`Pending`: Sinch has given no answer that can be used yet", "InProgress", "InProgress", "Progressing", []string{
		"provider-unavailable", "rate-limited", "not-found-once", "U08-proxy-not-found", "U15-empty-object",
	}},
	{"`Provisioning`, `Unspecified`", "InProgress", "InProgress", "Progressing", []string{
		"waiting-both", "moving-sms-rtc-to-fax", "in-progress-and-unspecified", "expected-moving", "expected-moving-away", "unspecified",
	}},
	{"`Stale`", "InProgress", "InProgress", "Progressing", []string{"stale"}},
	{"`SMSProvisioningFailed`, `VoiceProvisioningFailed`", "Failed", "Failed", "Degraded", []string{
		"failed-sms", "failed-voice", "failed-voice-sms-unset", "failed-sms-voice-est", "expected-failed-moving",
	}},
	{"`Drifted`", "Failed", "Failed", "Degraded", []string{"expected-drifted", "edited-outage"}},
	{"`NotFound`", "Failed", "Failed", "Degraded", []string{"not-found", "not-found-seen"}},
	{"`CredentialsInvalid`, `AccessDenied`, `RequestRejected`, whatever `Ready` says", "Failed", "Failed", "Degraded", []string{
		"credentials-invalid", "credentials-invalid-seen", "access-denied", "request-rejected",
	}},
	{"suspended while `Ready` was True", "Current", "Current", "Suspended", []string{"suspended"}},
	{"suspended while `Ready` was Unknown", "InProgress", "Current", "Suspended", []string{"suspended-never-seen", "suspended-waiting"}},
	{"suspended while `Ready` was False", "Failed", "Current", "Suspended", []string{"suspended-failed"}},
}

func TestTheEnginesJudgeEveryNumber(t *testing.T) {
	left := numbers(t)
	ask := fluxExpressions(t)
	for _, state := range states {
		for _, name := range state.numbers {
			t.Run(name, func(t *testing.T) {
				number, ok := left[name]
				delete(left, name)
				if !ok {
					t.Fatal("there is no such golden file, or two states have it")
				}
				health := argoHealth(t, number)
				got := []string{kstatus(t, number), ask(t, number), health.status}
				if want := []string{state.kstatus, state.flux, state.argo}; !slices.Equal(got, want) {
					t.Errorf("kstatus, Flux and Argo CD say %s, want %s", got, want)
				}
				if want := messageFor(number, health.status); health.message != want {
					t.Errorf("Argo CD shows %q, want %q", health.message, want)
				}
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("no state has the golden file %s", name)
	}
}

// messageFor is what a person should read beside a word of Argo CD's.
func messageFor(number *unstructured.Unstructured, word string) string {
	observed, _, _ := unstructured.NestedInt64(number.Object, "status", "observedGeneration")
	condition := map[string]string{"Healthy": "Ready", "Degraded": "Stalled", "Suspended": "Synced", "Progressing": "Reconciling"}[word]
	if observed != number.GetGeneration() {
		return "The operator has not looked at this generation yet"
	}
	return message(number, condition)
}

func TestANumberThatIsBeingDeletedIsTerminating(t *testing.T) {
	for name, number := range numbers(t) {
		t.Run(name, func(t *testing.T) {
			number.SetDeletionTimestamp(&metav1.Time{Time: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)})
			if got := kstatus(t, number); got != "Terminating" {
				t.Errorf("kstatus says %s", got)
			}
		})
	}
}

func TestThePageSaysWhatTheEnginesSay(t *testing.T) {
	text := contents(t, "../../"+page)
	table := "| state | kstatus | Flux with the expressions | Argo CD |\n|---|---|---|---|\n"
	for _, state := range states {
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", state.name, state.kstatus, state.flux, state.argo)
	}
	if !strings.Contains(string(text), "\n\n"+table+"\n") {
		t.Errorf("%s should have this table:\n%s", page, table)
	}
}
