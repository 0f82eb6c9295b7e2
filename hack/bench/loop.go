// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	client "github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// The loop's goroutines: enough of them that a slow answer delays no other look; flat out, one for each core that is
// needed at least.
const (
	pacers = 8
	racers = 2
)

// loop is the bare loop, a process: it asks for the numbers in turn and decodes what comes back, with the operator's own
// client. Each look starts at its time, or, with a rate of 0, when another has ended. It ends when its stdin does, and
// fails if a look did.
func loop(arguments []string) error {
	flags := flag.NewFlagSet("bench loop", flag.ContinueOnError)
	api := flags.String("api", "", "URL of Sinch")
	token := flags.String("token", "", "URL of its token endpoint")
	numbers := flags.Int("numbers", 1, "how many numbers there are")
	rate := flags.Float64("rate", 0, "looks per second; 0 for as many as possible")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	transport, err := client.NewTransport("")
	if err != nil {
		return err
	}
	asking, err := client.New(client.Config{APIURL: *api, TokenURL: *token, Transport: transport, UserAgent: "bench-loop"})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	session := asking.OAuth2(client.Key{ID: keyID, Secret: keySecret})
	return takeTurns(ctx, *rate, func(i int) error {
		_, err := session.ActiveNumber(ctx, project, phoneNumber(i%*numbers))
		return err
	})
}

// takeTurns takes one turn after the other, each at its time, until the context ends or a turn fails.
func takeTurns(ctx context.Context, rate float64, turn func(int) error) error {
	goroutines, began := racers, time.Now()
	due := func(int) time.Time { return began }
	if rate > 0 {
		goroutines = pacers
		due = func(i int) time.Time { return began.Add(time.Duration(float64(i) / rate * float64(time.Second))) }
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var work sync.WaitGroup
	for range goroutines {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; await(ctx, due(i)) == nil; i = int(next.Add(1)) - 1 {
				if err := turn(i); err != nil && ctx.Err() == nil {
					cancel(err)
				}
			}
		})
	}
	work.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// await waits until a time, which may be over.
func await(ctx context.Context, until time.Time) error {
	if left := time.Until(until); left > 0 {
		select {
		case <-time.After(left):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// bareLoop is that process, seen from the bench.
type bareLoop struct {
	*process
	in io.Closer
}

func startLoop(at Place, numbers int, rate float64) (*bareLoop, error) {
	command, err := self("loop", "-api", at.API, "-token", at.Token, "-numbers", fmt.Sprint(numbers), "-rate", fmt.Sprint(rate))
	if err != nil {
		return nil, err
	}
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	process, err := launch(command)
	if err != nil {
		return nil, fmt.Errorf("start the bare loop: %w", err)
	}
	return &bareLoop{process, in}, nil
}

func (l *bareLoop) stop() error {
	if err := l.end(l.in.Close); err != nil {
		return fmt.Errorf("the bare loop: %w", err)
	}
	return nil
}
