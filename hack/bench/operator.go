// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// workers is how many numbers the operator looks at at the same time: its default.
const workers = 32

// operator is the operator's process.
type operator struct {
	*process
	began   time.Time
	log     string
	metrics string // URL
	scraper *http.Client
}

// buildOperator builds the operator as a release is built, and returns its path.
func buildOperator(ctx context.Context) (string, error) {
	program, err := filepath.Abs(filepath.Join(folder, "operator"))
	if err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./cmd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the operator: %w\n%s", err, out)
	}
	return program, nil
}

// startOperator starts the operator as a deployment does, with the rights of its ServiceAccount; but without leader
// election, whose requests would be counted, and with metrics that anybody on this machine may read.
func startOperator(program, kubeconfig string, at Place, may budget) (*operator, error) {
	address, err := kubetest.FreeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(program + ".log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	command := exec.Command(program,
		"--kubeconfig="+kubeconfig,
		"--sinch-api-url="+at.API,
		"--sinch-token-url="+at.Token,
		fmt.Sprintf("--budget-rate=%g", may.Rate),
		fmt.Sprintf("--budget-burst=%d", may.Burst),
		fmt.Sprintf("--workers=%d", workers),
		"--metrics-secure=false",
		"--metrics-bind-address="+address,
		"--health-probe-bind-address=0")
	command.Stdout, command.Stderr = log, log
	began := time.Now()
	process, err := launch(command)
	if err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	return &operator{
		process: process,
		began:   began,
		log:     log.Name(),
		metrics: "http://" + address + "/metrics",
		// No connection stays open, which would be counted.
		scraper: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second},
	}, nil
}

func (o *operator) sample(ctx context.Context) (sample, error) {
	return scrape(ctx, o.scraper, o.metrics)
}

// stop ends the operator as Kubernetes would.
func (o *operator) stop() error {
	if o == nil {
		return nil
	}
	if err := o.end(func() error { return o.command.Process.Signal(syscall.SIGTERM) }); err != nil {
		return o.explain(err)
	}
	return nil
}

// explain adds what the operator said last to how it ended.
func (o *operator) explain(err error) error {
	text, _ := os.ReadFile(o.log)
	lines := strings.SplitAfter(string(text), "\n")
	return fmt.Errorf("the operator ended: %w; the end of %s says:\n%s", err, o.log, strings.Join(lines[max(0, len(lines)-20):], ""))
}
