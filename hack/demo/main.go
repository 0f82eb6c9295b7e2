// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator at work on this machine: a real API server, a scripted Sinch, the sample numbers of
// config/samples, and what kubectl prints of them as it changes. It stays until Ctrl-C, or with -once until every
// sample is as samples.go says.
//
// The operator runs as it would in a cluster: as a process of its own, with no more rights than config/rbac grants.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// patience is how long the samples may take from the start of the operator. The slowest, whose job Sinch works on, needs
// looks at 0, 15 and 30 s.
const patience = 90 * time.Second

func main() {
	once := flag.Bool("once", false, "end as soon as every sample is as it should be; exit 1 with what differs if that takes too long")
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.WriteTo(io.Discard))) // the operator has a log of its own
	// A terminal that closes and a pipe that breaks end the demo as Ctrl-C does, and so the operator.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, *once); err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// run starts what the demo needs from the outside in, and ends it in reverse.
func run(ctx context.Context, once bool) error {
	say("starting etcd and kube-apiserver…")
	plane, err := kubetest.Run()
	if err != nil {
		return err
	}
	server := sinchtest.New()
	playing, end := context.WithCancel(ctx)
	err = play(playing, plane, server, once)
	say("stopping…")
	end() // also what watches the API server, which would wait for it
	server.Close()
	return errors.Join(err, plane.Stop())
}

func play(ctx context.Context, plane *kubetest.ControlPlane, server *sinchtest.Server, once bool) error {
	cluster, operator, err := prepare(ctx, plane, server)
	if err != nil {
		return unlessLeft(ctx, once, err)
	}
	say("the operator runs; its log is %s", operator.log)
	return errors.Join(unlessLeft(ctx, once, show(ctx, cluster, operator, once)), operator.stop())
}

func prepare(ctx context.Context, plane *kubetest.ControlPlane, server *sinchtest.Server) (*cluster, *operator, error) {
	say("building the operator…")
	program, err := buildOperator(ctx, plane.Root)
	if err != nil {
		return nil, nil, err
	}
	say("applying config/default and config/samples…")
	cluster, err := newCluster(ctx, plane)
	if err != nil {
		return nil, nil, err
	}
	if err := cluster.script(ctx, server); err != nil {
		return nil, nil, err
	}
	operator, err := startOperator(ctx, program, cluster, server)
	return cluster, operator, err
}

// unlessLeft replaces the error of a step that Ctrl-C cut short, which is how a demo that stays ends.
func unlessLeft(ctx context.Context, once bool, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case once:
		return errors.New("interrupted")
	}
	return nil
}

// show prints the numbers until they are as they should be, and then stays, or says whether they are.
func show(ctx context.Context, cluster *cluster, operator *operator, once bool) error {
	table := &table{cluster: cluster, began: time.Now()}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := table.watch(soon, operator, true)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && soon.Err() == nil:
		return err
	case once:
		return conclude(ctx, cluster, operator)
	}
	fmt.Print(cluster.suggestions(operator))
	return table.watch(ctx, operator, false)
}

// conclude prints the samples in full, and fails if they are not as they should be.
func conclude(ctx context.Context, cluster *cluster, operator *operator) error {
	for _, arguments := range []string{
		"get activenumbers -A -o wide",
		"describe activenumber -n telephony marketing-us",
		"get activenumber -n telephony sales-us -o jsonpath={.status.conditions[?(@.type==\"AsExpected\")].message}{\"\\n\"}",
	} {
		out, err := cluster.kubectl(ctx, strings.Fields(arguments)...)
		if err != nil {
			return err
		}
		fmt.Printf("\n$ kubectl %s\n%s", arguments, out)
	}
	scraped, err := operator.scrape(ctx, "marketing-us")
	if err != nil {
		return err
	}
	fmt.Printf("\n$ curl -s %s | grep marketing-us\n%s\n", operator.metrics, scraped)
	if !strings.Contains(scraped, `activenumber_provisioning_failed{namespace="telephony",name="marketing-us",channel="sms",error_code="CAMPAIGN_NOT_AVAILABLE"} 1`) {
		return errors.New("the metrics do not tell that provisioning failed")
	}
	wrong, err := cluster.wrong(ctx)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("after %s the samples are not as they should be:\n%s", patience, strings.Join(wrong, "\n"))
	}
	say("every sample is as it should be")
	return nil
}

// say tells how far the demo is.
func say(format string, arguments ...any) {
	fmt.Printf("demo: "+format+"\n", arguments...)
}
