// SPDX-License-Identifier: Apache-2.0

package controller

import "github.com/prometheus/client_golang/prometheus"

// collector tells whoever scrapes how late the operator is.
func (r *Reconciler) collector() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "activenumber_poll_overdue_seconds",
		Help: "How long the most overdue look at a number has been due. Much of it means that the budget of a credential, or the number of workers, is too small.",
	}, func() float64 { return r.recall.overdue(r.Now()).Seconds() })
}
