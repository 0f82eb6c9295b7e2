// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/types"
)

// expose is the exposition of stories, by a process that leads.
func expose(perNumber bool, stories ...*story) *Exposition {
	leads := make(chan struct{})
	close(leads)
	recall, census := newRecalls(), newCensus()
	for _, s := range stories {
		recall.byUID[s.number.UID] = s.memory
		census.enter(s.number)
	}
	census.complete()
	return &Exposition{PerNumber: perNumber, census: census, recall: recall, leads: leads}
}

// told is what is exposed: the series, without comments.
func (e *Exposition) told(t *testing.T) []string {
	t.Helper()
	var text bytes.Buffer
	if err := e.write(&text); err != nil {
		t.Fatal(err)
	}
	if problems, err := promlint.New(bytes.NewReader(text.Bytes())).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("the lint of metrics complains: %v %v", problems, err)
	}
	var series []string
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, "#") {
			series = append(series, strings.TrimSpace(line))
		}
	}
	return series
}

func TestWhatIsToldOfANumber(t *testing.T) {
	const of = `{namespace="telephony",name="support-us"`
	condition := func(condition, reason string, value int) string {
		return fmt.Sprintf(`activenumber_condition%s,condition=%q,reason=%q} %d`, of, condition, reason, value)
	}
	charged := []string{
		"activenumber_charge_amount" + of + `,currency="USD"} 2`,
		"activenumber_payment_interval_months" + of + "} 1",
		"activenumber_next_charge_timestamp_seconds" + of + "} 1797875271",
	}
	tests := map[string]struct {
		told  func(*story)
		has   []string
		hasNo []string
	}{
		"a number that is fine": {
			func(s *story) { s.later(500 * time.Millisecond).sees(sees()) },
			append([]string{
				condition("Ready", "Ready", 1), condition("AsExpected", "NothingExpected", 1),
				"activenumber_suspended" + of + "} 0",
				"activenumber_info" + of + `,type="LOCAL",region_code="US"} 1`,
				"activenumber_last_sync_timestamp_seconds" + of + "} 1795251601.5",
			}, charged...),
			[]string{"activenumber_provisioning_failed", "activenumber_drift", "activenumber_expiry", "Stalled"},
		},
		"a number that was never seen": {
			func(s *story) { s.sees(outage) },
			[]string{condition("Ready", "Pending", -1), condition("Synced", "ProviderUnavailable", -1), "activenumber_info" + of + `,type="",region_code=""} 1`},
			[]string{"activenumber_last_sync", "activenumber_charge"},
		},
		"a job that failed for two reasons": {
			func(s *story) { s.sees(sees(smsJob("FAILED", "CAMPAIGN_EXPIRED", "INTERNAL_ERROR"))) },
			[]string{
				condition("Ready", "SMSProvisioningFailed", 0), condition("Stalled", "SMSProvisioningFailed", 1),
				"activenumber_provisioning_failed" + of + `,channel="sms",error_code="CAMPAIGN_EXPIRED"} 1`,
				"activenumber_provisioning_failed" + of + `,channel="sms",error_code="INTERNAL_ERROR"} 1`,
			},
			[]string{`channel="voice"`},
		},
		"jobs that failed without a reason": {
			func(s *story) { s.sees(sees(smsJob("FAILED"), voiceJob("FAILED"))) },
			[]string{
				"activenumber_provisioning_failed" + of + `,channel="sms",error_code="ERROR_CODE_UNSPECIFIED"} 1`,
				"activenumber_provisioning_failed" + of + `,channel="voice",error_code="ERROR_CODE_UNSPECIFIED"} 1`,
			},
			nil,
		},
		"a voice job that waits fails nothing": {
			func(s *story) { s.sees(sees(voiceJob("WAITING"))) },
			[]string{condition("VoiceProvisioned", "Waiting", -1)},
			[]string{"activenumber_provisioning_failed"},
		},
		"a number that drifted": {
			func(s *story) { s.edited(expectType).sees(sees()) },
			[]string{condition("AsExpected", "Drifted", 0), "activenumber_drift" + of + `,field="type"} 1`},
			nil,
		},
		"a number that moves": {
			func(s *story) { s.edited(expectsPlan("sp-2")).sees(sees(smsJob("WAITING"))) },
			[]string{condition("AsExpected", "Moving", -1)},
			[]string{"activenumber_drift"},
		},
		"a number that was released": {
			func(s *story) { s.sees(sees(expires)) },
			append([]string{condition("Active", "Expiring", 1), "activenumber_expiry_timestamp_seconds" + of + "} 1797875271"}, charged...), nil,
		},
		"a number that is gone costs nothing and fails no more": {
			func(s *story) {
				s.edited(expectType).sees(sees(smsJob("FAILED"))).later(interval).sees(missing).later(absenceGap).sees(missing)
			},
			[]string{condition("Active", "NotFound", 0), condition("Ready", "NotFound", 0)},
			[]string{"activenumber_provisioning_failed", "activenumber_drift", "activenumber_charge", "activenumber_payment", "activenumber_next", "activenumber_expiry"},
		},
		"a number that is suspended": {
			func(s *story) { s.sees(sees()).edited(suspend).sees(noLook) },
			[]string{condition("Synced", "Suspended", -1), "activenumber_suspended" + of + "} 1"},
			nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			test.told(s)
			told := expose(true, s).told(t)
			for _, want := range test.has {
				if !slices.Contains(told, want) {
					t.Errorf("%s is not told, but\n%s", want, strings.Join(told, "\n"))
				}
			}
			for _, line := range told {
				for _, name := range test.hasNo {
					if strings.Contains(line, name) {
						t.Errorf("%s is told", line)
					}
				}
				if strings.Contains(line, s.number.Spec.PhoneNumber) || strings.Contains(line, s.number.Spec.ProjectID) {
					t.Errorf("%s tells who the number is", line)
				}
			}
		})
	}
}

