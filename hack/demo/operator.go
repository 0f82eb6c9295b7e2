// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

const (
	grace    = 15 * time.Second // from SIGTERM until the operator must have ended
	lastWord = 20               // lines of the log of an operator that failed
)

// operator is the operator's process.
type operator struct {
	log     string
	metrics string // URL
	process *os.Process
	ended   chan struct{} // closed when it has ended
	failure error         // how; nil if it ended in order
}

// buildOperator builds the operator where git ignores it, and returns its path.
func buildOperator(ctx context.Context, root string) (string, error) {
	program := filepath.Join(root, ".cache", "demo", "operator")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd")
	build.Dir = root
	_, err := output(ctx, build)
	return program, err
}

// startOperator starts the operator as a deployment does, but for where Sinch and the cluster are, and with metrics for
// everybody on this machine. It has the rights of its ServiceAccount.
func startOperator(ctx context.Context, program string, cluster *cluster, server *sinchtest.Server) (*operator, error) {
	kubeconfig, err := cluster.operatorKubeconfig(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(program + ".log")
	if err != nil {
		return nil, err
	}
	metrics, err := kubetest.FreeAddress()
	if err != nil {
		return nil, err
	}
	command := exec.Command(program,
		"--kubeconfig="+kubeconfig,
		"--sinch-api-url="+server.URL(),
		"--sinch-token-url="+server.TokenURL(),
		"--leader-elect",
		"--leader-election-namespace="+operatorNamespace,
		"--metrics-bind-address="+metrics,
		"--metrics-secure=false",
		"--health-probe-bind-address=0",
		"--zap-encoder=console")
	command.Stdout, command.Stderr = log, log
	// In a process group of its own, so that Ctrl-C in the terminal reaches it through stop only.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = command.Start()
	_ = log.Close() // the process has its own
	if err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	o := &operator{log: log.Name(), metrics: "http://" + metrics + "/metrics", process: command.Process, ended: make(chan struct{})}
	go func() {
		o.failure = command.Wait()
		close(o.ended)
	}()
	return o, nil
}

// scrape returns the metrics of a number.
func (o *operator) scrape(ctx context.Context, name string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.metrics, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("scrape the operator: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	var found strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, fmt.Sprintf("name=%q", name)) {
			found.WriteString(line)
		}
	}
	return found.String(), err
}

// stop ends the operator as Kubernetes would, and fails unless it ended in order.
func (o *operator) stop() error {
	if err := o.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-o.ended:
		return o.verdict()
	case <-time.After(grace):
		_ = o.process.Kill() // it may end just now
		<-o.ended
		return fmt.Errorf("the operator had not ended %s after SIGTERM: %w", grace, o.verdict())
	}
}

// verdict is nil if the operator ended in order, else how it ended and what it said last.
func (o *operator) verdict() error {
	if o.failure == nil {
		return nil
	}
	text, err := os.ReadFile(o.log)
	if err != nil {
		return errors.Join(o.failure, err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	return fmt.Errorf("the operator ended with %w; the end of %s says:\n%s", o.failure, o.log,
		strings.Join(lines[max(0, len(lines)-lastWord):], ""))
}
