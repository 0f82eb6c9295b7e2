// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A failed renewal is not tried again before renewalPause, as long as the old token serves. Without a token a failure
// holds for failurePause, so that many callers who come one after the other cost one request as well.
const (
	renewalPause = 10 * time.Second
	failurePause = time.Second
)

// A token's life is taken to be within these bounds, whatever the answer says.
const (
	shortestLife = time.Minute
	longestLife  = 24 * time.Hour
)

// tokens holds the token of one key. However many callers need one, a single request is under way.
type tokens struct {
	client *Client
	key    Key

	mu      sync.Mutex
	held    token
	flight  *flight // the request under way, if there is one
	failure error   // of the last request, if it failed
	failed  time.Time
}

type token struct {
	header  string // the value of Authorization
	renewAt time.Time
	expires time.Time
}

// flight is one request for a token; token and err are set when done is closed.
type flight struct {
	done  chan struct{}
	token token
	err   error
}

// header gives the token that is held, and has it renewed if most of its life is over. Without one it waits for the
// request under way, as long as the caller's context lets it.
func (t *tokens) header(ctx context.Context) (string, error) {
	t.mu.Lock()
	held, now := t.held, t.client.now()
	serves := now.Before(held.expires)
	if failure := t.failure; failure != nil && !serves && now.Sub(t.failed) < failurePause {
		t.mu.Unlock()
		return "", failure
	}
	if !serves || !now.Before(held.renewAt) {
		t.launch()
	}
	under := t.flight
	t.mu.Unlock()
	if serves {
		return held.header, nil
	}
	select {
	case <-under.done:
		return under.token.header, under.err
	case <-ctx.Done():
		return "", asking(unreachable(ctx.Err()))
	}
}

// refused drops the token, unless it is no longer the one that is held.
func (t *tokens) refused(header string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held.header == header {
		t.held, t.failure = token{}, nil
	}
	return true
}

// launch starts a request unless one is under way. It belongs to no caller, so none can cancel it for the others.
func (t *tokens) launch() {
	if t.flight != nil {
		return
	}
	started := &flight{done: make(chan struct{})}
	t.flight = started
	go func() {
		fresh, err := token{}, malformed("reading the answer failed, which is a bug of this client")
		defer func() {
			_ = recover() // a panic here would end the process, since no caller's recover reaches it
			t.land(started, fresh, asking(err))
		}()
		ctx, cancel := context.WithTimeout(context.Background(), t.client.patience)
		defer cancel()
		began := t.client.now()
		fresh, err = t.fetch(ctx)
		t.client.answered(AskToken, began, err)
	}()
}

func (t *tokens) land(done *flight, fresh token, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	done.token, done.err = fresh, err
	t.failure, t.failed = err, t.client.now()
	if err == nil {
		t.held = fresh
	} else {
		t.held.renewAt = t.failed.Add(renewalPause)
	}
	t.flight = nil
	close(done.done)
}

func (t *tokens) fetch(ctx context.Context) (token, error) {
	form := "grant_type=client_credentials"
	request := (&http.Request{
		Method:        http.MethodPost,
		URL:           t.client.token,
		Header:        http.Header{},
		Body:          io.NopCloser(strings.NewReader(form)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(form)), nil },
		ContentLength: int64(len(form)),
	}).WithContext(ctx)
	request.Header.Set("Authorization", t.key.basic())
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	since := t.client.now()
	got, err := t.client.do(request, small)
	if err != nil {
		return token{}, err
	}
	if got.status < 200 || got.status > 299 {
		return token{}, tokenRefusal(got, since)
	}
	return readToken(got, since)
}

// tokenRefusal sorts the answers that say something about the key, and leaves the others to refusal. A token endpoint
// that is not found says nothing about a number.
func tokenRefusal(got answer, now time.Time) error {
	cause := "HTTP " + strconv.Itoa(got.status)
	refused := refusal(got, now)
	switch got.status {
	case http.StatusUnauthorized:
		return &Error{Kind: KeyRefused, Cause: cause}
	case http.StatusBadRequest, http.StatusForbidden:
		if body, err := got.object(); err == nil && body.raw("error") != "" {
			return &Error{Kind: KeyRefused, Cause: cause}
		}
		refused = clientError(got, cause)
	}
	if kind, _ := KindOf(refused); kind == NotFound || kind == Rejected {
		return malformed(cause + ": that is not how a token endpoint refuses")
	}
	return refused
}

// accessTokens are those that fit into a header.
var accessTokens = regexp.MustCompile(`^[!-~]+$`)

const longestToken = 16 << 10

func readToken(got answer, since time.Time) (token, error) {
	body, err := got.object()
	if err != nil {
		return token{}, err
	}
	access := body.raw("access_token")
	if len(access) > longestToken || !accessTokens.MatchString(access) {
		return token{}, malformed("the answer has no usable token")
	}
	life := lifetime(body.scalar("expires_in"))
	return token{"Bearer " + access, since.Add(life * 4 / 5), since.Add(life)}, nil
}

// lifetime reads a number of seconds. Of an answer that gives none, little is taken for granted.
func lifetime(seconds string) time.Duration {
	s, err := strconv.ParseFloat(seconds, 64)
	if err != nil || !(s > shortestLife.Seconds()) {
		return shortestLife
	}
	return time.Duration(min(s, longestLife.Seconds())) * time.Second
}

// asking marks an error as one of the token endpoint, which is another host than the API's.
func asking(err error) error { return prefixed("asking for a token", err) }
