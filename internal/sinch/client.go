// SPDX-License-Identifier: Apache-2.0

// Package sinch asks Sinch about one phone number, or for all that a project has, and can do nothing else: no request that
// it makes changes anything there. It knows no Kubernetes.
//
//	client.go     a client, its sessions, and one look
//	list.go       the numbers of a project, page by page
//	token.go      OAuth 2.0: one token per session, fetched once for all who wait
//	transport.go  the process' one way into the network
//	number.go     what a number is, and how a body becomes one
//	errors.go     every failure, sorted by what to do about it
//
// It does not retry, but for one new token after a 401: the caller's queue is the only loop.
package sinch

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"time"
)

// patience is how long one question may take: token, request, retry and body.
const patience = 15 * time.Second

// bodyLimit bounds the body of an answer about one number, after decompression. It has about 1 KiB.
const bodyLimit = 1 << 20

// size bounds what an answer may have: bytes after decompression, and JSON values.
type size struct{ bytes, values int }

// small is the size of all answers but pages.
var small = size{bodyLimit, mostValues}

// Config of a Client.
type Config struct {
	APIURL    string            // https://numbers.api.sinch.com; https, or http on a loopback address
	TokenURL  string            // https://auth.sinch.com/oauth2/token; likewise
	Transport http.RoundTripper // the process' one transport, see NewTransport
	UserAgent string            // such as activenumber-operator/v0.1.0
	Now       func() time.Time  // nil: time.Now
	// Observe hears of every question but lists once it is answered, or given up: what it was, the Kind of the error or 0, and how
	// long that took. It may be called at the same time by several. nil: nobody listens.
	Observe func(operation Operation, outcome Kind, took time.Duration)
}

// Operation is what Sinch is asked.
type Operation string

// The operations.
const (
	AskNumber Operation = "number" // one number, with the second try after a 401
	AskToken  Operation = "token"
)

// Client knows where Sinch is and how to get there. It is safe for concurrent use.
type Client struct {
	api, token *url.URL
	transport  http.RoundTripper
	userAgent  string
	now        func() time.Time
	observe    func(Operation, Kind, time.Duration)
	patience   time.Duration
}

// New makes a Client. It refuses URLs over which a key could leak.
func New(config Config) (*Client, error) {
	api, err := endpoint(config.APIURL, "https://numbers.api.sinch.com")
	if err == nil && api.Path != "" && api.Path != "/" {
		err = fmt.Errorf("%s: must have no path: the client adds it", origin(api))
	}
	if err != nil {
		return nil, fmt.Errorf("API URL: %w", err)
	}
	token, err := endpoint(config.TokenURL, "https://auth.sinch.com/oauth2/token")
	if err != nil {
		return nil, fmt.Errorf("token URL: %w", err)
	}
	api.Path = "/"
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Observe == nil {
		config.Observe = func(Operation, Kind, time.Duration) {}
	}
	return &Client{api, token, config.Transport, config.UserAgent, config.Now, config.Observe, patience}, nil
}

func endpoint(text, example string) (*url.URL, error) {
	at, err := url.Parse(text)
	switch {
	case err != nil || at.Scheme == "" || at.Hostname() == "":
		// Not even its text is repeated: it may hold a password.
		return nil, errors.New("must be a URL such as " + example)
	case at.Scheme != "https" && (at.Scheme != "http" || !loopback(at.Hostname())):
		return nil, fmt.Errorf("%s: must be https, or http on a loopback address", origin(at))
	case at.User != nil:
		return nil, fmt.Errorf("%s: must have no user name or password: keys belong in Secrets", origin(at))
	case at.RawQuery != "" || at.ForceQuery || at.Fragment != "":
		return nil, fmt.Errorf("%s: must have no query and no fragment", origin(at))
	}
	return at, nil
}

// origin is what an error may show of a URL.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Key is an access key of Sinch. However it is printed, it shows nothing; but a struct that has one in an unexported
// field must not be printed, since fmt then goes past these methods.
type Key struct{ ID, Secret string }

const redacted = "[redacted key]"

func (Key) String() string { return redacted }

// GoString redacts as String does.
func (Key) GoString() string { return redacted }

// Format is for every verb of fmt.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue is for log/slog.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON is for encoding/json, and what builds on it.
func (Key) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// basic is the Authorization header of the key. Sinch wants both parts raw, where RFC 6749 would have them escaped.
func (k Key) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(k.ID+":"+k.Secret))
}

// Session asks with one key. It is safe for concurrent use, and shows no credential when printed: the contents of a
// function are the only ones that fmt cannot print.
type Session struct {
	client     *Client
	credential func() credential
}