func TestNumbersAreCountedByState(t *testing.T) {
	one, two, three := newStory(t).sees(sees()), newStory(t).sees(sees()), newStory(t).sees(locked)
	two.number.UID, three.number.UID = "2", "3"
	told := expose(false, one, two, three).told(t)
	for _, want := range []string{
		`activenumber_numbers{condition="Ready",status="True",reason="Ready"} 2`,
		`activenumber_numbers{condition="Ready",status="Unknown",reason="Pending"} 1`,
		`activenumber_numbers{condition="Synced",status="False",reason="CredentialsInvalid"} 1`,
	} {
		if !slices.Contains(told, want) {
			t.Errorf("%s is not told, but\n%s", want, strings.Join(told, "\n"))
		}
	}
	for _, line := range told {
		if strings.Contains(line, "support-us") {
			t.Errorf("%s is told, and metrics per number are switched off", line)
		}
	}
}

func TestALeaderWithoutNumbersTellsThatThereAreNone(t *testing.T) {
	if told := expose(true).told(t); !slices.Equal(told, []string{`activenumber_numbers{condition="Ready",status="True",reason="Ready"} 0`}) {
		t.Errorf("it tells %q", told)
	}
}

func TestAStandbyTellsOfNoNumber(t *testing.T) {
	e := expose(true, newStory(t).sees(sees()))
	e.leads = make(chan struct{})
	if told := e.told(t); len(told) > 0 {
		t.Errorf("it tells %q", told)
	}
	if told := (&Exposition{PerNumber: true}).told(t); len(told) > 0 {
		t.Errorf("before it is set up it tells %q", told)
	}
	e = expose(true, newStory(t).sees(sees()))
	if e.census.whole = false; len(e.told(t)) > 0 {
		t.Error("before it knows all numbers it tells of some")
	}
}

