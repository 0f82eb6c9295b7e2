// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheTableNamesWhatIsMissed(t *testing.T) {
	small, large := good(1_000), good(10_000)
	large.Steady.Ratio = 1.5
	small.Edits.P99, large.Edits.P99 = 2, 3
	r := &result{Go: "go1", System: "linux/amd64", Cores: 2, Processor: "a processor", PollBytes: number(math.NaN()), Sizes: []figures{small, large}}
	r.judge()
	table := r.table()
	for _, want := range []string{
		"go1, linux/amd64, 2 cores, a processor",
		"1,000 NUMBERS 10,000 NUMBERS BOUND VERDICT",
		"ratio to the bare loop at this pace 1.30 1.50 ≤ 1.3 MISSED at 10,000",
		"edit to look p50, p99, most 0.000, 2.000, 0.000 s 0.000, 3.000, 0.000 s ≤ 1 s MISSED at 1,000, 10,000",
		"429 storm looks during the pause 0 in 0 s 0 in 0 s 0 kept",
		"go test -bench BenchmarkPoll, the most allocated by one poll – kB ≤ 20 kB MISSED",
	} {
		if !strings.Contains(squeeze(table), want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	want := []string{
		"unchanged poll, ratio to the bare loop at this pace, at 10,000 numbers: 1.50; must be ≤ 1.3",
		"edit to look, p50, p99, most, at 1,000 numbers: 0.000, 2.000, 0.000 s; must be ≤ 1 s",
		"edit to look, p50, p99, most, at 10,000 numbers: 0.000, 3.000, 0.000 s; must be ≤ 1 s",
		"go test -bench, BenchmarkPoll, the most allocated by one poll: – kB; must be ≤ 20 kB",
	}
	if !slices.Equal(r.Missed, want) {
		t.Errorf("missed %q, want %q", r.Missed, want)
	}
}

// squeeze turns the blanks within each line into one.
func squeeze(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

func TestTheColumnsOfTheTableAreAligned(t *testing.T) {
	r := &result{Sizes: []figures{good(1_000), good(10_000)}}
	lines := strings.Split(r.table(), "\n")
	header := []rune(lines[2])
	for _, column := range []string{"1,000", "10,000", "BOUND", "VERDICT"} {
		begin := len([]rune(lines[2][:strings.Index(lines[2], column)]))
		for _, line := range lines[3:] {
			if cells := []rune(line); len(cells) > begin && cells[begin-1] != ' ' {
				t.Errorf("column %s does not begin at %d of %d in %q", column, begin, len(header), line)
			}
		}
	}
}

func TestTheFileHoldsWhatCouldNotBeTakenAsNull(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	f := good(1_000)
	f.Overload.Overdue = number(math.NaN())
	if err := (&result{PollBytes: 17_000, Sizes: []figures{f}, Missed: []string{}}).write(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		BenchmarkPollBytes float64
		Sizes              []struct {
			Numbers  int
			Overload struct{ MostOverdueByGauge, LongestGap *float64 }
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	size := read.Sizes[0]
	if size.Numbers != 1_000 || size.Overload.MostOverdueByGauge != nil || *size.Overload.LongestGap != 90 || read.BenchmarkPollBytes != 17_000 {
		t.Errorf("got\n%s", text)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1_000: "1,000", 50_000: "50,000", 1_234_567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is printed as %s", n, got)
		}
	}
}

func TestSizes(t *testing.T) {
	if sizes, err := parseSizes("1000,10000"); err != nil || !slices.Equal(sizes, []int{1_000, 10_000}) {
		t.Errorf("got %v, %v", sizes, err)
	}
	for _, text := range []string{"", "1000,", "99", "many", "1000 10000", "-1000"} {
		if sizes, err := parseSizes(text); err == nil {
			t.Errorf("%q is taken for %v", text, sizes)
		}
	}
}
