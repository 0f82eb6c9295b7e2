// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// settings are what the flags say.
type settings struct {
	apiURL, tokenURL, caFile                  string
	workers, budgetBurst                      int
	budgetRate                                float64
	heartbeat                                 time.Duration
	metricsAddress, probeAddress              string
	metricsSecure, metricsPerNumber           bool
	leaderElect                               bool
	scope                                     scope
	leaderElectionID, leaderElectionNamespace string
	version                                   bool
	log                                       zap.Options
}

// parse reads the flags. Help goes to the given writer; any other trouble is one line in the error.
func parse(arguments []string, help io.Writer) (settings, error) {
	s := settings{log: zap.Options{StacktraceLevel: zapcore.PanicLevel}}
	var namespaces, selector string
	flags := flag.NewFlagSet("activenumber-operator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.apiURL, "sinch-api-url", "https://numbers.api.sinch.com", "where the Sinch Numbers API is; https, or http on a loopback address")
	flags.StringVar(&s.tokenURL, "sinch-token-url", "https://auth.sinch.com/oauth2/token", "where Sinch gives OAuth 2.0 tokens; https, or http on a loopback address")
	flags.StringVar(&s.caFile, "sinch-ca-file", "", "PEM file of certificates to trust for Sinch besides the system's, such as a proxy's; read again when it changes")
	flags.IntVar(&s.workers, "workers", 32, "how many numbers are looked at at the same time, 1 to 1000")
	flags.Float64Var(&s.budgetRate, "budget-rate", 10, "how many numbers a second are looked at with one credential, 0.1 to 10000")
	flags.IntVar(&s.budgetBurst, "budget-burst", 30, "how many numbers are looked at at once with one credential that has rested, 2 to 10000")
	flags.DurationVar(&s.heartbeat, "heartbeat", time.Hour, "how often status.lastSyncTime is written while nothing else changes, at least 1m; never more often than a number's interval")
	flags.StringVar(&s.metricsAddress, "metrics-bind-address", ":8443", "where metrics are served; 0 for nowhere")
	flags.BoolVar(&s.metricsSecure, "metrics-secure", true, "serve metrics over TLS, to whoever may get the URL /metrics")
	flags.BoolVar(&s.metricsPerNumber, "metrics-per-number", true, "serve metrics of each number; without them the numbers are only counted by state")
	flags.StringVar(&s.probeAddress, "health-probe-bind-address", ":8081", "where /healthz and /readyz are served; 0 for nowhere")
	flags.StringVar(&namespaces, "watch-namespaces", "", "names of the namespaces whose numbers are mirrored, separated by commas, such as team-a,team-b (default: all)")
	flags.StringVar(&selector, "selector", "", "label selector of the numbers that are mirrored, as kubectl get -l takes it, such as shard=a (default: all)")
	flags.BoolVar(&s.leaderElect, "leader-elect", false, "let one of several replicas work, the others stand by")
	flags.StringVar(&s.leaderElectionID, "leader-election-id", "", "name of the Lease that the replicas share (default: "+defaultLease+", with a suffix that stands for --watch-namespaces and --selector if they are set)")
	flags.StringVar(&s.leaderElectionNamespace, "leader-election-namespace", "", "namespace of that Lease; needed outside a cluster only (default: the operator's own)")
	flags.BoolVar(&s.version, "version", false, "print the version, and end")
	s.log.BindFlags(flags)
	config.RegisterFlags(flags)

	err := flags.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(help, "activenumber-operator mirrors phone numbers that are rented from Sinch into Kubernetes.")
		flags.SetOutput(help)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w (--help lists the flags)", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q: everything is set by flags (--help lists them)", strings.Join(flags.Args(), " "))
	}
	if s.scope, err = newScope(namespaces, selector); err != nil {
		return s, err
	}
	s.leaderElectionID = cmp.Or(s.leaderElectionID, s.scope.lease())
	return s, s.check()
}

func (s settings) check() error {
	switch {
	case s.workers < 1 || s.workers > 1000:
		return fmt.Errorf("--workers %d: must be 1 to 1000", s.workers)
	case !(s.budgetRate >= 0.1 && s.budgetRate <= 10000): // NaN is neither
		return fmt.Errorf("--budget-rate %g: must be 0.1 to 10000 numbers a second", s.budgetRate)
	case s.budgetBurst < 2 || s.budgetBurst > 10000:
		return fmt.Errorf("--budget-burst %d: must be 2 to 10000", s.budgetBurst)
	case s.heartbeat < time.Minute:
		return fmt.Errorf("--heartbeat %s: must be at least 1m", s.heartbeat)
	case len(validation.IsDNS1123Subdomain(s.leaderElectionID)) > 0:
		return fmt.Errorf("--leader-election-id %q: must be a name that a Lease may have: lower-case letters, digits, dashes and dots, such as %s", s.leaderElectionID, defaultLease)
	}
	return errors.Join(checkAddress("metrics-bind-address", s.metricsAddress), checkAddress("health-probe-bind-address", s.probeAddress))
}

func checkAddress(name, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil && address != "0" {
		return fmt.Errorf("--%s %s: must be an address such as :8443 or 127.0.0.1:8443, or 0 for none", name, address)
	}
	return nil
}
