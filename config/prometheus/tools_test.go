// SPDX-License-Identifier: Apache-2.0

// Package prometheus_test has Prometheus's and Alertmanager's own tools read, check and try what is shipped for them, and
// compares it with the documents.
package prometheus_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository's.
const root = "../.."

// promtool runs it in this folder, and fails the test with what it prints unless it is content.
func promtool(t *testing.T, args ...string) { t.Helper(); tool(t, "promtool", args...) }

// amtool does the same.
func amtool(t *testing.T, args ...string) { t.Helper(); tool(t, "amtool", args...) }

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	setting := strings.ToUpper(name)
	program, err := filepath.Abs(cmp.Or(os.Getenv(setting), filepath.Join(root, ".cache", "bin", name)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%s is not here yet: run `make test-rules`, which builds it, or set %s to where it is (%v)", name, setting, err)
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
