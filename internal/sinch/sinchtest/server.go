// SPDX-License-Identifier: Apache-2.0

// Package sinchtest is a Sinch on the loopback interface that behaves as scripted: every answer and every fault, with
// credentials checked as Sinch checks them. It needs no *testing.T, so tests, demo and benchmarks share it.
//
//	server := sinchtest.New()
//	defer server.Close()
//	server.AddKey("key-id", "key-secret")
//	server.Script("my-project", "+12025550134", sinchtest.Provisioning("sp-1")...)
//	… ask server.URL() with a token of server.TokenURL() …
//	call, err := server.Wait(ctx, 2) // the second request, whatever it was
//
// A number gets one answer for each GET, and the last one repeats. A number without a script gets Sinch's 404 unless
// ScriptOthers says otherwise, a key without the project Sinch's 403, an unknown key 401. The list shows the numbers that a
// GET would find, in pages, unless ScriptList says otherwise. A fault lasts until the client leaves or the server is closed.
package sinchtest

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// TokenPrefix begins every token that the server issues, so that a test can search for one that leaked.
const TokenPrefix = "sinchtest-token-"

// Endpoint is what a request asked for.
type Endpoint string

// The endpoints. Sinch has others, which a mirror has no use for: a call to any of them is an OtherCall.
const (
	TokenCall  Endpoint = "token"
	NumberCall Endpoint = "number"
	ListCall   Endpoint = "list"
	OtherCall  Endpoint = "other"
)

// Call is one request, as it came.
type Call struct {
	Time      time.Time
	Endpoint  Endpoint
	Method    string
	Path      string // as sent, still escaped
	Query     string // likewise
	UserAgent string
	Project   string
	Number    string
	Status    int // of the answer; 0 if the answer has none
}

// Server is a scripted Sinch. It is safe for concurrent use.
type Server struct {
	http    *httptest.Server
	closing context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	keys    map[string]key
	issued  map[string]string // token → key id; "" once expired
	count   int               // of tokens
	scripts map[asked]*script
	others  Answer // about numbers without a script
	tokens  script
	lists   int                         // given so far
	changes map[int]func(Answer) Answer // to the n-th
	calls   []Call
	called  chan struct{} // closed and replaced by each call
}

type key struct {
	secret   string
	projects []string
}

// asked names a number.
type asked struct{ project, number string }

type script struct{ answers []Answer }

// New starts a server that speaks http.
func New() *Server {
	s := build()
	s.http.Start()
	return s
}

// NewTLS starts a server that speaks https and HTTP/2, with the certificate that Certificate returns, for 127.0.0.1.
func NewTLS() *Server {
	s := build()
	s.http.EnableHTTP2 = true
	s.http.StartTLS()
	return s
}

func build() *Server {
	s := &Server{
		keys:    map[string]key{},
		issued:  map[string]string{},
		scripts: map[asked]*script{},
		others:  Recorded("not-found"),
		changes: map[int]func(Answer) Answer{},
		called:  make(chan struct{}),
	}
	s.closing, s.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/token", s.serveToken)
	mux.HandleFunc("GET /v1/projects/{project}/activeNumbers/{number}", s.serveNumber)
	mux.HandleFunc("GET /v1/projects/{project}/activeNumbers", s.serveList)
	mux.HandleFunc("/", s.serveOther)
	s.http = httptest.NewUnstartedServer(mux)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // the faults are meant
	return s
}

// URL of the Numbers API.
func (s *Server) URL() string { return s.http.URL }

// TokenURL is the URL of the token endpoint.
func (s *Server) TokenURL() string { return s.http.URL + "/oauth2/token" }

// Certificate of a server made by NewTLS, in PEM: a file with it is a CA file.
func (s *Server) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw})
}

// Close ends every answer that is still being given, then the server.
func (s *Server) Close() {
	s.stop()
	s.http.CloseClientConnections()
	s.http.Close()
}

// AddKey lets a key in: to the given projects, or to all of them. Adding it again replaces its secret and projects.
func (s *Server) AddKey(id, secret string, projects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[id] = key{secret, projects}
}

// RemoveKey shuts a key out, and the tokens that it got.
func (s *Server) RemoveKey(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, id)
	for token, owner := range s.issued {
		if owner == id {
			delete(s.issued, token)
		}
	}
}

// ExpireTokens makes all tokens issued so far expired ones.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.issued {
		s.issued[token] = ""
	}
}

// Script says what the GETs of a number get, one answer each, the last again and again. It replaces the number's earlier
// script; without answers the number has none again.
func (s *Server) Script(project, phoneNumber string, answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(answers) == 0 {
		delete(s.scripts, asked{project, phoneNumber})
		return
	}
	s.scripts[asked{project, phoneNumber}] = &script{answers}
}

