// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// runGoBench runs the Go benchmarks, prints what they print, keeps it for benchstat, and returns what BenchmarkPoll
// allocates.
func runGoBench(ctx context.Context) (number, error) {
	say("go test -bench…")
	file, err := os.Create(folder + "/gobench.txt")
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	var out strings.Builder
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-count", "6",
		"./internal/sinch", "./internal/controller")
	// It starts programs in turn, which must not go on alone.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.Stdout, command.Stderr = io.MultiWriter(os.Stdout, file, &out), os.Stderr
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("go test -bench: %w", err)
	}
	return pollBytes(out.String()), file.Close()
}

// pollBytes reads the most that any run of BenchmarkPoll allocated per operation; NaN if there is none.
func pollBytes(out string) number {
	most := math.NaN()
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(line, "BenchmarkPoll-") && !strings.HasPrefix(line, "BenchmarkPoll ") {
			continue
		}
		for i, unit := range fields {
			if value, err := strconv.ParseFloat(fields[max(0, i-1)], 64); err == nil && unit == "B/op" && !(value <= most) {
				most = value
			}
		}
	}
	return number(most)
}
