// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// The access key that the scripted Sinch lets in, and the project that all numbers are in.
const (
	keyID     = "bench-key-id"
	keySecret = "bench-key-secret"
	project   = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
)

// The ways in which Sinch can answer.
const (
	plain   = "plain"   // all provisioned
	changed = "changed" // the same, but for the service plan
	limited = "limited" // 429
)

// pause is how long a limited answer asks to wait.
const pause = 7 * time.Second

var answers = map[string]sinchtest.Answer{
	plain:   sinchtest.Number(sinchtest.SMS("bench-sms", ""), sinchtest.Voice("RTC", "bench-app")),
	changed: sinchtest.Number(sinchtest.SMS("bench-sms-2", ""), sinchtest.Voice("RTC", "bench-app")),
	limited: sinchtest.Refusal(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED").With("Retry-After", fmt.Sprint(pause.Seconds())),
}

// phoneNumber is the i-th number.
func phoneNumber(i int) string { return fmt.Sprintf("+1202%07d", i) }

// Place is where Sinch is.
type Place struct{ API, Token string }

// Call is one request to Sinch.
type Call struct {
	At     time.Time
	Token  bool // it was for a token, else for a number
	Number string
	Status int
}

// order is what the bench wants of Sinch: another answer from now on, and to know all calls but for the first few.
type order struct {
	Answer  string   // "" for no other
	Numbers []string // that it is about; all if there are none
	Known   int      // calls that the bench knows already
}

// playSinch is the process. It says where it is and then carries out orders, until its stdin ends, as it does with the
// bench.
func playSinch() error {
	server := sinchtest.New()
	defer server.Close()
	server.AddKey(keyID, keySecret)
	server.ScriptOthers(answers[plain])
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	if err := out.Encode(Place{server.URL(), server.TokenURL()}); err != nil {
		return err
	}
	for {
		var order order
		if err := in.Decode(&order); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(order.carryOut(server)); err != nil {
			return err
		}
	}
}

func (o order) carryOut(server *sinchtest.Server) []Call {
	if answer, wanted := answers[o.Answer]; wanted && len(o.Numbers) == 0 {
		server.ScriptOthers(answer)
	} else if wanted {
		for _, number := range o.Numbers {
			server.Script(project, number, answer)
		}
	}
	var calls []Call
	for _, call := range server.CallsAfter(o.Known) {
		calls = append(calls, Call{call.Time, call.Endpoint == sinchtest.TokenCall, call.Number, call.Status})
	}
	return calls
}

// sinch is that process, seen from the bench.
type sinch struct {
	*process
	Place
	stdin io.Closer
	in    *gob.Encoder
	out   *gob.Decoder
	calls []Call // that are known
}

func startSinch() (*sinch, error) {
	command, err := self("sinch")
	if err != nil {
		return nil, err
	}
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	process, err := launch(command)
	if err != nil {
		return nil, fmt.Errorf("start Sinch: %w", err)
	}
	s := &sinch{process: process, stdin: in, in: gob.NewEncoder(in), out: gob.NewDecoder(out)}
	return s, s.out.Decode(&s.Place)
}

func (s *sinch) stop() error {
	if s == nil {
		return nil
	}
	return s.end(s.stdin.Close)
}

// set makes Sinch answer so about these numbers, or about all others if none are given.
func (s *sinch) set(answer string, numbers ...string) error {
	return s.tell(order{Answer: answer, Numbers: numbers})
}

func (s *sinch) tell(o order) error {
	o.Known = len(s.calls)
	var fresh []Call
	if err := errors.Join(s.in.Encode(o), s.out.Decode(&fresh)); err != nil {
		return fmt.Errorf("talk to the process that plays Sinch: %w", err)
	}
	s.calls = append(s.calls, fresh...)
	return nil
}

// during returns the requests of a span of time, without its end.
func (s *sinch) during(from, to time.Time) (calls looks, tokens int, err error) {
	err = s.tell(order{})
	for _, call := range s.calls {
		switch {
		case call.At.Before(from) || !call.At.Before(to):
		case call.Token:
			tokens++
		default:
			calls = append(calls, call)
		}
	}
	// They are noted as they come, but by many at once.
	slices.SortStableFunc(calls, func(a, b Call) int { return a.At.Compare(b.At) })
	return calls, tokens, err
}
