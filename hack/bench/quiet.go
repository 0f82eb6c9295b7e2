// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"
)

// What runs before and after the operator has its numbers: the operator without any, and the bare loop.
const (
	warmUp   = 3 * time.Second
	pacedFor = 25 * time.Second
	flatFor  = 8 * time.Second
)

// idle measures the operator while there are no numbers.
func (w *world) idle(ctx context.Context) error {
	w.say("the operator without numbers…")
	if err := w.startOperator(ctx, w.figures.Configuration.Budget); err != nil {
		return err
	}
	if err := w.wait(ctx, warmUp); err != nil {
		return err
	}
	var err, heapErr error
	w.figures.Baseline.Resident, err = memory(w.operator.pid(), "VmRSS")
	w.figures.Baseline.LiveHeap, heapErr = w.liveHeap(ctx)
	return errors.Join(err, heapErr, w.stopOperator())
}

// liveHeap is what the garbage collector found to be alive. Two collections are waited for, which scraping brings about
// where nothing else does.
func (w *world) liveHeap(ctx context.Context) (number, error) {
	const cycles, heap = "go_gc_cycles_total_gc_cycles_total", "go_gc_heap_live_bytes"
	first, err := w.operator.sample(ctx)
	for latest := first; err == nil; latest, err = w.operator.sample(ctx) {
		if !(latest.sum(cycles) < first.sum(cycles)+2) {
			return number(latest.sum(heap)), nil
		}
		if err := w.wait(ctx, time.Millisecond); err != nil {
			return 0, err
		}
	}
	return 0, err
}

func (w *world) populate(ctx context.Context) error {
	w.say("creating them…")
	began := time.Now()
	err := w.create(ctx, func(created int) { w.say("creating… %s", thousands(created)) })
	w.say("created in %.0f s", time.Since(began).Seconds())
	return err
}

// loopBefore ends the operator and runs the bare loop, right before the operator that it is compared with.
func (w *world) loopBefore(ctx context.Context) error {
	w.say("the bare loop, flat out and at %.1f looks a second…", w.figures.Configuration.Demand)
	var err error
	w.figures.Start.Peak, err = memory(w.operator.pid(), "VmHWM")
	if err := errors.Join(err, w.stopOperator()); err != nil {
		return err
	}
	var flatErr error
	w.figures.FlatOut, flatErr = w.runLoop(ctx, 0, flatFor)
	w.figures.Before, err = w.runLoop(ctx, float64(w.figures.Configuration.Demand), pacedFor)
	return errors.Join(err, flatErr)
}

// loopAfter ends that operator, runs the loop again right after it, and compares.
func (w *world) loopAfter(ctx context.Context) error {
	f := &w.figures
	w.say("the bare loop, at %.1f looks a second…", f.Configuration.Demand)
	err := w.stopOperator()
	if err != nil {
		return err
	}
	f.After, err = w.runLoop(ctx, float64(f.Configuration.Demand), pacedFor)
	f.Steady.Ratio = f.Steady.CPU / ((f.Before.CPU + f.After.CPU) / 2)
	f.Steady.APICPU = (f.Steady.API - (f.Before.API+f.After.API)/2) * f.Steady.Seconds / number(f.Steady.Looks)
	return err
}

func (w *world) runLoop(ctx context.Context, rate float64, d time.Duration) (pace, error) {
	loop, err := startLoop(w.sinch.Place, w.size, rate)
	if err != nil {
		return pace{}, err
	}
	if err := w.wait(ctx, warmUp); err != nil {
		return pace{}, errors.Join(err, loop.stop())
	}
	span, err := w.watch(ctx, loop.process, d)
	return span.pace(), errors.Join(err, loop.stop())
}
