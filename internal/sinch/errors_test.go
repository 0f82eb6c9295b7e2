// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"7":                             7 * time.Second,
		"0":                             time.Second,
		"3601":                          time.Hour,
		"1000000000":                    time.Hour,
		"99999999999999999999999":       time.Hour,
		"Thu, 01 Oct 2026 12:00:30 GMT": 30 * time.Second,
		"Thu, 01 Oct 2026 11:00:00 GMT": time.Second,
		"Fri, 01 Oct 2126 12:00:00 GMT": time.Hour,
		"Fri, 01 Oct 9999 12:00:00 GMT": time.Hour,
		"1e9":                           0,
		"abc":                           0,
		"-5":                            0,
		"1.5":                           0,
		"":                              0,
	} {
		t.Run("U04 "+header, func(t *testing.T) {
			if got := retryAfter(header, noon); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestU03AWaitReachesTheCaller(t *testing.T) {
	server, session, clock := startSession(t)
	limited := sinchtest.Raw(429, "", "Retry-After", "7")
	server.ScriptTokens(limited)
	server.Script(project, phone, limited)
	for range 2 { // first at the token endpoint, then at the API
		_, err := session.ActiveNumber(t.Context(), project, phone)
		if kind, after := KindOf(fmt.Errorf("looking: %w", err)); kind != Limited || after != 7*time.Second {
			t.Errorf("%v, wait %v", err, after)
		}
		clock.advance(failurePause)
	}
	wantCalls(t, server, "token token number")
}

func TestOtherErrorsHaveNoKind(t *testing.T) {
	for _, err := range []error{nil, io.EOF, context.Canceled} {
		if kind, after := KindOf(err); kind != 0 || after != 0 {
			t.Errorf("%v: %v %v", err, kind, after)
		}
	}
	if got := Kind(0).String() + Kind(99).String(); got != "unknownunknown" {
		t.Error(got)
	}
}

// failing is a network that always fails in the same way.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestTheNetworksErrorsAreSortedByType(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	system := func(errno syscall.Errno) error { return os.NewSyscallError("connect", errno) }
	for want, errs := range map[string][]error{
		"the host name could not be resolved": {
			dial(&net.DNSError{Err: canaryKey, Name: canaryKey, IsNotFound: true}), &net.DNSError{IsTimeout: true},
		},
		"the connection was refused":              {dial(system(syscall.ECONNREFUSED))},
		"there is no route to the host":           {dial(system(syscall.EHOSTUNREACH)), dial(system(syscall.ENETUNREACH))},
		"no connection within 5 s":                {dial(os.ErrDeadlineExceeded), dial(context.DeadlineExceeded)},
		"no answer within 15 s":                   {context.DeadlineExceeded},
		"the TLS certificate is for another host": {x509.HostnameError{Certificate: &x509.Certificate{}, Host: canaryKey}},
		"the connection broke":                    {errors.New(canaryKey), io.EOF, dial(system(syscall.ECONNRESET))},
	} {
		for _, underlying := range errs {
			client, err := New(Config{APIURL: "https://a.example", TokenURL: "https://b.example", Transport: failing{underlying}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Basic(testKey).ActiveNumber(t.Context(), project, phone)
			wantError(t, err, Unavailable, want)
			if errors.Is(err, underlying) {
				t.Errorf("%q wraps what it must not show", err)
			}
		}
	}
}

// canaries are what nobody may ever see.
var canaries = []string{
	canaryID, canaryKey, fmt.Sprintf("%x", canaryKey), "elsewhere.example", "<script>", "\x1b", strings.TrimSuffix(sinchtest.TokenPrefix, "-"),
	base64.StdEncoding.EncodeToString([]byte(canaryID + ":" + canaryKey)),
}

// leaks prints a value in every way that there is, and returns the ways that show a canary.
func leaks(value any) (shown []string) {
	ways := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		ways[verb] = fmt.Sprintf(verb, value)
	}
	encoded, err := json.Marshal(value)
	ways["json"] = fmt.Sprintf("%s %v", encoded, err)
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("text", "value", value)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("json", "value", value)
	ways["slog"] = logged.String()
	for way, text := range ways {
		for _, canary := range canaries {
			if strings.Contains(text, canary) {
				shown = append(shown, way+" shows "+text)
			}
		}
	}
	return shown
}

func TestS05TheCanaryIsSeenWhereItIs(t *testing.T) {
	if ways := leaks(struct{ Plain string }{canaryKey}); len(ways) < 7 {
		t.Errorf("the search for leaks finds %d only: %q", len(ways), ways)
	}
}

func TestS05NothingThatHoldsAKeyShowsIt(t *testing.T) {
	server, session, _ := startSession(t)
	mustLook(t, session)
	for _, value := range []any{
		testKey, &testKey,
		[]Key{testKey},
		map[string]Key{"key": testKey},
		struct{ Key Key }{testKey},
		struct{ Key *Key }{&testKey},
		session, *session, session.client, *session.client, session.client.Basic(testKey), *session.client.Basic(testKey),
		struct{ session *Session }{session},
		struct{ session Session }{*session},
	} {
		for _, way := range leaks(value) {
			t.Errorf("%T: %s", value, way)
		}
	}
	if testKey.String() != redacted || testKey.GoString() != redacted {
		t.Error("String or GoString")
	}
	if n := tokenCalls(server); n != 1 {
		t.Errorf("%d tokens: the session held none to show", n)
	}
}

func TestS04S05NoErrorShowsACredentialOrWhatIsForeign(t *testing.T) {
	foreign := []string{reflected, `{"error":"` + canaryKey + `"}`, `{"error":{"status":"` + canaryKey + `"}}`, `{"access_token":"` + canaryKey + `\n"}`}
	for name, failure := range failures {
		t.Run("S05 "+name, func(t *testing.T) {
			t.Parallel()
			server := startSinch(t)
			client := newClient(t, server)
			client.patience = failure.patience()
			server.Script(project, phone, failure.answer)
			_, api := client.OAuth2(testKey).ActiveNumber(t.Context(), project, phone)
			server.ScriptTokens(failure.answer)
			_, token := client.OAuth2(testKey).ActiveNumber(t.Context(), project, phone)
			checkSilent(t, api)
			checkSilent(t, token)
		})
	}
	for _, body := range foreign {
		for _, status := range []int{200, 400, 401, 403, 404, 409, 429, 500, 503} {
			server := startSinch(t)
			mirror := sinchtest.Raw(status, body, "Www-Authenticate", canaryKey, "Retry-After", canaryKey, "Location", canaryKey)
			client := newClient(t, server)
			server.Script(project, phone, mirror)
			_, api := client.Basic(testKey).ActiveNumber(t.Context(), project, phone)
			server.ScriptTokens(mirror)
			_, token := client.OAuth2(testKey).ActiveNumber(t.Context(), project, phone)
			checkSilent(t, api)
			checkSilent(t, token)
		}
	}
}

func checkSilent(t *testing.T, err error) {
	t.Helper()
	if err == nil || len(err.Error()) > 100 || errors.Unwrap(err) != nil {
		t.Errorf("want a short error that wraps nothing, got %v", err)
	}
	for _, way := range leaks(err) {
		t.Error(way)
	}
}
