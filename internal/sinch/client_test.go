// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

const (
	project   = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
	phone     = "+12025550134"
	agent     = "activenumber-operator/v0.0.0-test"
	canaryID  = "canary-key-id"
	canaryKey = "canary-key-secret"
)

var testKey = Key{ID: canaryID, Secret: canaryKey}

func startSinch(t *testing.T) *sinchtest.Server {
	t.Helper()
	server := sinchtest.New()
	t.Cleanup(server.Close)
	server.AddKey(canaryID, canaryKey)
	return server
}

func newClient(t *testing.T, server *sinchtest.Server) *Client {
	t.Helper()
	transport, err := NewTransport("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return newClientOver(t, server, transport)
}

func newClientOver(t *testing.T, server *sinchtest.Server, transport http.RoundTripper) *Client {
	t.Helper()
	client, err := New(Config{APIURL: server.URL(), TokenURL: server.TokenURL(), Transport: transport, UserAgent: agent})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func wantError(t *testing.T, err error, kind Kind, cause string) {
	t.Helper()
	known, ok := errors.AsType[*Error](err)
	if !ok || known.Kind != kind || known.Cause != cause {
		t.Errorf("got %v, want %v: %s", err, kind, cause)
	}
}

// endpoints are the kinds of calls so far, in order.
func endpoints(server *sinchtest.Server) string {
	var seen []string
	for _, call := range server.Calls() {
		seen = append(seen, string(call.Endpoint))
	}
	return strings.Join(seen, " ")
}

func tokenCalls(server *sinchtest.Server) int {
	return strings.Count(endpoints(server), string(sinchtest.TokenCall))
}

type row struct {
	answer sinchtest.Answer
	kind   Kind
	cause  string
}

// patience is short where the client must lose it.
func (r row) patience() time.Duration {
	if strings.HasSuffix(r.cause, "no answer within 15 s") {
		return time.Second
	}
	return patience
}

// failures is every answer that is not a number, by what a user would call it.
var failures = map[string]row{
	"U07 Sinch's own 404":                       {sinchtest.Recorded("not-found"), NotFound, "HTTP 404"},
	"U08 a proxy speaking HTML is not NotFound": {sinchtest.HTML(404), Malformed, "HTTP 404: the answer is not JSON"},
	"U08 an empty 404 is not NotFound":          {sinchtest.Raw(404, ""), Malformed, "HTTP 404: the answer is not JSON"},
	"U08 a 404 of another kind is not NotFound": {sinchtest.Raw(404, `{"status":"NOT_FOUND"}`), Malformed, "HTTP 404: the answer is not in Sinch's form"},
	"a 404 with another status word":            {sinchtest.Refusal(404, "UNIMPLEMENTED"), Rejected, "HTTP 404"},
	"a 404 in the second envelope":              {sinchtest.Raw(404, `{"type":"t","title":"Not Found","detail":"d"}`), Rejected, "HTTP 404"},
	"400 NOT_FOUND is not NotFound":             {sinchtest.Refusal(400, "NOT_FOUND"), Rejected, "HTTP 400"},
	"400 INVALID_ARGUMENT":                      {sinchtest.Refusal(400, "INVALID_ARGUMENT"), Rejected, "HTTP 400"},
	"400 in the second envelope":                {sinchtest.Raw(400, `{"type":"t","title":"Bad","detail":"d"}`), Rejected, "HTTP 400"},
	"400 in HTML":                               {sinchtest.HTML(400), Malformed, "HTTP 400: the answer is not JSON"},
	"a 410 that breaks off":                     {sinchtest.Truncated(sinchtest.Refusal(410, "GONE")), Malformed, "HTTP 410: the answer breaks off or cannot be unpacked"},
	"401 for good":                              {sinchtest.Raw(401, ""), Unauthorized, "HTTP 401"},
	"U11 403 PERMISSION_DENIED":                 {sinchtest.Refusal(403, "PERMISSION_DENIED"), Denied, "HTTP 403"},
	"U11 403 in HTML":                           {sinchtest.HTML(403), Denied, "HTTP 403"},
	"U05 429 without a header":                  {sinchtest.Raw(429, ""), Limited, "HTTP 429"},
	"U02 500":                                   {sinchtest.Refusal(500, "INTERNAL"), Unavailable, "HTTP 500"},
	"U02 502 in HTML":                           {sinchtest.HTML(502), Unavailable, "HTTP 502"},
	"U02 503":                                   {sinchtest.Raw(503, "", "Location", "https://elsewhere.example"), Unavailable, "HTTP 503"},
	"U02 504":                                   {sinchtest.Raw(504, ""), Unavailable, "HTTP 504"},
	"a status that does not exist":              {sinchtest.Raw(799, ""), Unavailable, "HTTP 799"},
	"300":                                       {sinchtest.Raw(300, ""), Unavailable, "HTTP 300"},
	"407":                                       {sinchtest.HTML(407), Unavailable, "HTTP 407"},
	"408":                                       {sinchtest.HTML(408), Unavailable, "HTTP 408"},
	"425":                                       {sinchtest.HTML(425), Unavailable, "HTTP 425"},
	"U12 a header that drips":                   {sinchtest.SlowHeader(), Unavailable, "no answer within 15 s"},
	"U12 a body that drips":                     {sinchtest.Slow(sinchtest.Number()), Unavailable, "no answer within 15 s"},
	"U12 the body of a 404 drips":               {sinchtest.Slow(sinchtest.Recorded("not-found")), Unavailable, "HTTP 404: no answer within 15 s"},
	"U12 no answer at all":                      {sinchtest.Delayed(time.Hour, sinchtest.Number()), Unavailable, "no answer within 15 s"},
	"U13 an endless body":                       {sinchtest.Endless(), Malformed, "the answer is larger than 1 MiB"},
	"U13 a gzip bomb":                           {sinchtest.GzipBomb(10 << 10), Malformed, "the answer is larger than 1 MiB"},
	"U14 a wrong Content-Length":                {sinchtest.Truncated(sinchtest.Number()), Malformed, "the answer breaks off or cannot be unpacked"},
	"U14 gzip announced, not sent":              {sinchtest.Raw(200, "{}", "Content-Encoding", "gzip"), Malformed, "the answer breaks off or cannot be unpacked"},
	"U15 an empty 200":                          {sinchtest.Raw(200, ""), Malformed, "the answer is not JSON"},
	"U15 an empty object":                       {sinchtest.Raw(200, "{}"), Malformed, "the answer is about another number, or about none"},
	"U15 null":                                  {sinchtest.Raw(200, "null"), Malformed, "the answer is not a JSON object"},
	"U15 an empty list":                         {sinchtest.Raw(200, "[]"), Malformed, "the answer is not a JSON object"},
	"U15 a 200 in HTML":                         {sinchtest.HTML(200), Malformed, "the answer is not JSON"},
	"204":                                       {sinchtest.Raw(204, ""), Malformed, "the answer is not JSON"},
	"U17 another number's body":                 {sinchtest.Number(sinchtest.Set("phoneNumber", "+12025550100")), Malformed, "the answer is about another number, or about none"},
	"U17 another project's body":                {sinchtest.Number(sinchtest.Set("projectId", "00000000-f266-4ca8-8938-a1ed0ff32b9a")), Malformed, "the answer is about another project"},
	"U18 a reset":                               {sinchtest.Reset(), Unavailable, "the connection broke"},
	"U20 a redirect":                            {sinchtest.Redirect(302, "https://elsewhere.example/"), Unavailable, "HTTP 302: redirects are refused"},
	"U20 a redirect to nowhere":                 {sinchtest.Redirect(307, "ht tp://%zz"), Unavailable, "HTTP 307: redirects are refused"},
	"S04 a reflected token in a megabyte of colour": {sinchtest.Raw(400, reflected+strings.Repeat("x", 1<<20)), Malformed, "HTTP 400: the answer is larger than 1 MiB"},
	"S04 a reflected token in an envelope":          {sinchtest.Raw(400, `{"error":{"status":"`+canaryKey+`","message":"`+canaryKey+`"}}`), Rejected, "HTTP 400"},
}

const reflected = "\x1b[31m<script>" + canaryKey + " " + sinchtest.TokenPrefix + "1"

func TestEveryFailureHasItsKind(t *testing.T) {
	for name, want := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startSinch(t)
			server.Script(project, phone, want.answer)
			client := newClient(t, server)
			client.patience = want.patience()
			number, err := client.OAuth2(testKey).ActiveNumber(t.Context(), project, phone)
			wantError(t, err, want.kind, want.cause)
			if number != nil {
				t.Errorf("a number besides the error: %+v", number)
			}
		})
	}
}