// credential is what a request shows to be let in.
type credential interface {
	// header returns the value of Authorization.
	header(context.Context) (string, error)
	// refused hears of a 401, and reports whether there is any use in trying again.
	refused(header string) bool
}

type basic struct{ value string }

func (b basic) header(context.Context) (string, error) { return b.value, nil }
func (b basic) refused(string) bool                    { return false }

// Basic makes a session that sends the key with every request.
func (c *Client) Basic(key Key) *Session { return c.session(basic{key.basic()}) }

// OAuth2 makes a session that exchanges the key for a token. Make one for each key and keep it: it holds the token.
func (c *Client) OAuth2(key Key) *Session { return c.session(&tokens{client: c, key: key}) }

func (c *Client) session(with credential) *Session {
	return &Session{c, func() credential { return with }}
}

// These are the patterns of the resource's schema. They are checked again here since whatever passes becomes a path.
var (
	projectIDs   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)
	phoneNumbers = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// IsProjectID reports whether the text can be the id of a project. No question is sent about any other.
func IsProjectID(text string) bool { return projectIDs.MatchString(text) }

func invalidProject() error {
	return &Error{Kind: Rejected, Cause: "the project id is not valid; nothing was sent"}
}

// ActiveNumber asks for one number. Any error is an *Error.
func (s *Session) ActiveNumber(ctx context.Context, projectID, phoneNumber string) (*ActiveNumber, error) {
	if !IsProjectID(projectID) {
		return nil, invalidProject()
	}
	if !phoneNumbers.MatchString(phoneNumber) {
		return nil, &Error{Kind: Rejected, Cause: "the phone number is not valid; nothing was sent"}
	}
	began, number := s.client.now(), (*ActiveNumber)(nil)
	body, err := s.ask(ctx, s.client.activeNumbers(projectID).JoinPath(url.PathEscape(phoneNumber)), small)
	if err == nil {
		number, err = body.number(projectID, phoneNumber)
	}
	s.client.answered(AskNumber, began, err)
	return number, err
}

func (c *Client) answered(operation Operation, began time.Time, err error) {
	kind, _ := KindOf(err)
	c.observe(operation, kind, c.now().Sub(began))
}

// activeNumbers is where a project's numbers are.
func (c *Client) activeNumbers(projectID string) *url.URL {
	return c.api.JoinPath("v1", "projects", url.PathEscape(projectID), "activeNumbers")
}

// ask gets one JSON object of at most that size, as long as the client's patience and the caller's context last.
func (s *Session) ask(ctx context.Context, at *url.URL, most size) (object, error) {
	bounded, cancel := context.WithTimeout(ctx, s.client.patience)
	defer cancel()
	body, err := s.look(bounded, at, most)
	if err != nil && ctx.Err() != nil {
		return nil, &Error{Kind: Canceled, Cause: "the caller stopped waiting"}
	}
	return body, err
}

func (s *Session) look(ctx context.Context, at *url.URL, most size) (object, error) {
	header, got, err := s.get(ctx, at, most)
	if err == nil && got.status == http.StatusUnauthorized && s.credential().refused(header) {
		_, got, err = s.get(ctx, at, most)
	}
	if err != nil {
		return nil, err
	}
	if got.status < 200 || got.status > 299 {
		return nil, refusal(got, s.client.now())
	}
	return got.within(most.values)
}

// get returns, besides the answer, the Authorization header that it was given for.
func (s *Session) get(ctx context.Context, at *url.URL, most size) (string, answer, error) {
	header, err := s.credential().header(ctx)
	if err != nil {
		return "", answer{}, err
	}
	request := (&http.Request{Method: http.MethodGet, URL: at, Header: http.Header{}}).WithContext(ctx)
	request.Header.Set("Authorization", header)
	got, err := s.client.do(request, most)
	return header, got, err
}

// answer is what came back, read. A body that could not be read is an error of its own: the status may say enough.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	bodyErr error
}

// do sends one request. A RoundTripper follows no redirect, so no header goes anywhere else.
func (c *Client) do(request *http.Request, most size) (answer, error) {
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return answer{}, unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(most.bytes)+1))
	switch {
	case err != nil && request.Context().Err() != nil:
		err = unreachable(request.Context().Err())
	case err != nil:
		err = malformed("the answer breaks off or cannot be unpacked")
	case len(body) > most.bytes:
		err = malformed(fmt.Sprintf("the answer is larger than %d MiB", most.bytes>>20))
	}
	return answer{response.StatusCode, response.Header, body, err}, nil
}

// object is the body, which must be one JSON object.
func (a answer) object() (object, error) { return a.within(mostValues) }

// within is the body of an answer that may have so many values.
func (a answer) within(values int) (object, error) {
	if a.bodyErr != nil {
		return nil, a.bodyErr
	}
	return decode(a.body, values)
}
