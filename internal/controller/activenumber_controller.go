// SPDX-License-Identifier: Apache-2.0

// Package controller keeps the mirror in step: it looks at each declared number from time to time and writes what it saw.
//
// A walk is one sentence, Reconcile. Its steps are rooms of their own: observe.go and sessions.go ask Sinch, judge*.go
// decide what that means and know nothing but their arguments, schedule.go says when to look again, announce.go tells
// who listens. What lasts between two walks and is not in the status is in recall.go.
//
// Whoever scrapes is told by collector.go how late the operator is and what it may ask, by traffic.go what Sinch was asked,
// and by exposition.go of each number: gauges.go says what, census.go of which.
package controller

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// An error that a walk returns means that the API server failed, or a bug: it is tried again after firstRetry, doubling up
// to lastRetry.
const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// cacheTimeout is how long the controller waits for its first list of numbers, which never comes without the CRD.
const cacheTimeout = 30 * time.Second

// Options are what a Reconciler is set up with.
type Options struct {
	Sinch     *sinch.Client
	Workers   int              // walks at the same time
	Heartbeat time.Duration    // from one write of an otherwise unchanged status to the next, at least
	Rate      float64          // looks per second with one credential
	Burst     int              // looks at once with one credential that has rested, at least 2
	Now       func() time.Time // the clock; time.Now if nil
	Tell      *Exposition      // is told where the numbers are; nil if nobody scrapes
}

// Reconciler mirrors each ActiveNumber.
type Reconciler struct {
	Options
	client   client.Client
	instance string // of the operator, for whoever reads its events
	sessions *sessions
	recall   *recalls
	census   *census
}

// Setup adds a Reconciler to a manager.
func Setup(manager ctrl.Manager, options Options) error {
	r := newReconciler(manager, options)
	if tell := options.Tell; tell != nil {
		tell.census, tell.recall, tell.leads = r.census, r.recall, manager.Elected()
	}
	return errors.Join(registerAll(r.overdue(), budgets{r.sessions}), r.register(manager))
}

func newReconciler(manager ctrl.Manager, options Options) *Reconciler {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Reconciler{
		Options:  options,
		client:   manager.GetClient(),
		instance: instance(),
		sessions: newSessions(manager.GetAPIReader(), options, jitter),
		recall:   newRecalls(),
		census:   newCensus(),
	}
}

// instance is the name of the pod, as its containers know it.
func instance() string {
	host, err := os.Hostname()
	if err != nil {
		return reporter
	}
	return host
}

// jitter is a random time from half of d to d, so that those who failed together do not come back together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func (r *Reconciler) register(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("activenumber").
		For(&v1alpha1.ActiveNumber{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, replacedOrAsked))).
		WatchesRawSource(r.follow(manager)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: r.Workers,
			CacheSyncTimeout:        cacheTimeout,
			EnableWarmup:            new(true),
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, lastRetry),
		}).
		Complete(reconcile.AsReconciler(r.client, r))
}

// replacedOrAsked lets pass an update that brings another poll request, or another number of the same name: a watch that
// was interrupted shows a deletion and a creation as one update.
var replacedOrAsked = predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		const poll = v1alpha1.PollRequestedAtAnnotation
		return replaced(e) || e.ObjectOld.GetAnnotations()[poll] != e.ObjectNew.GetAnnotations()[poll]
	},
}

func replaced(e event.UpdateEvent) bool {
	return e.ObjectOld.GetUID() != e.ObjectNew.GetUID()
}

func (r *Reconciler) forget(uid types.UID) {
	r.census.leave(uid)
	r.recall.evict(uid)
	r.sessions.leave(uid)
}

