// SPDX-License-Identifier: Apache-2.0

// Package alerts tries the alerts, the dashboard and the metrics for real: `make test-alerts` runs a real Prometheus and
// a real Alertmanager against the real operator, on a real API server and a scripted Sinch. They are tests with the
// build tag live, since they need those two programs (ensure.sh). `make picture`, with the build tag picture as well, draws
// what the dashboard's queries find in a livelier fleet.
package alerts
