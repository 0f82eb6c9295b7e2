// SPDX-License-Identifier: Apache-2.0

// The activenumber-operator mirrors phone numbers that are rented from Sinch into Kubernetes. See the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/controller"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// version is set when the program is built for a release.
var version = "dev"

// A leader that dies is followed within leaseDuration, one that ends in order at once.
const (
	leaseDuration = 12 * time.Second
	renewDeadline = 8 * time.Second
	retryPeriod   = time.Second
	shutdownGrace = 4 * time.Second
)

func main() {
	err := run(ctrl.SetupSignalHandler(), os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "activenumber-operator: %v\n", err)
		os.Exit(1)
	}
}

// run mirrors numbers until the context ends.
func run(ctx context.Context, arguments []string) error {
	s, err := parse(arguments, os.Stderr)
	if err != nil {
		return err
	}
	if s.version {
		fmt.Println(version)
		return nil
	}
	log := lazy(zap.New(zap.UseFlagOptions(&s.log)))
	ctrl.SetLogger(log)
	klog.SetLogger(log)

	numbers, err := newSinchClient(s)
	if err != nil {
		return err
	}
	tell := &controller.Exposition{PerNumber: s.metricsPerNumber}
	manager, err := newManager(s, tell)
	if err != nil {
		return err
	}
	if err := controller.Setup(manager, controller.Options{
		Sinch:     numbers,
		Workers:   s.workers,
		Heartbeat: s.heartbeat,
		Rate:      s.budgetRate,
		Burst:     s.budgetBurst,
		Tell:      tell,
	}); err != nil {
		return fmt.Errorf("set up the controller: %w", err)
	}
	log.Info("starting", "version", version, "sinch-api-url", s.apiURL, "workers", s.workers,
		"watch-namespaces", s.scope.namespaces, "selector", s.scope.selector.String(), "leader-election-id", s.leaderElectionID)
	return explainStart(manager, s.scope, manager.Start(ctx))
}

func newSinchClient(s settings) (*sinch.Client, error) {
	transport, err := sinch.NewTransport(s.caFile)
	if err != nil {
		return nil, fmt.Errorf("--sinch-ca-file: %w", err)
	}
	traffic, err := controller.NewTraffic()
	if err != nil {
		return nil, err
	}
	return sinch.New(sinch.Config{
		APIURL:    s.apiURL,
		TokenURL:  s.tokenURL,
		Transport: transport,
		UserAgent: "activenumber-operator/" + version,
		Observe:   traffic.Observe,
	})
}

func newManager(s settings, tell *controller.Exposition) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), eventsv1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster (--kubeconfig, KUBECONFIG, or in the cluster itself): %w", err)
	}
	config.UserAgent = "activenumber-operator/" + version
	serving := metricsserver.Options{BindAddress: s.metricsAddress, SecureServing: s.metricsSecure, FilterProvider: filters(s.metricsSecure, tell)}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cacheOptions(s.scope),
		Metrics:                       serving,
		HealthProbeBindAddress:        s.probeAddress,
		LeaderElection:                s.leaderElect,
		LeaderElectionID:              s.leaderElectionID,
		LeaderElectionNamespace:       s.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 new(leaseDuration),
		RenewDeadline:                 new(renewDeadline),
		RetryPeriod:                   new(retryPeriod),
		GracefulShutdownTimeout:       new(shutdownGrace),
	})
	switch {
	case err != nil && s.leaderElect && s.leaderElectionNamespace == "":
		return nil, fmt.Errorf("set up the manager (outside a cluster --leader-elect needs --leader-election-namespace): %w", err)
	case err != nil:
		return nil, fmt.Errorf("set up the manager: %w", err)
	}
	return manager, errors.Join(
		manager.AddHealthzCheck("ping", healthz.Ping),
		manager.AddReadyzCheck("cache", cacheSynced(manager.GetCache())),
	)
}
