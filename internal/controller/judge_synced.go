// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// A transient failure counts once it has happened so often in a row, or a pause has prevented looks, over so long.
const (
	persistentFailures = 3
	persistentFor      = time.Minute
)

// judgeSynced says whether the operator can see. What needs a person shows at once; what is transient shows at once
// where nothing was seen before, else when it persists, and then stays the reason until Sinch answers again.
func judgeSynced(number *v1alpha1.ActiveNumber, memory recall, seen observation, fresh bool) verdict {
	was := current(number, v1alpha1.ConditionSynced)
	if was.reason == v1alpha1.ReasonSuspended {
		was = unknown(v1alpha1.ReasonPending, "Sinch has not answered yet")
	}
	mayMend := transient(seen.reason)
	switch {
	case number.Spec.Suspend:
		return unknown(v1alpha1.ReasonSuspended, "spec.suspend is true: Sinch is not asked until it is false")
	case fresh:
		return yes(v1alpha1.ReasonObserved, "Sinch answered the last look")
	case seen.reason == "" || mayMend && transient(was.reason):
		return was
	case !mayMend:
		return no(seen.reason, seen.message)
	case memory.persists(seen) || !everSeen(number) || was.reason == v1alpha1.ReasonPending:
		return unknown(seen.reason, seen.message)
	}
	return was
}

// persists says that looks have failed, or been prevented, for long enough.
func (m recall) persists(seen observation) bool {
	return (m.transient >= persistentFailures || seen.held()) && seen.at.Sub(m.since) >= persistentFor
}

// transient says that a reason of Synced is one that time may mend.
func transient(reason string) bool {
	switch reason {
	case v1alpha1.ReasonRateLimited, v1alpha1.ReasonProviderUnavailable, v1alpha1.ReasonMalformedResponse:
		return true
	}
	return false
}
