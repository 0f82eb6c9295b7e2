// SPDX-License-Identifier: Apache-2.0

package sinchtest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Answer is what the server does with one request.
type Answer struct {
	status int
	header map[string]string
	body   func(asked) []byte
	send   func(*exchange) // how to send it; nil: at once
}

// exchange is one request that is being answered.
type exchange struct {
	http.ResponseWriter
	request *http.Request
	asked   asked
	closing <-chan struct{}
}

// tick is the time between two bytes of an answer that drips.
const tick = 50 * time.Millisecond

func (a Answer) give(e *exchange) {
	if a.send != nil {
		a.send(e)
		return
	}
	a.open(e)
	_, _ = e.Write(a.body(e.asked)) // the client may have left
}

// open sends the status and the header.
func (a Answer) open(e *exchange) {
	for name, value := range a.header {
		e.Header().Set(name, value)
	}
	e.WriteHeader(a.status)
}

// pause waits for a while.
func (e *exchange) pause(d time.Duration) bool { return await(e, time.After(d)) }

// await waits for a signal, and reports whether the exchange goes on.
func await[T any](e *exchange, signal <-chan T) bool {
	select {
	case <-signal:
		return true
	case <-e.request.Context().Done():
	case <-e.closing:
	}
	return false
}

// Raw is any status and any body, with header names and values in turn. The content type is JSON unless given.
func Raw(status int, body string, header ...string) Answer {
	a := Answer{status: status, header: map[string]string{"Content-Type": "application/json"}}
	for pair := range slices.Chunk(header, 2) {
		a.header[pair[0]] = pair[1]
	}
	a.body = func(asked) []byte { return []byte(body) }
	return a
}

// With adds a header to the answer, or replaces it.
func (a Answer) With(name, value string) Answer {
	a.header = maps.Clone(a.header)
	a.header[name] = value
	return a
}

// Refusal is Sinch's error envelope with a status word such as INVALID_ARGUMENT.
func Refusal(status int, word string) Answer {
	return Raw(status, fmt.Sprintf(`{"error":{"code":%d,"message":"","status":%q,"details":[]}}`, status, word))
}

// HTML is what a proxy says.
func HTML(status int) Answer {
	return Raw(status, "<!DOCTYPE html><title>Proxy</title><h1>"+http.StatusText(status)+"</h1>", "Content-Type", "text/html")
}

// Redirect points elsewhere.
func Redirect(status int, location string) Answer { return Raw(status, "", "Location", location) }

// Held gives the answer once the channel is closed.
func Held(release <-chan struct{}, then Answer) Answer {
	held := then
	held.send = func(e *exchange) {
		if await(e, release) {
			then.give(e)
		}
	}
	return held
}

// Delayed gives the answer after a while.
func Delayed(d time.Duration, then Answer) Answer {
	delayed := then
	delayed.send = func(e *exchange) {
		if e.pause(d) {
			then.give(e)
		}
	}
	return delayed
}

// Reset resets the connection (HTTP/2: the stream) instead of an answer.
func Reset() Answer {
	return Answer{send: func(e *exchange) {
		if conn, _, err := http.NewResponseController(e.ResponseWriter).Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset, not a farewell
			}
			_ = conn.Close()
			return
		}
		panic(http.ErrAbortHandler)
	}}
}

// Truncated announces the whole body of the answer and sends the first half.
func Truncated(whole Answer) Answer {
	half := whole
	half.send = func(e *exchange) {
		body := whole.body(e.asked)
		e.Header().Set("Content-Length", strconv.Itoa(len(body)))
		whole.open(e)
		_, _ = e.Write(body[:len(body)/2])
	}
	return half
}

// Endless sends a body that begins as JSON and never ends.
func Endless() Answer {
	a := Raw(http.StatusOK, "")
	a.send = func(e *exchange) {
		a.open(e)
		_, err := io.WriteString(e, `{"displayName":"`)
		for chunk := bytes.Repeat([]byte("x"), 32<<10); err == nil && e.pause(0); {
			_, err = e.Write(chunk)
		}
	}
	return a
}

// GzipBomb is a body of that many MiB once unpacked, and about a thousandth of that on the wire.
func GzipBomb(mebibytes int) Answer {
	a, packed := Raw(http.StatusOK, "", "Content-Encoding", "gzip"), packedMebibyte()
	a.send = func(e *exchange) {
		a.open(e)
		for range mebibytes {
			if _, err := e.Write(packed); err != nil || !e.pause(0) {
				return
			}
		}
	}
	return a
}

// packedMebibyte is white space. Several of them in a row are one body in gzip's form.
var packedMebibyte = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20)) // a buffer takes all
	_ = w.Close()
	return packed.Bytes()
})

// Slow sends the head of the answer at once and then its body, a byte per tick.
func Slow(whole Answer) Answer {
	slow := whole
	slow.send = func(e *exchange) {
		whole.open(e)
		e.drip(e, whole.body(e.asked), http.NewResponseController(e.ResponseWriter).Flush)
	}
	return slow
}

// SlowHeader sends a header that never ends, a byte per tick. It needs HTTP/1.
func SlowHeader() Answer {
	return Answer{send: func(e *exchange) {
		conn, _, err := http.NewResponseController(e.ResponseWriter).Hijack()
		if err != nil {
			return
		}
		e.drip(conn, []byte("HTTP/1.1 200 OK\r\nX-Slow: "+strings.Repeat("x", 32<<10)), func() error { return nil })
		_ = conn.Close()
	}}
}

func (e *exchange) drip(w io.Writer, text []byte, flush func() error) {
	for i := range text {
		if _, err := w.Write(text[i : i+1]); err != nil || flush() != nil || !e.pause(tick) {
			return
		}
	}
}

//go:embed testdata/*.json
var recordings embed.FS

// Recorded is the answer in testdata with that name, such as waiting-both, about the number that is asked for. It panics
// if there is none.
func Recorded(name string) Answer {
	body, err := recordings.ReadFile("testdata/" + name + ".json")
	if err != nil {
		panic(err)
	}
	var about struct {
		PhoneNumber, ProjectID string
		Error                  struct {
			Code    int
			Details []struct{ ResourceName string }
		}
	}
	if err := json.Unmarshal(body, &about); err != nil {
		panic(err)
	}
	a := Raw(http.StatusOK, "")
	if refusal := about.Error; refusal.Code != 0 {
		a.status, about.PhoneNumber = refusal.Code, refusal.Details[0].ResourceName
	}
	a.body = func(is asked) []byte {
		return replace(replace(body, about.PhoneNumber, is.number), about.ProjectID, is.project)
	}
	return a
}

// replace one whole JSON string by another.
func replace(body []byte, from, to string) []byte {
	if from == "" {
		return body
	}
	return bytes.ReplaceAll(body, encode(from), encode(to))
}