func TestSinchIsAskedAsItLikes(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Number())
	client := newClient(t, server)
	for _, session := range []*Session{client.OAuth2(testKey), client.Basic(testKey)} {
		if _, err := session.ActiveNumber(t.Context(), project, phone); err != nil {
			t.Fatal(err)
		}
	}
	if got := endpoints(server); got != "token number number" {
		t.Errorf("asked for %s", got)
	}
	look := server.Calls()[1]
	if want := "/v1/projects/" + project + "/activeNumbers/" + phone; look.Path != want || look.Method != "GET" {
		t.Errorf("asked %s %s, want GET %s", look.Method, look.Path, want)
	}
	for _, call := range server.Calls() {
		if call.UserAgent != agent {
			t.Errorf("%s: user agent %q", call.Path, call.UserAgent)
		}
	}
}

func TestEveryQuestionIsObserved(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Number(), sinchtest.Refusal(http.StatusForbidden, "PERMISSION_DENIED"))
	var mu sync.Mutex
	var got []string
	clock := time.Unix(0, 0)
	client, err := New(Config{
		APIURL: server.URL(), TokenURL: server.TokenURL(), Transport: http.DefaultTransport,
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			clock = clock.Add(time.Second)
			return clock
		},
		Observe: func(operation Operation, outcome Kind, took time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			if took <= 0 {
				t.Errorf("a %s took %s", operation, took)
			}
			got = append(got, fmt.Sprintf("%s: %s", operation, outcome))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	session := client.OAuth2(testKey)
	for range 2 {
		_, _ = session.ActiveNumber(t.Context(), project, phone)
	}
	_, _ = session.ActiveNumber(t.Context(), project, "none") // nothing is sent
	_, _ = client.OAuth2(Key{ID: "nobody"}).ActiveNumber(t.Context(), project, phone)
	want := []string{"token: unknown", "number: unknown", "number: access denied", "token: key refused", "number: key refused"}
	if !slices.Equal(got, want) {
		t.Errorf("observed %q, want %q", got, want)
	}
}

func TestAKeyIsSentRaw(t *testing.T) {
	server := startSinch(t)
	odd := Key{ID: "id with space", Secret: "s%2B+/ä:&="}
	server.AddKey(odd.ID, odd.Secret)
	server.Script(project, phone, sinchtest.Number())
	client := newClient(t, server)
	for name, session := range map[string]*Session{"OAuth2": client.OAuth2(odd), "Basic": client.Basic(odd)} {
		if _, err := session.ActiveNumber(t.Context(), project, phone); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWrongKeyIsRefused(t *testing.T) {
	server := startSinch(t)
	client := newClient(t, server)
	wrong := Key{ID: canaryID, Secret: "wrong"}
	_, err := client.Basic(wrong).ActiveNumber(t.Context(), project, phone)
	wantError(t, err, Unauthorized, "HTTP 401")
	_, err = client.OAuth2(wrong).ActiveNumber(t.Context(), project, phone)
	wantError(t, err, KeyRefused, "asking for a token: HTTP 401")
	if got := endpoints(server); got != "number token" {
		t.Errorf("asked for %s: a refused key is not tried twice", got)
	}
}

func TestS02NothingButANumberAndAProjectBecomesAPath(t *testing.T) {
	server := startSinch(t)
	session := newClient(t, server).Basic(testKey)
	for _, bad := range []string{
		"", "..", "../x", "%2e%2e%2f", "%252f", "a?b", "a#b", "a/b", `a\b`, "a:release", "a\r\nHost: evil", "a\x00",
		"١٢٣٤٥٦٧٨", "+١٢٣٤٥٦٧٨", "-a", "a b", phone + "\n", project + "\n", "+0123456789", "+123", "12025550134",
		phone + ":release", strings.Repeat("1", 10_000), "+" + strings.Repeat("1", 10_000),
	} {
		if bad != "12025550134" { // which a project may be called
			_, err := session.ActiveNumber(t.Context(), bad, phone)
			wantError(t, err, Rejected, "the project id is not valid; nothing was sent")
		}
		_, err := session.ActiveNumber(t.Context(), project, bad)
		wantError(t, err, Rejected, "the phone number is not valid; nothing was sent")
	}
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("something was sent: %+v", calls)
	}
}

func TestS03KeysGoToSinchOnly(t *testing.T) {
	good := "https://numbers.api.sinch.com"
	for text, want := range map[string]string{
		good:                               "",
		good + "/":                         "",
		"https://numbers.api.sinch.com:84": "",
		"http://127.0.0.1:8080":            "",
		"http://[::1]:8080":                "",
		"http://localhost:8080":            "",
		"http://numbers.example.com":       "http://numbers.example.com: must be https, or http on a loopback address",
		"http://127.0.0.1.example.com":     "http://127.0.0.1.example.com: must be https, or http on a loopback address",
		"http://169.254.169.254":           "http://169.254.169.254: must be https, or http on a loopback address",
		"ftp://127.0.0.1":                  "ftp://127.0.0.1: must be https, or http on a loopback address",
		"https://me:canary@sinch.com":      "https://sinch.com: must have no user name or password: keys belong in Secrets",
		"http://me:canary@sinch.com":       "http://sinch.com: must be https, or http on a loopback address",
		"https://sinch.com?canary":         "https://sinch.com: must have no query and no fragment",
		"https://sinch.com?":               "https://sinch.com: must have no query and no fragment",
		"https://sinch.com#canary":         "https://sinch.com: must have no query and no fragment",
		"https://sinch.com/v1":             "https://sinch.com: must have no path: the client adds it",
		"":                                 "must be a URL such as ",
		"numbers.api.sinch.com":            "must be a URL such as ",
		"https://":                         "must be a URL such as ",
		"https:canary":                     "must be a URL such as ",
		"https://me:canary@%zz":            "must be a URL such as ",
	} {
		configs := map[string]Config{"API URL: ": {APIURL: text, TokenURL: good}}
		if !strings.Contains(text, "/v1") {
			configs["token URL: "] = Config{APIURL: good, TokenURL: text}
		}
		for which, config := range configs {
			_, err := New(config)
			if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), which+want)) {
				t.Errorf("%+v: got %v, want %q", config, err, which+want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%+v: %v repeats what may be a password", config, err)
			}
		}
	}
}

func TestU12ASlowNumberHoldsUpNoOther(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Slow(sinchtest.Number()))
	server.Script(project, "+12025550199", sinchtest.Number())
	session := newClient(t, server).OAuth2(testKey)
	ctx, leave := context.WithCancel(t.Context())
	slow := make(chan error)
	go func() {
		_, err := session.ActiveNumber(ctx, project, phone)
		slow <- err
	}()
	if _, err := server.Wait(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := session.ActiveNumber(t.Context(), project, "+12025550199"); err != nil {
		t.Error(err)
	}
	leave()
	wantError(t, <-slow, Canceled, "the caller stopped waiting")
}

func TestACallerThatLeavesHasNotLooked(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Delayed(time.Hour, sinchtest.Number()))
	session := newClient(t, server).OAuth2(testKey)
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := session.ActiveNumber(late, project, phone)
	wantError(t, err, Canceled, "the caller stopped waiting")
	_, err = session.ActiveNumber(late, project, phone)
	wantError(t, err, Canceled, "the caller stopped waiting")
}

// meter counts what the client reads of bodies, after decompression, and what is in use once that is too much.
type meter struct {
	http.RoundTripper
	read  int
	inUse uint64
}

type metered struct {
	io.ReadCloser
	*meter
}

func (m *meter) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := m.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = &metered{response.Body, m}
	}
	return response, err
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if m.read += n; m.read >= bodyLimit {
		m.inUse = heap()
	}
	return n, err
}

