// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// clock is a time that a test moves.
type clock struct{ ahead atomic.Int64 }

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func (c *clock) now() time.Time          { return noon.Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// startSession makes an OAuth2 session over a number that answers, and its clock.
func startSession(t *testing.T) (*sinchtest.Server, *Session, *clock) {
	t.Helper()
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Number())
	client, clock := newClient(t, server), &clock{}
	client.now = clock.now
	return server, client.OAuth2(testKey), clock
}

func mustLook(t *testing.T, session *Session) {
	t.Helper()
	if _, err := session.ActiveNumber(t.Context(), project, phone); err != nil {
		t.Error(err)
	}
}

// settle waits for the token request that is under way, if there is one.
func settle(session *Session) {
	tokens := session.credential().(*tokens)
	tokens.mu.Lock()
	under := tokens.flight
	tokens.mu.Unlock()
	if under != nil {
		<-under.done
	}
}

func wantCalls(t *testing.T, server *sinchtest.Server, want string) {
	t.Helper()
	if got := endpoints(server); got != want {
		t.Errorf("calls: %s\nwant:  %s", got, want)
	}
}

func TestU09AnExpiredTokenIsReplacedUnseen(t *testing.T) {
	server, session, _ := startSession(t)
	mustLook(t, session)
	server.ExpireTokens()
	mustLook(t, session)
	wantCalls(t, server, "token number number token number")
	if status := server.Calls()[2].Status; status != http.StatusUnauthorized {
		t.Errorf("the expired token got HTTP %d", status)
	}
}

func TestA401IsTriedAgainOnce(t *testing.T) {
	server, session, _ := startSession(t)
	server.Script(project, phone, sinchtest.Raw(401, ""))
	_, err := session.ActiveNumber(t.Context(), project, phone)
	wantError(t, err, Unauthorized, "HTTP 401")
	wantCalls(t, server, "token number token number")
}

func TestARemovedKeyIsRefusedByTheTokenEndpoint(t *testing.T) {
	server, session, _ := startSession(t)
	mustLook(t, session)
	server.RemoveKey(canaryID)
	_, err := session.ActiveNumber(t.Context(), project, phone)
	wantError(t, err, KeyRefused, "asking for a token: HTTP 401")
	wantCalls(t, server, "token number number token")
}

func TestU11A403KeepsTheToken(t *testing.T) {
	server, session, _ := startSession(t)
	server.AddKey(canaryID, canaryKey, "another-project")
	for range 2 {
		_, err := session.ActiveNumber(t.Context(), project, phone)
		wantError(t, err, Denied, "HTTP 403")
	}
	wantCalls(t, server, "token number number")
}

func TestANewerTokenIsNeverDropped(t *testing.T) {
	server, session, _ := startSession(t)
	mustLook(t, session)
	session.credential().refused("Bearer an-older-one")
	mustLook(t, session)
	wantCalls(t, server, "token number number")
}

func TestU21ManyCallersShareOneTokenRequest(t *testing.T) {
	server, session, clock := startSession(t)
	server.ScriptTokens(sinchtest.Delayed(time.Second, sinchtest.Raw(500, "")))
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := session.ActiveNumber(ctx, project, phone)
		gone <- err
	}()
	if _, err := server.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var others sync.WaitGroup
	for range 50 {
		others.Go(func() {
			_, err := session.ActiveNumber(t.Context(), project, phone)
			wantError(t, err, Unavailable, "asking for a token: HTTP 500")
		})
	}
	leave() // the one who began leaves, the others are served
	wantError(t, <-gone, Canceled, "the caller stopped waiting")
	others.Wait()
	clock.advance(failurePause)
	mustLook(t, session)
	if n := tokenCalls(server); n != 2 {
		t.Errorf("%d token requests, want the failed one and one more", n)
	}
}

func TestU21ATokenIsRenewedWhileTheOldOneServes(t *testing.T) {
	server, session, clock := startSession(t)
	mustLook(t, session)
	clock.advance(48*time.Minute - time.Second)
	mustLook(t, session)
	wantCalls(t, server, "token number number")

	server.ScriptTokens(sinchtest.Delayed(time.Hour, sinchtest.Raw(500, "")))
	session.client.patience = time.Second
	clock.advance(time.Second) // 80 % of an hour
	mustLook(t, session)       // not held up by the endpoint, which is
	settle(session)            // given up after the client's patience
	if n := tokenCalls(server); n != 2 {
		t.Errorf("%d token requests, want a second one in the background", n)
	}
}

