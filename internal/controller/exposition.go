// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"bufio"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Exposition tells of the numbers to whoever scrapes metrics. It writes them as it reads them, series by series: the
// registry of client_golang would hold all at once, which for 10,000 numbers are a hundred megabytes.
type Exposition struct {
	// PerNumber is false if only the counts by state are told.
	PerNumber bool

	census *census
	recall *recalls
	leads  <-chan struct{} // closed once this process leads
}

// scrapePatience is how long a scrape may take to be read: whoever stops reading must not hold the connection for ever.
const scrapePatience = 30 * time.Second

// After serves what a handler does, which is in Prometheus' text format, and then the numbers.
func (e *Exposition) After(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		deadline := http.NewResponseController(w)
		_ = deadline.SetWriteDeadline(time.Now().Add(scrapePatience)) // a server that cannot has none
		defer func() { _ = deadline.SetWriteDeadline(time.Time{}) }()
		zipped := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
		r = r.Clone(r.Context())
		r.Header.Set("Accept", "text/plain;version=0.0.4") // what the numbers are written in
		r.Header.Del("Accept-Encoding")
		out := &answer{ResponseWriter: w, to: w}
		if zipped {
			w.Header().Set("Content-Encoding", "gzip")
			packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that there is
			defer func() { _ = packed.Close() }()
			out.to = packed
		}
		registry.ServeHTTP(out, r)
		if out.status != 0 && out.status != http.StatusOK {
			return
		}
		_ = e.write(out) // whoever asked may have left
	})
}

// answer is an HTTP answer whose body takes a way of its own.
type answer struct {
	http.ResponseWriter
	to     io.Writer
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) { return a.to.Write(p) }

// write writes the numbers, if this process leads and knows them all: some of them would look as if the others were gone.
func (e *Exposition) write(to io.Writer) error {
	select {
	case <-e.leads:
	default: // it does not, or is not set up yet
		return nil
	}
	numbers, whole := e.census.all()
	if !whole {
		return nil
	}
	text := &exposition{bufio.NewWriterSize(to, 64<<10)}
	text.counts(count(numbers))
	if e.PerNumber {
		for i := range gauges {
			text.gauge(&gauges[i], numbers, e.recall)
		}
	}
	return text.Flush()
}

// exposition is Prometheus' text format as it is written. A bufio.Writer keeps its first error until Flush.
type exposition struct{ *bufio.Writer }

func (x *exposition) head(name, help string) {
	_, _ = x.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n")
}

func (x *exposition) counts(counts map[state]int) {
	const name = "activenumber_numbers"
	x.head(name, "How many numbers have a condition with this status and reason.")
	for _, is := range slices.SortedFunc(maps.Keys(counts), state.compare) {
		x.begin(name)
		x.label("{", "condition", is.condition)
		x.label(",", "status", is.status)
		x.label(",", "reason", is.reason)
		x.end(float64(counts[is]))
	}
}

func (x *exposition) gauge(g *gauge, numbers []*v1alpha1.ActiveNumber, recall *recalls) {
	x.head(g.name, g.help)
	to := &teller{exposition: x, gauge: g}
	for _, to.number = range numbers {
		g.series(to.number, recall.peek(to.number.UID), to)
	}
}

// teller tells of one number and gauge at a time. It is no function, whose arguments would be garbage for each series.
type teller struct {
	*exposition
	gauge  *gauge
	number *v1alpha1.ActiveNumber
}

// emit tells a series: its value, and the values of the gauge's labels.
func (t *teller) emit(value float64, labels ...string) {
	t.begin(t.gauge.name)
	t.label("{", "namespace", t.number.Namespace)
	t.label(",", "name", t.number.Name)
	for i, label := range labels {
		t.label(",", t.gauge.labels[i], label)
	}
	t.end(value)
}

func (x *exposition) begin(name string) { _, _ = x.WriteString(name) }

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (x *exposition) label(before, name, value string) {
	_, _ = x.WriteString(before)
	_, _ = x.WriteString(name)
	_, _ = x.WriteString(`="`)
	if strings.ContainsAny(value, "\\\"\n") {
		value = escaped.Replace(value)
	}
	_, _ = x.WriteString(value)
	_ = x.WriteByte('"')
}

func (x *exposition) end(value float64) {
	_, _ = x.WriteString("} ")
	_, _ = x.Write(strconv.AppendFloat(x.AvailableBuffer(), value, 'f', -1, 64))
	_ = x.WriteByte('\n')
}
