// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// census points to every number in the cache, as the cache tells of them. To list the cache would copy all of them at
// once. They are the cache's own: nobody changes them.
type census struct {
	mu      sync.Mutex
	numbers map[types.UID]*v1alpha1.ActiveNumber
	whole   bool // all that there were at the start have been told
}

func newCensus() *census { return &census{numbers: map[types.UID]*v1alpha1.ActiveNumber{}} }

func (c *census) enter(number *v1alpha1.ActiveNumber) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.numbers[number.UID] = number
}

func (c *census) leave(uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.numbers, uid)
}

func (c *census) complete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = true
}

// all are the numbers as they are now, in no order. It reports false as long as some may not have been told yet.
func (c *census) all() ([]*v1alpha1.ActiveNumber, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.numbers)), c.whole
}

// follow is a source that wakes nobody: it keeps the census.
func (r *Reconciler) follow(manager ctrl.Manager) source.SyncingSource {
	return whenSynced{r.census.complete, source.Kind(manager.GetCache(), &v1alpha1.ActiveNumber{}, r.follower())}
}

// follower keeps the census, and has what is remembered of a number forgotten with it. A watch that was interrupted shows a
// deletion and a creation as one update.
func (r *Reconciler) follower() handler.TypedFuncs[*v1alpha1.ActiveNumber, reconcile.Request] {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.TypedFuncs[*v1alpha1.ActiveNumber, reconcile.Request]{
		CreateFunc: func(_ context.Context, e event.TypedCreateEvent[*v1alpha1.ActiveNumber], _ queue) {
			r.census.enter(e.Object)
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.ActiveNumber], _ queue) {
			if e.ObjectOld.UID != e.ObjectNew.UID {
				r.forget(e.ObjectOld.UID)
			}
			r.census.enter(e.ObjectNew)
		},
		DeleteFunc: func(_ context.Context, e event.TypedDeleteEvent[*v1alpha1.ActiveNumber], _ queue) {
			r.forget(e.Object.UID)
		},
	}
}

// whenSynced calls a function once its source has told all that there is.
type whenSynced struct {
	call func()
	source.SyncingSource
}

// WaitForSync is for the controller.
func (w whenSynced) WaitForSync(ctx context.Context) error {
	err := w.SyncingSource.WaitForSync(ctx)
	if err == nil {
		w.call()
	}
	return err
}
