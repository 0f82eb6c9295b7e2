// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// world is all that one size is measured in.
type world struct {
	*fleet
	sinch     *sinch
	apiServer int // process id
	program   string
	operator  *operator // the latest
	figures   figures
}

// configure chooses what fits a size: the demand comfortably into the budget, or twice the capacity of the other one.
func configure(size int) configuration {
	interval := 30.0
	switch {
	case size > 10_000:
		interval = 120
	case size > 1_000:
		interval = 60
	}
	demand := float64(size) / interval
	return configuration{
		Credentials: 1,
		Workers:     workers,
		Interval:    number(interval),
		Demand:      number(demand),
		Budget:      budget{3 * demand, int(3 * demand)},
		Overload:    budget{demand / 2, 10},
	}
}

// measure measures one size from the outside in, and ends what it started in reverse.
func measure(ctx context.Context, size int, program string) (figures, error) {
	began := time.Now()
	w := &world{program: program, figures: figures{Numbers: size, Configuration: configure(size)}}
	say("%s numbers: starting etcd and kube-apiserver…", thousands(size))
	plane, err := kubetest.Run()
	if err != nil {
		return w.figures, err
	}
	err = w.play(ctx, plane)
	w.figures.Took = seconds(time.Since(began))
	return w.figures, errors.Join(err, w.operator.stop(), w.sinch.stop(), plane.Stop())
}

func (w *world) play(ctx context.Context, plane *kubetest.ControlPlane) error {
	var err error
	interval := time.Duration(float64(w.figures.Configuration.Interval) * float64(time.Second))
	if w.apiServer, err = childNamed("kube-apiserver"); err != nil {
		return err
	}
	if w.sinch, err = startSinch(); err != nil {
		return err
	}
	if w.fleet, err = newFleet(ctx, plane, w.figures.Numbers, interval); err != nil {
		return err
	}
	for _, scene := range []func(context.Context) error{
		w.idle, w.populate, w.start, w.edits, w.storm, w.loopBefore, w.restart, w.loopAfter, w.overload,
	} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) say(format string, arguments ...any) {
	say("%s numbers: %s", thousands(w.figures.Numbers), fmt.Sprintf(format, arguments...))
}

// startOperator starts the operator, and ends the one before if it runs.
func (w *world) startOperator(ctx context.Context, may budget) error {
	if err := w.stopOperator(); err != nil {
		return err
	}
	kubeconfig, err := w.operatorKubeconfig(ctx)
	if err != nil {
		return err
	}
	w.operator, err = startOperator(w.program, kubeconfig, w.sinch.Place, may)
	return err
}

// stopOperator ends the operator, if one runs.
func (w *world) stopOperator() error {
	operator := w.operator
	w.operator = nil
	return operator.stop()
}

// wait waits that long, unless the operator ends meanwhile.
func (w *world) wait(ctx context.Context, d time.Duration) error {
	var ended chan struct{}
	if w.operator != nil {
		ended = w.operator.ended
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-ended:
		return errors.New("the operator ended by itself")
	}
}

// until asks about every half second whether something is so, for as long as it may take, and reports whether it is.
func (w *world) until(ctx context.Context, limit time.Duration, so func() (bool, error)) (bool, error) {
	for began := time.Now(); time.Since(began) < limit; {
		if is, err := so(); err != nil || is {
			return is, err
		}
		if err := w.wait(ctx, time.Second/2); err != nil {
			return false, err
		}
	}
	return false, nil
}

// span is what happened during some time.
type span struct {
	from, to time.Time
	cpu, api time.Duration // of the process that was watched, and of the API server
	looks    looks
	tokens   int
}

// watch lets some time go by, and tells what a process did in it.
func (w *world) watch(ctx context.Context, p *process, d time.Duration) (span, error) {
	cpu, err := cpuTime(p.pid())
	api, apiErr := cpuTime(w.apiServer)
	s := span{from: time.Now()}
	if err := errors.Join(err, apiErr, w.wait(ctx, d)); err != nil {
		return s, err
	}
	s.cpu, err = cpuTime(p.pid())
	s.api, apiErr = cpuTime(w.apiServer)
	s.to = time.Now()
	s.cpu, s.api = s.cpu-cpu, s.api-api
	var callsErr error
	s.looks, s.tokens, callsErr = w.sinch.during(s.from, s.to)
	return s, errors.Join(err, apiErr, callsErr)
}

func (s span) pace() pace {
	took := s.to.Sub(s.from).Seconds()
	return pace{
		Seconds: number(took),
		Looks:   len(s.looks),
		CPU:     number(s.cpu.Seconds() / float64(len(s.looks))),
		API:     number(s.api.Seconds() / took),
	}
}

func seconds(d time.Duration) number { return number(d.Seconds()) }
