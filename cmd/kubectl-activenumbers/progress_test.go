// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatTakesLongIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		lasts time.Duration
		want  string
	}{
		"what is over soon is not":      {900 * time.Millisecond, ""},
		"what takes a second is":        {1100 * time.Millisecond, "\rasking\x1b[K\r\x1b[K"},
		"what takes longer is followed": {3 * time.Second, "\rasking\x1b[K\r7 so far\x1b[K\r\x1b[K"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := startProgress(&out, "asking")
				timer := time.AfterFunc(2*time.Second, func() { p.say("%d so far", 7) })
				<-time.After(test.lasts)
				timer.Stop()
				p.end()
				if out.String() != test.want {
					t.Errorf("got %q, want %q", out.String(), test.want)
				}
			})
		})
	}
}

func TestWhoIsNoTerminalIsToldNothing(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, p := range []*progress{newProgress(&bytes.Buffer{}, "asking"), newProgress(file, "asking")} {
		p.say("still asking")
		p.end()
		if p.ended != nil {
			t.Error("somebody is told")
		}
	}
}
