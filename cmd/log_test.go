// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
)

func TestALazyLoggerSaysWhatItsSinkWould(t *testing.T) {
	said := func(wrap func(logr.Logger) logr.Logger) string {
		var lines []string
		log := wrap(funcr.New(func(prefix, args string) { lines = append(lines, prefix+" "+args) }, funcr.Options{Verbosity: 1}))
		log = log.WithName("controller").WithValues("name", "support-us")
		log.WithValues("walk", 1).Info("walked", "next", "10m")
		log.WithValues("walk", 2).V(1).Info("walked")
		log.V(2).Info("not said")
		log.Error(errors.New("away"), "cannot write")
		return strings.Join(lines, "\n")
	}
	want := said(func(log logr.Logger) logr.Logger { return log })
	if got := said(lazy); got != want || strings.Count(got, "\n") != 2 {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNobodyGetsTheLevelsThatShowSecrets(t *testing.T) {
	log := lazy(funcr.New(func(string, string) {}, funcr.Options{Verbosity: 10}))
	for level, want := range map[int]bool{0: true, 5: true, 7: true, 8: false, 9: false, 10: false} {
		if got := log.WithValues("walk", 1).V(level).Enabled(); got != want {
			t.Errorf("level %d is written: %t", level, got)
		}
	}
}
