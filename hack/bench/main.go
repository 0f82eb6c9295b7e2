// SPDX-License-Identifier: Apache-2.0

// Command bench measures what the operator costs and whether it keeps its bounds (bounds.go): the real program with the
// rights that config/rbac grants, on a real API server, against a scripted Sinch in a process of its own. It prints one
// table, writes the same as JSON, and exits 1 if a bound is missed.
//
//	bench -sizes 200     a quick try
//	bench sinch, loop    the parts of it that run as processes of their own
//
// What a look must cost is told by a bare loop that does nothing else, at the same pace, before and after (loop.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// folder holds what the bench makes, below the root of the repository, where it runs.
const folder = ".cache/bench"

func main() {
	ctrl.SetLogger(zap.New(zap.WriteTo(io.Discard))) // the operator has a log of its own
	// A terminal that closes and a pipe that breaks end the bench as Ctrl-C does, and so all that it started.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if runtime.GOOS != "linux" {
		return errors.New("this reads processor time and memory from /proc, which only Linux has: run it on Linux, such as in a container")
	}
	if len(arguments) > 0 && arguments[0] == "sinch" {
		return playSinch()
	}
	if len(arguments) > 0 && arguments[0] == "loop" {
		return loop(arguments[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "1000,10000", "how many numbers to measure with, one run after the other")
	file := flags.String("json", folder+"/result.json", "where all figures are written to")
	goBench := flags.Bool("gobench", true, "also run go test -bench; without it the bound on what a poll allocates is missed")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	counts, err := parseSizes(*sizes)
	if err != nil {
		return err
	}
	return measureAll(ctx, counts, *goBench, *file)
}

func parseSizes(text string) ([]int, error) {
	var sizes []int
	for field := range strings.SplitSeq(text, ",") {
		size, err := strconv.Atoi(field)
		if err != nil || size < 100 || size > 1_000_000 {
			return nil, fmt.Errorf("-sizes %s: must be one or more numbers from 100 to 1000000, such as 1000,10000", text)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// measureAll measures one size after the other, each with an API server of its own, and reports.
func measureAll(ctx context.Context, sizes []int, goBench bool, file string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	result := newResult()
	say("building the operator…")
	program, err := buildOperator(ctx)
	if err != nil {
		return err
	}
	if goBench {
		if result.PollBytes, err = runGoBench(ctx); err != nil {
			return err
		}
	}
	for _, size := range sizes {
		figures, err := measure(ctx, size, program)
		if err != nil {
			return errors.Join(fmt.Errorf("%s numbers: %w", thousands(size), err), result.report(file))
		}
		result.Sizes = append(result.Sizes, figures)
	}
	return result.report(file)
}

// say tells how far the bench is.
func say(format string, arguments ...any) {
	fmt.Printf("bench: "+format+"\n", arguments...)
}

// thousands prints 10000 as 10,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
