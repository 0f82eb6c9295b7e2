// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// TestBudgetsAreTold has one of two credentials of a namespace slowed down and paused by a 429.
func TestBudgetsAreTold(t *testing.T) {
	now := birth
	s := newSessions(nil, Options{Now: func() time.Time { return now }, Rate: 10, Burst: 30, Workers: 32}, unjittered)
	for holder, limited := range map[holder]bool{{namespace: "a", key: [32]byte{1}}: false, {namespace: "a", key: [32]byte{2}}: true, {namespace: "b"}: false} {
		account := newAccount(s.limits, unjittered)
		s.accounts[holder] = account
		if flight, queued := account.budget.admit("uid", false, now); queued != nil {
			t.Fatal(queued)
		} else if limited {
			account.budget.land(flight, &sinch.Error{Kind: sinch.Limited, After: time.Minute}, now)
		}
	}
	tells := func(rate, paused string) {
		t.Helper()
		want := `
# HELP activenumber_budget_paused 1 while a credential of the namespace pauses, since Sinch asked for that or is down.
# TYPE activenumber_budget_paused gauge
activenumber_budget_paused{namespace="a"} ` + paused + `
activenumber_budget_paused{namespace="b"} 0
# HELP activenumber_budget_rate Looks per second that Sinch is asked for now with one credential of the namespace, the least if it has several. Less than --budget-rate after a 429.
# TYPE activenumber_budget_rate gauge
activenumber_budget_rate{namespace="a"} ` + rate + `
activenumber_budget_rate{namespace="b"} 10
`
		if err := testutil.CollectAndCompare(budgets{s}, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
	}
	for range 20 { // in whatever order the credentials come
		tells("5", "1")
	}
	now = now.Add(time.Hour)
	tells("5", "0")
}

func TestTrafficIsCounted(t *testing.T) {
	traffic := newTraffic()
	traffic.Observe(sinch.AskToken, 0, time.Second)
	traffic.Observe(sinch.AskNumber, sinch.Limited, 30*time.Millisecond)
	traffic.Observe(sinch.AskNumber, sinch.Limited, 30*time.Millisecond)
	for is, want := range map[[2]string]float64{
		{"token", "ok"}: 1, {"number", "limited"}: 2, {"number", "ok"}: 0, {"number", "unavailable"}: 0, {"token", "key_refused"}: 0,
	} {
		if got := testutil.ToFloat64(traffic.requests.WithLabelValues(is[0], is[1])); got != want {
			t.Errorf("%g questions for a %s are %s, want %g", got, is[0], is[1], want)
		}
	}
	if got, want := testutil.CollectAndCount(newTraffic().requests), 2*len(outcomes); got != want {
		t.Errorf("%d series stand at zero from the start, want %d", got, want)
	}
}

func TestEveryOutcomeHasAName(t *testing.T) {
	for kind := sinch.Canceled; kind <= sinch.Malformed; kind++ {
		if outcomes[kind] == "" {
			t.Errorf("%s has none", kind)
		}
	}
}

func TestTheLintOfMetricsIsClean(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	traffic := newTraffic()
	r := &Reconciler{Options: Options{Now: time.Now}, recall: newRecalls(), sessions: newSessions(nil, Options{Now: time.Now, Rate: 10, Burst: 30, Workers: 32}, jitter)}
	r.sessions.accounts[holder{namespace: "a"}] = newAccount(r.sessions.limits, jitter)
	registry.MustRegister(traffic.requests, traffic.duration, r.overdue(), budgets{r.sessions})
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