// TestAScrape asks for metrics as Prometheus does, and reads them with its parser.
func TestAScrape(t *testing.T) {
	s := newStory(t).sees(sees())
	s.number.Name = "a\"b\\c\nd" // which no number is called
	registry := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" || !strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
			t.Errorf("the registry is asked for what cannot be added to: %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, "# TYPE up gauge\nup 1\n")
	})
	server := httptest.NewServer(expose(true, s).After(registry))
	defer server.Close()
	for _, encoding := range []string{"gzip", ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", encoding)
		request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		var body io.Reader = response.Body
		if response.Header.Get("Content-Encoding") != encoding {
			t.Errorf("asked for the encoding %q it answers with %q", encoding, response.Header.Get("Content-Encoding"))
		} else if encoding == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(body)
		if err != nil {
			t.Fatal(err)
		}
		if families["up"] == nil || families["activenumber_suspended"] == nil || len(families) < 9 {
			t.Errorf("with encoding %q there are %d families", encoding, len(families))
		}
		if got := families["activenumber_suspended"].GetMetric()[0].GetLabel()[1].GetValue(); got != s.number.Name {
			t.Errorf("the name reads %q", got)
		}
	}
}

func TestAFailureOfTheRegistryIsLeftAlone(t *testing.T) {
	recorder := httptest.NewRecorder()
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	expose(true, newStory(t).sees(sees())).After(broken).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusInternalServerError || recorder.Body.String() != "broken\n" {
		t.Errorf("got %d %q", recorder.Code, recorder.Body)
	}
}

// patient is an answer that knows until when it may be written.
type patient struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (p *patient) SetWriteDeadline(at time.Time) error {
	p.deadlines = append(p.deadlines, at)
	return nil
}

func TestWhoStopsReadingIsLeft(t *testing.T) {
	answer := &patient{ResponseRecorder: httptest.NewRecorder()}
	fine := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	expose(true, newStory(t).sees(sees())).After(fine).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if len(answer.deadlines) != 2 || time.Until(answer.deadlines[0]) > scrapePatience || !answer.deadlines[1].IsZero() {
		t.Errorf("the deadlines are %v, want one within %s, which ends with the scrape", answer.deadlines, scrapePatience)
	}
}

// TestAScrapeHoldsUpNoOther has one who does not read, in the middle of what 2,000 numbers have to tell.
func TestAScrapeHoldsUpNoOther(t *testing.T) {
	e := exposeMany(2_000)
	stuck, other := net.Pipe()
	defer func() { _, _ = stuck.Close(), other.Close() }()
	go func() { _ = e.write(stuck) }()
	if _, err := other.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	if err := e.write(io.Discard); err != nil {
		t.Error(err)
	}
}

func TestAScrapeLeavesNothingBehind(t *testing.T) {
	const numbers = 2_000
	e := exposeMany(numbers)
	scrape := func() { _ = e.write(io.Discard) } // never fails
	if allocations := testing.AllocsPerRun(3, scrape); allocations > 15*numbers {
		t.Errorf("%.0f allocations for %d numbers, want 15 for each at most", allocations, numbers)
	}
	before := liveHeap()
	for range 10 {
		scrape()
	}
	if grown := liveHeap() - before; grown > 100<<10 {
		t.Errorf("ten scrapes leave %d bytes behind", grown)
	}
	runtime.KeepAlive(e)
}

func liveHeap() int64 {
	runtime.GC()
	var is runtime.MemStats
	runtime.ReadMemStats(&is)
	return int64(is.HeapAlloc)
}

// exposeMany is the exposition of so many numbers that are fine.
func exposeMany(numbers int) *Exposition {
	s, e := newStory(nil).sees(sees()), expose(true)
	for i := range numbers {
		number := s.number.DeepCopy()
		number.Name, number.UID = fmt.Sprintf("number-%d", i), types.UID(fmt.Sprint(i))
		e.recall.byUID[number.UID] = s.memory
		e.census.enter(number)
	}
	return e
}

// BenchmarkScrape is one scrape of 10,000 numbers.
func BenchmarkScrape(b *testing.B) {
	e := exposeMany(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
