// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// Sinch, or who answers in its place, may say anything, the key included.
const foreign = "foreign-canary " + keySecret + " " + sinchtest.TokenPrefix + "1 \x1b[31m"

// faults are what Sinch, or who answers in its place, can do wrong with one number.
var faults = map[string]sinchtest.Answer{
	"not-found":         sinchtest.Recorded("not-found"),
	"denied":            sinchtest.Raw(http.StatusForbidden, reflected(http.StatusForbidden, "PERMISSION_DENIED")),
	"rejected":          sinchtest.Raw(http.StatusBadRequest, reflected(http.StatusBadRequest, "INVALID_ARGUMENT")),
	"limited":           sinchtest.Raw(http.StatusTooManyRequests, foreign, "Retry-After", "1"),
	"limited-by-a-word": sinchtest.Raw(http.StatusTooManyRequests, foreign, "Retry-After", keySecret),
	"failing":           sinchtest.Raw(http.StatusInternalServerError, reflected(http.StatusInternalServerError, "INTERNAL")),
	"bad-gateway":       sinchtest.HTML(http.StatusBadGateway),
	"redirected":        sinchtest.Redirect(http.StatusFound, "https://"+keySecret+".example/"),
	"reflected":         sinchtest.Raw(http.StatusOK, foreign),
	"proxy":             sinchtest.HTML(http.StatusNotFound),
	"reset":             sinchtest.Reset(),
	"truncated":         sinchtest.Truncated(sinchtest.Raw(http.StatusOK, foreign)),
	"endless":           sinchtest.Endless(),
	"bomb":              sinchtest.GzipBomb(64),
	"slow":              sinchtest.Slow(sinchtest.Raw(http.StatusOK, foreign)),
	"slow-header":       sinchtest.SlowHeader(),
	"another-number":    sinchtest.Number(sinchtest.Set("phoneNumber", foreign)),
	"malformed-fields":  sinchtest.Number(sinchtest.Set("type", foreign), sinchtest.Set("nextChargeDate", foreign), sinchtest.Set("money.amount", foreign), sinchtest.Set("brandNew", foreign)),
	"failed-job":        sinchtest.Number(sinchtest.SMSJob(foreign, "sp-1", "", foreign)),
}

// tokenFaults are what the token endpoint can do wrong.
var tokenFaults = map[string]sinchtest.Answer{
	"token-refused":   sinchtest.Raw(http.StatusUnauthorized, `{"error":"`+keySecret+`","error_description":"`+keySecret+`"}`),
	"token-reflected": sinchtest.Raw(http.StatusOK, foreign),
	"token-failing":   sinchtest.Raw(http.StatusServiceUnavailable, foreign),
}

// TestS05NoCredentialLeaves lets Sinch fail in every way that can be scripted, and searches all that the operator wrote
// for the key, the tokens and the foreign text.
func TestS05NoCredentialLeaves(t *testing.T) {
	w := newWorld(t)
	w.startOperator()
	var numbers []*v1alpha1.ActiveNumber
	for name, answer := range faults {
		number := w.createAlone(name, fmt.Sprintf("+1202555%04d", len(numbers)), answer)
		numbers = append(numbers, number)
	}
	for _, number := range numbers {
		w.await(number.Name+" to be judged", func() bool { return w.get(number).Status.ObservedGeneration == 1 })
	}
	unauthorized := w.createAlone("unauthorized", fmt.Sprintf("+1202555%04d", len(numbers)),
		sinchtest.Raw(http.StatusUnauthorized, foreign, "Www-Authenticate", "Bearer error="+sinchtest.TokenPrefix+"1"))
	numbers = append(numbers, unauthorized)
	w.becomes(unauthorized, "Synced=False/CredentialsInvalid")
	for name, fault := range tokenFaults {
		w.sinch.ScriptTokens(fault, fault)
		number := w.createAlone(name, fmt.Sprintf("+1202555%04d", len(numbers)), provisioned)
		numbers = append(numbers, number)
		w.await(name+" to be judged", func() bool { return w.get(number).Status.ObservedGeneration == 1 })
	}

	kinds := map[string]bool{}
	for _, number := range numbers {
		kinds[current(w.get(number), v1alpha1.ConditionSynced).reason] = true
	}
	for _, reason := range []string{"AccessDenied", "RequestRejected", "CredentialsInvalid", "RateLimited", "ProviderUnavailable", "MalformedResponse", "Observed"} {
		if !kinds[reason] {
			t.Errorf("no fault led to %s, so its texts were not searched", reason)
		}
	}
	secrets := []string{keySecret, sinchtest.TokenPrefix, "foreign-canary", "\x1b[31m"}
	for _, number := range numbers {
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(number.Spec.Auth.SecretRef.Name+":"+keySecret)))
	}
	w.search("the log", w.log.String(), "", secrets)
	w.search("the events", w.asJSON(w.events()), "", secrets)
	w.search("the numbers", w.statuses(), "", secrets)
	w.search("the metrics", gathered(t), "controller_runtime_reconcile_total", secrets)
}

// reflected is Sinch's envelope with foreign text in each place that has room for it.
func reflected(code int, status string) string {
	envelope, _ := json.Marshal(map[string]any{"error": map[string]any{
		"code": code, "status": status, "message": foreign, "details": []any{map[string]any{"type": foreign, "description": foreign}},
	}})
	return string(envelope)
}

// search fails for each secret in the text, and if the text lacks what shows that it is the right one.
func (w *world) search(where, text, proof string, secrets []string) {
	w.Helper()
	if text == "" || !strings.Contains(text, proof) {
		w.Errorf("there is nothing to search in %s", where)
	}
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			w.Errorf("%q is in %s: %.300q", secret, where, text[max(0, at-100):])
		}
	}
}

func (w *world) statuses() string {
	w.Helper()
	var list v1alpha1.ActiveNumberList
	if err := w.client.List(w.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	return w.asJSON(list)
}

func (w *world) asJSON(value any) string {
	w.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

func gathered(t *testing.T) string {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(families)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
