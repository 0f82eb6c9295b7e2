// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// overdue tells how late the operator is.
func (r *Reconciler) overdue() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "activenumber_poll_overdue_seconds",
		Help: "How long the most overdue look at a number has been due. Much of it means that the budget of a credential, or the number of workers, is too small.",
	}, func() float64 { return r.recall.overdue(r.Now()).Seconds() })
}

// budgets tells what the credentials of each namespace may ask of Sinch now. Of several the one that may least is told:
// a label for each would have to tell one key from another.
type budgets struct{ sessions *sessions }

var (
	budgetRate = prometheus.NewDesc("activenumber_budget_rate",
		"Looks per second that Sinch is asked for now with one credential of the namespace, the least if it has several. Less than --budget-rate after a 429.",
		[]string{"namespace"}, nil)
	budgetPaused = prometheus.NewDesc("activenumber_budget_paused",
		"1 while a credential of the namespace pauses, since Sinch asked for that or is down.",
		[]string{"namespace"}, nil)
)

// Describe is for the registry.
func (b budgets) Describe(to chan<- *prometheus.Desc) {
	to <- budgetRate
	to <- budgetPaused
}

// Collect is for the registry.
func (b budgets) Collect(to chan<- prometheus.Metric) {
	for namespace, is := range b.sessions.budgets(b.sessions.now()) {
		to <- prometheus.MustNewConstMetric(budgetRate, prometheus.GaugeValue, is.rate, namespace)
		to <- prometheus.MustNewConstMetric(budgetPaused, prometheus.GaugeValue, truth(is.paused), namespace)
	}
}

// allowance is what a namespace's credentials may ask for.
type allowance struct {
	rate   float64 // looks per second, of the credential that may least
	paused bool    // whether any pauses
}

func (s *sessions) budgets(now time.Time) map[string]allowance {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]allowance{}
	for of, account := range s.accounts {
		account.mu.Lock()
		is := allowance{account.budget.rate, account.budget.until.After(now)}
		account.mu.Unlock()
		if other, several := found[of.namespace]; several {
			is = allowance{min(is.rate, other.rate), is.paused || other.paused}
		}
		found[of.namespace] = is
	}
	return found
}
