// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Kind sorts errors by what to do about them.
type Kind int

// The kinds of errors.
const (
	_            Kind = iota
	Canceled          // the caller's context ended: no look took place
	NotFound          // Sinch says, in its own envelope, that there is no such number, or no such project
	KeyRefused        // the token endpoint refuses the key
	Unauthorized      // the API refuses a fresh token, or the key itself
	Denied            // the key may not see this project
	Rejected          // Sinch understood the request and refuses it
	Limited           // too many requests
	Unavailable       // the network, a proxy or Sinch failed: no answer about the number
	Malformed         // an answer that cannot be relied on
)

var kindNames = map[Kind]string{
	Canceled:     "canceled",
	NotFound:     "not found",
	KeyRefused:   "key refused",
	Unauthorized: "unauthorized",
	Denied:       "access denied",
	Rejected:     "request rejected",
	Limited:      "rate limited",
	Unavailable:  "unavailable",
	Malformed:    "malformed answer",
}

func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return "unknown"
}

// Error is every error that a Session returns. Its text comes from this package alone: it neither wraps nor quotes the
// network's errors, URLs, headers or bodies, any of which may hold a secret or what an attacker wrote.
type Error struct {
	Kind  Kind
	Cause string        // what happened, such as "the connection was refused"
	After time.Duration // with Limited: the wait that the answer asks for, 1 s to 1 h; 0 if it asks for none
}

func (e *Error) Error() string { return e.Kind.String() + ": " + e.Cause }

// KindOf returns the Kind of an Error, and its After. It is 0 for any other error, nil included.
func KindOf(err error) (Kind, time.Duration) {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Kind, known.After
	}
	return 0, 0
}

func malformed(cause string) error { return &Error{Kind: Malformed, Cause: cause} }

// unreachable says why a request got no answer.
func unreachable(err error) error { return &Error{Kind: Unavailable, Cause: causeOf(err)} }

// causeOf sorts by type, never by text.
func causeOf(err error) string {
	op, _ := errors.AsType[*net.OpError](err)
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errProxyRefused):
		return "the proxy refused to connect"
	case op != nil && op.Op == "proxyconnect":
		return "the proxy cannot be reached"
	case isType[*net.DNSError](err):
		return "the host name could not be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the host"
	case errors.Is(err, context.DeadlineExceeded) && op == nil: // with op it is the shorter one of the connection
		return "no answer within 15 s"
	case timeout != nil && timeout.Timeout():
		return "no connection within 5 s"
	}
	return cmp.Or(tlsCause(err, op), "the connection broke")
}

func tlsCause(err error, op *net.OpError) string {
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case isType[x509.HostnameError](err):
		return "the TLS certificate is for another host"
	case invalid.Cert != nil && invalid.Reason == x509.Expired:
		return "the TLS certificate has expired or is not valid yet"
	case isType[*tls.CertificateVerificationError](err):
		return "the TLS certificate is not trusted"
	case isType[tls.RecordHeaderError](err):
		return "the answer is not TLS"
	case op != nil && (op.Op == "remote error" || op.Op == "local error"): // how crypto/tls marks an alert
		return "the TLS handshake failed"
	}
	return ""
}

func isType[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// prefixed says of an Error where it comes from.
func prefixed(prefix string, err error) error {
	if known, ok := errors.AsType[*Error](err); ok {
		return &Error{known.Kind, prefix + ": " + known.Cause, known.After}
	}
	return err
}

// refusal sorts an answer that is not a 2xx, by its status first: a proxy on the way may answer with any body.
func refusal(from answer, now time.Time) error {
	cause := "HTTP " + strconv.Itoa(from.status)
	switch status := from.status; {
	case status == http.StatusUnauthorized:
		return &Error{Kind: Unauthorized, Cause: cause}
	case status == http.StatusForbidden:
		return &Error{Kind: Denied, Cause: cause}
	case status == http.StatusTooManyRequests:
		return &Error{Limited, cause, retryAfter(from.header.Get("Retry-After"), now)}
	case status < 400 && from.header.Get("Location") != "":
		return &Error{Kind: Unavailable, Cause: cause + ": redirects are refused"}
	case status == http.StatusProxyAuthRequired, status == http.StatusRequestTimeout, status == http.StatusTooEarly,
		status < 400, status > 499:
		return &Error{Kind: Unavailable, Cause: cause}
	}
	return clientError(from, cause)
}

// clientError tells Sinch's refusals, which come in one of two envelopes, from those of a proxy.
func clientError(from answer, cause string) error {
	body, err := from.object()
	if err != nil {
		return prefixed(cause, err)
	}
	reason := body.object("error").raw("status")
	switch {
	case reason == "NOT_FOUND" && from.status == http.StatusNotFound:
		return &Error{Kind: NotFound, Cause: cause}
	case reason != "", body.raw("type") != "" && body.raw("title") != "" && body.raw("detail") != "":
		return &Error{Kind: Rejected, Cause: cause}
	}
	return malformed(cause + ": the answer is not in Sinch's form")
}

// retryAfter reads both forms of the header, and bounds what it asks for: a wait of no time would be a storm, one of a
// year a stall.
func retryAfter(header string, now time.Time) time.Duration {
	seconds, err := strconv.ParseUint(header, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return clamp(time.Duration(min(seconds, 3600))*time.Second, time.Second, time.Hour)
	}
	if at, err := http.ParseTime(header); err == nil {
		return clamp(at.Sub(now), time.Second, time.Hour)
	}
	return 0
}

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }
