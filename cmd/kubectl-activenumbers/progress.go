// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"k8s.io/cli-runtime/pkg/printers"
)

const (
	quietTime = time.Second            // in which nothing is said
	sayAgain  = 200 * time.Millisecond // from one look at the text to the next
)

// progress tells a person at a terminal, in one line that changes, what takes longer than a second.
type progress struct {
	mu    sync.Mutex
	text  string
	ended chan struct{} // nil: there is nobody to tell
	gone  chan struct{}
}

func newProgress(out io.Writer, text string) *progress {
	if !printers.IsTerminal(out) {
		return &progress{}
	}
	return startProgress(out, text)
}

func startProgress(out io.Writer, text string) *progress {
	p := &progress{text: text, ended: make(chan struct{}), gone: make(chan struct{})}
	go p.show(out)
	return p
}

func (p *progress) show(out io.Writer) {
	defer close(p.gone)
	shown := ""
	for wait := quietTime; ; wait = sayAgain {
		select {
		case <-time.After(wait):
			if text := p.now(); text != shown {
				fmt.Fprintf(out, "\r%s\x1b[K", text)
				shown = text
			}
		case <-p.ended:
			if shown != "" {
				fmt.Fprint(out, "\r\x1b[K")
			}
			return
		}
	}
}

func (p *progress) now() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text
}

// say replaces the text.
func (p *progress) say(format string, values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = fmt.Sprintf(format, values...)
}

// end takes the line away.
func (p *progress) end() {
	if p.ended != nil {
		close(p.ended)
		<-p.gone
	}
}
