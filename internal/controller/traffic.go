// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// Traffic counts what Sinch is asked, at the edge: it is the Observe of a sinch.Config.
type Traffic struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// outcomes are what came of a question, in a label's words.
var outcomes = map[sinch.Kind]string{
	0:                  "ok",
	sinch.Canceled:     "canceled",
	sinch.NotFound:     "not_found",
	sinch.KeyRefused:   "key_refused",
	sinch.Unauthorized: "unauthorized",
	sinch.Denied:       "denied",
	sinch.Rejected:     "rejected",
	sinch.Limited:      "limited",
	sinch.Unavailable:  "unavailable",
	sinch.Malformed:    "malformed",
}

// NewTraffic makes a Traffic and registers it.
func NewTraffic() (*Traffic, error) {
	t := newTraffic()
	return t, registerAll(t.requests, t.duration)
}

// newTraffic makes one whose counters stand at zero, or the first of each would be no increase.
func newTraffic() *Traffic {
	t := &Traffic{
		prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "activenumber_sinch_requests_total",
			Help: "Questions to Sinch by operation (number, token) and by what came of them.",
		}, []string{"operation", "outcome"}),
		prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "activenumber_sinch_request_duration_seconds",
			Help:    "How long Sinch took to answer a question, or the operator to give up.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15},
		}, []string{"operation"}),
	}
	for _, operation := range []sinch.Operation{sinch.AskNumber, sinch.AskToken} {
		for _, outcome := range outcomes {
			t.requests.WithLabelValues(string(operation), outcome)
		}
		t.duration.WithLabelValues(string(operation))
	}
	return t
}

// Observe counts one question.
func (t *Traffic) Observe(operation sinch.Operation, outcome sinch.Kind, took time.Duration) {
	t.requests.WithLabelValues(string(operation), outcomes[outcome]).Inc()
	t.duration.WithLabelValues(string(operation)).Observe(took.Seconds())
}

func registerAll(collectors ...prometheus.Collector) error {
	var failures []error
	for _, collector := range collectors {
		failures = append(failures, metrics.Registry.Register(collector))
	}
	return errors.Join(failures...)
}
