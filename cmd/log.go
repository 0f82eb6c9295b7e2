// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/go-logr/logr"
)

// lazySink puts off the rendering of a logger's values until it logs. controller-runtime makes a logger with several
// values for each walk, of which few say anything.
type lazySink struct {
	logr.LogSink
	values []any
}

func lazy(log logr.Logger) logr.Logger { return log.WithSink(lazySink{LogSink: log.GetSink()}) }

// quietest is the level from which on client-go writes the bodies of requests and answers, and so Secrets. Nobody gets it.
const quietest = 8

func (l lazySink) Enabled(level int) bool { return level < quietest && l.LogSink.Enabled(level) }

func (l lazySink) Info(level int, message string, keysAndValues ...any) {
	l.LogSink.Info(level, message, slices.Concat(l.values, keysAndValues)...)
}

func (l lazySink) Error(err error, message string, keysAndValues ...any) {
	l.LogSink.Error(err, message, slices.Concat(l.values, keysAndValues)...)
}

func (l lazySink) WithValues(keysAndValues ...any) logr.LogSink {
	return lazySink{l.LogSink, slices.Concat(l.values, keysAndValues)}
}

func (l lazySink) WithName(name string) logr.LogSink {
	return lazySink{l.LogSink.WithName(name), l.values}
}