func TestU21AFailedRenewalIsTriedAgainAfterTenSeconds(t *testing.T) {
	server, session, clock := startSession(t)
	mustLook(t, session)
	clock.advance(50 * time.Minute)
	server.ScriptTokens(sinchtest.Raw(500, ""), sinchtest.Raw(200, "{}"), sinchtest.HTML(200))
	for _, step := range []struct {
		wait time.Duration
		want int // token requests in all
	}{{0, 2}, {9 * time.Second, 2}, {time.Second, 3}, {10 * time.Second, 4}, {10 * time.Second, 5}, {10 * time.Second, 5}} {
		clock.advance(step.wait)
		mustLook(t, session)
		settle(session)
		if n := tokenCalls(server); n != step.want {
			t.Errorf("%v later: %d token requests, want %d", step.wait, n, step.want)
		}
	}
	clock.advance(20 * time.Minute) // the old one has expired, the new one serves
	mustLook(t, session)
	if n := tokenCalls(server); n != 5 {
		t.Errorf("%d token requests, want no more", n)
	}
}

func TestU21WithoutATokenThereIsNoLook(t *testing.T) {
	for name, want := range map[string]row{
		"U21 the endpoint hangs":      {sinchtest.Delayed(30*time.Second, sinchtest.Raw(200, "")), Unavailable, "no answer within 15 s"},
		"U21 500":                     {sinchtest.Raw(500, ""), Unavailable, "HTTP 500"},
		"U21 200 without a token":     {sinchtest.Raw(200, `{"expires_in":3600}`), Malformed, "the answer has no usable token"},
		"U21 a token as a number":     {sinchtest.Raw(200, `{"access_token":7}`), Malformed, "the answer has no usable token"},
		"U21 a token with a line":     {sinchtest.Raw(200, `{"access_token":"a\r\nHost: evil"}`), Malformed, "the answer has no usable token"},
		"U21 a token of 17 KiB":       {sinchtest.Raw(200, fmt.Sprintf(`{"access_token":"%017408d"}`, 1)), Malformed, "the answer has no usable token"},
		"U21 a 200 in HTML":           {sinchtest.HTML(200), Malformed, "the answer is not JSON"},
		"U21 a reset":                 {sinchtest.Reset(), Unavailable, "the connection broke"},
		"U20 a redirect":              {sinchtest.Redirect(302, "https://elsewhere.example/"), Unavailable, "HTTP 302: redirects are refused"},
		"401 whatever the body":       {sinchtest.HTML(401), KeyRefused, "HTTP 401"},
		"400 invalid_client":          {sinchtest.Raw(400, `{"error":"invalid_client"}`), KeyRefused, "HTTP 400"},
		"403 access_denied":           {sinchtest.Raw(403, `{"error":"access_denied"}`), KeyRefused, "HTTP 403"},
		"403 from a proxy":            {sinchtest.HTML(403), Malformed, "HTTP 403: the answer is not JSON"},
		"403 in Sinch's envelope":     {sinchtest.Refusal(403, "PERMISSION_DENIED"), Malformed, "HTTP 403: that is not how a token endpoint refuses"},
		"U08 404 is about no number":  {sinchtest.Refusal(404, "NOT_FOUND"), Malformed, "HTTP 404: that is not how a token endpoint refuses"},
		"U08 404 from a proxy":        {sinchtest.HTML(404), Malformed, "HTTP 404: the answer is not JSON"},
		"429 as the endpoint does it": {sinchtest.Raw(429, "", "X-Envoy-Ratelimited", "true"), Limited, "HTTP 429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, session, clock := startSession(t)
			session.client.patience = want.patience()
			server.ScriptTokens(want.answer)
			for range 3 { // within a second they share one failure
				_, err := session.ActiveNumber(t.Context(), project, phone)
				wantError(t, err, want.kind, "asking for a token: "+want.cause)
			}
			wantCalls(t, server, "token")
			clock.advance(failurePause)
			mustLook(t, session)
		})
	}
}

func TestU21ALifeIsWithinBounds(t *testing.T) {
	for given, want := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `3600.9`: time.Hour, `61`: 61 * time.Second,
		`59`: time.Minute, `0`: time.Minute, `-1`: time.Minute, `null`: time.Minute, `"soon"`: time.Minute, `"NaN"`: time.Minute,
		`1e12`: 24 * time.Hour, `"1000000000000"`: 24 * time.Hour, `86401`: 24 * time.Hour,
	} {
		t.Run("U21 expires_in "+given, func(t *testing.T) {
			held, err := readToken(answer{body: []byte(`{"access_token":"a","expires_in":` + given + `}`)}, noon)
			if life := held.expires.Sub(noon); err != nil || life != want {
				t.Errorf("%v, %v, want %v", life, err, want)
			}
			if renew := held.renewAt.Sub(noon); renew != want*4/5 {
				t.Errorf("renewed after %v of %v", renew, want)
			}
		})
	}
	held, err := readToken(answer{body: []byte(`{"access_token":"a"}`)}, noon)
	if life := held.expires.Sub(noon); err != nil || life != time.Minute {
		t.Errorf("without expires_in: %v, %v", life, err)
	}
}

func TestK15APanicWhileATokenIsFetchedEndsNobody(t *testing.T) {
	_, session, _ := startSession(t)
	session.client.transport = panicking{}
	_, err := session.ActiveNumber(t.Context(), project, phone)
	wantError(t, err, Malformed, "asking for a token: reading the answer failed, which is a bug of this client")
}

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("a bug") }