// ScriptOthers says what every GET of a number without a script gets. The list does not show these numbers.
func (s *Server) ScriptOthers(answer Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others = answer
}

// ScriptTokens says what the token endpoint does, one answer for each request, before it behaves as usual again.
func (s *Server) ScriptTokens(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = script{answers}
}

// ScriptList changes the answer to the n-th GET of a list from now on, counted from 1: the change gets the usual page, and
// returns what to give instead.
//
//	server.ScriptList(3, sinchtest.Truncated) // the third page breaks off
func (s *Server) ScriptList(n int, change func(usual Answer) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[s.lists+n] = change
}

// Calls returns all requests so far, in order.
func (s *Server) Calls() []Call { return s.CallsAfter(0) }

// CallsAfter returns the requests so far, in order, but for the first n.
func (s *Server) CallsAfter(n int) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls[min(n, len(s.calls)):])
}

// Wait returns the n-th request, counted from 1, once it has come.
func (s *Server) Wait(ctx context.Context, n int) (Call, error) {
	for {
		s.mu.Lock()
		calls, called := s.calls, s.called
		s.mu.Unlock()
		if len(calls) >= n {
			return calls[n-1], nil
		}
		select {
		case <-called:
		case <-ctx.Done():
			return Call{}, fmt.Errorf("waiting for call %d, %d so far: %w", n, len(calls), ctx.Err())
		}
	}
}

// respond notes the call, then gives the answer.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, endpoint Endpoint, answer Answer) {
	number := asked{r.PathValue("project"), r.PathValue("number")}
	call := Call{time.Now(), endpoint, r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.UserAgent(), number.project, number.number, answer.status}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	close(s.called)
	s.called = make(chan struct{})
	s.mu.Unlock()
	answer.give(&exchange{w, r, number, s.closing.Done()})
}

func (s *Server) serveOther(w http.ResponseWriter, r *http.Request) {
	s.respond(w, r, OtherCall, HTML(http.StatusNotFound))
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.respond(w, r, TokenCall, s.tokenAnswer(r))
}

func (s *Server) tokenAnswer(r *http.Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens.answers) > 0 {
		answer := s.tokens.answers[0]
		s.tokens.answers = s.tokens.answers[1:]
		return answer
	}
	id, secret, _ := r.BasicAuth()
	if holder, ok := s.keys[id]; !ok || holder.secret != secret {
		return Raw(http.StatusUnauthorized, `{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"","error_verbose":""}`)
	}
	if r.PostFormValue("grant_type") != "client_credentials" {
		return Raw(http.StatusBadRequest, `{"error":"unsupported_grant_type","error_description":"","error_hint":"","error_verbose":""}`)
	}
	s.count++
	token := fmt.Sprintf("%s%d", TokenPrefix, s.count)
	s.issued[token] = id
	return Raw(http.StatusOK, fmt.Sprintf(`{"access_token":%q,"expires_in":3600,"scope":"","token_type":"bearer"}`, token))
}

func (s *Server) serveNumber(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer, refused := s.admit(r)
	if !refused {
		answer = s.next(asked{r.PathValue("project"), r.PathValue("number")})
	}
	s.mu.Unlock()
	s.respond(w, r, NumberCall, answer)
}

// next takes the current answer about a number. The last one stays. Its caller holds the lock.
func (s *Server) next(number asked) Answer {
	script, scripted := s.scripts[number]
	if !scripted {
		return s.others
	}
	answer := script.answers[0]
	if len(script.answers) > 1 {
		script.answers = script.answers[1:]
	}
	return answer
}

// admit checks the request's credentials; its caller holds the lock.
func (s *Server) admit(r *http.Request) (refusal Answer, refused bool) {
	id, secret, basic := r.BasicAuth()
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		owner, issued := s.issued[token]
		if issued && owner == "" {
			return Raw(http.StatusUnauthorized, "", "Www-Authenticate",
				`Bearer error="invalid_token", error_description="Jwt expired at 2026-10-01T12:00:00Z"`), true
		}
		id = owner
	}
	holder, known := s.keys[id]
	switch {
	case !known || basic && holder.secret != secret:
		return Raw(http.StatusUnauthorized, "", "Www-Authenticate", `Basic realm="Realm"`), true
	case len(holder.projects) > 0 && !slices.Contains(holder.projects, r.PathValue("project")):
		return Refusal(http.StatusForbidden, "PERMISSION_DENIED"), true
	}
	return Answer{}, false
}
