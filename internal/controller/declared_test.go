// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// TestADeclaredNumberThatDrifts follows one from its drift to the correction, first at Sinch and then of what is declared.
func TestADeclaredNumberThatDrifts(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	number := w.create("declared", "+12025550120", provisioned,
		sinchtest.Number(sinchtest.SMS("sp-1", "C1"), sinchtest.SMSJob("WAITING", "sp-2", "")),
		sinchtest.Number(sinchtest.SMS("sp-2", "C1")))
	w.edit(number, func(number *v1alpha1.ActiveNumber) {
		number.Spec.Expected = &v1alpha1.Expected{SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: new("sp-2"), CampaignID: new("C1")}}
	})
	w.startOperator()
	w.becomes(number, "AsExpected=False/Drifted", "Ready=False/Drifted", "Stalled=True/Drifted")
	want := []v1alpha1.Difference{{Field: "smsConfiguration.servicePlanId", Expected: "sp-2", Observed: "sp-1"}}
	if got := w.get(number).Status.Drift; !slices.Equal(got, want) {
		t.Errorf("status.drift is %v, want %v", got, want)
	}
	w.ask(number)
	w.becomes(number, "AsExpected=Unknown/Moving", "Ready=Unknown/Provisioning", "Reconciling=True/Provisioning")
	w.ask(number)
	w.becomes(number, "AsExpected=True/Matches", "Ready=True/Ready")

	w.edit(number, func(number *v1alpha1.ActiveNumber) { number.Spec.Expected.SMSConfiguration.CampaignID = new("") })
	w.becomes(number, "AsExpected=False/Drifted", "Ready=False/Drifted")
	w.says(number, "AsExpected", `smsConfiguration.campaignId is "C1", declared unset`)
	w.edit(number, func(number *v1alpha1.ActiveNumber) { number.Spec.Expected.SMSConfiguration.CampaignID = nil })
	w.becomes(number, "AsExpected=True/Matches", "Ready=True/Ready")
	if got := w.get(number).Status; len(got.Drift) > 0 || got.ObservedGeneration != number.Generation {
		t.Errorf("drift is %v, and observed is generation %d of %d", got.Drift, got.ObservedGeneration, number.Generation)
	}
	w.announced(number, "Normal Moving AsExpected")
	for want, times := range map[string]int{"Warning Drifted AsExpected": 2, "Normal Matches AsExpected": 2, "Warning Drifted Ready": 0} {
		w.await(fmt.Sprint(times, " events ", want), func() bool { return w.told(number, want) == times })
	}
}

// told counts the events of a number, each such as "Warning Failed SMSProvisioned".
func (w *world) told(number *v1alpha1.ActiveNumber, event string) (times int) {
	w.Helper()
	for _, e := range w.events() {
		if e.Regarding.UID == number.UID && strings.Join([]string{e.Type, e.Reason, e.Action}, " ") == event {
			times++
		}
	}
	return times
}

// TestK05AForeignWriterIsNeverOverwritten has somebody else write a condition of their own right before every other patch
// of the operator, which the API server then refuses.
func TestK05AForeignWriterIsNeverOverwritten(t *testing.T) {
	w := newWorld(t)
	w.createSecret(keySecret)
	number := w.create("contested", "+12025550121", provisioned)
	contested := number.DeepCopy()
	var patches, written atomic.Int64
	w.config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			if request.Method == http.MethodPatch && strings.HasSuffix(request.URL.Path, "/contested/status") {
				if patches.Add(1)%2 == 1 {
					w.writeForeign(contested.DeepCopy(), fmt.Sprintf("Edit%d", written.Add(1)))
				}
			}
			return next.RoundTrip(request)
		})
	})
	w.startOperator()
	w.becomes(number, "Synced=True/Observed", "Ready=True/Ready")
	for _, plan := range []string{"sp-2", "sp-3", "sp-4"} {
		w.sinch.Script(project, number.Spec.PhoneNumber, sinchtest.Number(sinchtest.SMS(plan, "")))
		w.ask(number)
		w.await("the service plan "+plan, func() bool { return w.get(number).Status.Observed.SMSConfiguration.ServicePlanID == plan })
	}
	foreign := meta.FindStatusCondition(w.get(number).Status.Conditions, "Foreign")
	if want := fmt.Sprintf("Edit%d", written.Load()); foreign == nil || foreign.Reason != want {
		t.Errorf("the foreign condition is %v, want the reason %s", foreign, want)
	}
	if written.Load() < 4 || patches.Load() != 2*written.Load() || w.looks(number) != 4 {
		t.Errorf("%d foreign writes, %d patches, %d looks: want at least 4, twice as many, and 4", written.Load(), patches.Load(), w.looks(number))
	}
	if log := w.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log speaks of errors:\n%s", log)
	}
}

func (w *world) writeForeign(number *v1alpha1.ActiveNumber, reason string) {
	w.Helper()
	theirs := w.get(number)
	meta.SetStatusCondition(&theirs.Status.Conditions, metav1.Condition{Type: "Foreign", Status: metav1.ConditionTrue, Reason: reason})
	if err := w.client.Status().Update(w.Context(), theirs); err != nil {
		w.Error(err)
	}
}
