// SPDX-License-Identifier: Apache-2.0

// Command kubectl-activenumbers is a kubectl plugin for teams that keep their phone numbers in Git. It compares what is
// declared with what Sinch has, and like the operator never changes anything there.
//
//	import.go, manifest.go   what Sinch has, as manifests; folder.go puts them into files
//	diff.go, report.go       what is declared, against what Sinch has; diff_table.go shows it
//	declared.go, files.go    what is declared, in the cluster or in files
//	sinch.go, fetch.go       with which key Sinch is asked, and for all numbers of a project
//	poll.go, request.go      a look now; wait.go waits for the answers, tell.go tells them
//	terminal.go              what keeps texts of others from commanding a terminal
//	summary.go, count.go     the numbers of a cluster, counted; cost.go sums up, summary_table.go shows it
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// version is set when the program is built for a release.
var version = "dev"

// The exit codes, as diff(1) has them.
const (
	exitSame      = 0
	exitDifferent = 1
	exitTrouble   = 2
)

// errDifferent ends diff once it has told the differences.
var errDifferent = errors.New("there are differences")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
}

// run carries out one command line, and returns the exit code.
func run(ctx context.Context, arguments []string, streams genericiooptions.IOStreams) int {
	command := newCommand(streams)
	command.SetArgs(arguments)
	err := command.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitSame
	case errors.Is(err, errDifferent):
		return exitDifferent
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	}
	say(streams.ErrOut, "error: %s", oneLine(err.Error()))
	return exitTrouble
}