func heap() uint64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

func TestU13ABodyCostsAtMostItsLimit(t *testing.T) {
	for name, answer := range map[string]sinchtest.Answer{
		"U13 endless": sinchtest.Endless(),
		"U13 a bomb":  sinchtest.GzipBomb(10 << 10),
	} {
		t.Run(name, func(t *testing.T) {
			server := startSinch(t)
			server.Script(project, phone, answer)
			transport, err := NewTransport("")
			if err != nil {
				t.Fatal(err)
			}
			through := &meter{RoundTripper: transport}
			session := newClientOver(t, server, through).Basic(testKey)
			before := heap()
			_, err = session.ActiveNumber(t.Context(), project, phone)
			wantError(t, err, Malformed, "the answer is larger than 1 MiB")
			if through.read != bodyLimit+1 {
				t.Errorf("%d bytes were read", through.read)
			}
			if through.inUse < before+bodyLimit/2 || through.inUse > before+4<<20 {
				t.Errorf("%d bytes more in use", through.inUse-before)
			}
		})
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Number(), sinchtest.Recorded("not-found"), sinchtest.HTML(503), sinchtest.Raw(429, "{}"))
	transport := newHTTPTransport(nil)
	var dials atomic.Int64
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, address)
	}
	session := newClientOver(t, server, transport).OAuth2(testKey)
	var kinds []Kind
	for range 4 {
		_, err := session.ActiveNumber(t.Context(), project, phone)
		kind, _ := KindOf(err)
		kinds = append(kinds, kind)
	}
	if want := []Kind{0, NotFound, Unavailable, Limited}; !slices.Equal(kinds, want) || dials.Load() != 1 {
		t.Errorf("%d connections for %v, want 1 for %v", dials.Load(), kinds, want)
	}
}