// Reconcile walks one number.
func (r *Reconciler) Reconcile(ctx context.Context, number *v1alpha1.ActiveNumber) (reconcile.Result, error) {
	memory := r.recall.of(number, r.Now())
	if left := untilDue(number, memory, r.Now()); left > 0 {
		return sleep(left, memory.priority), nil
	}
	seen, err := r.observe(ctx, number, memory)
	if err != nil {
		return reconcile.Result{}, unlessEnding(ctx, err)
	}
	was := snapshot(number)
	after := judge(number, memory, seen, r.Now())
	if err := r.write(ctx, was, number); err != nil {
		return r.settle(ctx, was, memory, seen, err)
	}
	r.announce(ctx, was, number)
	after = after.plan(number, seen, jitter)
	r.recall.keep(number.UID, after)
	left := untilNext(number, after, seen, r.Now())
	if debug := log.FromContext(ctx).V(1); debug.Enabled() {
		debug.Info("walked", "synced", current(number, v1alpha1.ConditionSynced).reason, "failed", seen.reason, "queued", seen.queued, "next", left)
	}
	return sleep(left, rank(number, after, seen)), nil
}

// snapshot is the number as it is now. judge changes nothing but the status, and of that replaces all but the conditions.
func snapshot(number *v1alpha1.ActiveNumber) *v1alpha1.ActiveNumber {
	was := *number
	was.Status.Conditions = slices.Clone(number.Status.Conditions)
	return &was
}

// write stores the status if it says something new, or its last sync time is older than the heartbeat. The lock refuses
// it if the number was changed since it was read.
func (r *Reconciler) write(ctx context.Context, was, is *v1alpha1.ActiveNumber) error {
	if !r.worthWriting(was, is) {
		is.Status = was.Status
		return nil
	}
	return r.client.Status().Patch(ctx, is, client.MergeFromWithOptions(was, client.MergeFromWithOptimisticLock{}))
}

func (r *Reconciler) worthWriting(was, is *v1alpha1.ActiveNumber) bool {
	before, after := was.Status.LastSyncTime, is.Status.LastSyncTime
	if before == nil || after == nil {
		return !sameStatus(was.Status, is.Status)
	}
	but := is.Status
	but.LastSyncTime = before
	age := after.Sub(before.Time) // negative if the time that was written lies in the future
	return !sameStatus(was.Status, but) || age < 0 || age >= max(r.Heartbeat, is.Spec.Interval.Duration)
}

// sameStatus compares field by field, and what was seen byte by byte before it does so by meaning: most walks find nothing
// new, and to compare all of it by meaning took a fifteenth of their time.
func sameStatus(a, b v1alpha1.ActiveNumberStatus) bool {
	return a.ObservedGeneration == b.ObservedGeneration &&
		a.LastHandledPollRequest == b.LastHandledPollRequest &&
		a.LastSyncTime.Equal(b.LastSyncTime) &&
		slices.Equal(a.Drift, b.Drift) &&
		slices.EqualFunc(a.Conditions, b.Conditions, sameCondition) &&
		(reflect.DeepEqual(a.Observed, b.Observed) || equality.Semantic.DeepEqual(a.Observed, b.Observed))
}

func sameCondition(a, b metav1.Condition) bool {
	at := a.LastTransitionTime.Equal(&b.LastTransitionTime)
	a.LastTransitionTime = b.LastTransitionTime
	return at && a == b
}

// settle keeps what was seen and could not be written, so that the next walk judges it anew without a second look.
func (r *Reconciler) settle(ctx context.Context, was *v1alpha1.ActiveNumber, memory recall, seen observation, err error) (reconcile.Result, error) {
	if apierrors.IsNotFound(err) {
		return reconcile.Result{}, nil // deleted meanwhile
	}
	if apierrors.IsConflict(err) {
		seen.conflict, seen.refused, err = was.ResourceVersion, r.Now(), nil
	}
	if !seen.queued {
		memory.unwritten = &seen
	}
	r.recall.keep(was.UID, memory)
	if err != nil {
		return reconcile.Result{}, unlessEnding(ctx, err)
	}
	return sleep(conflictGap, urgentPriority), nil
}

func sleep(left time.Duration, priority int) reconcile.Result {
	return reconcile.Result{RequeueAfter: left, Priority: &priority}
}

// unlessEnding drops the error of a step that was cut short because the process ends.
func unlessEnding(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return err
}
