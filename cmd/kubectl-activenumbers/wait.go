// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// retryGap is the time from the end of a watch to the next list.
const retryGap = time.Second

// wait follows the requests that are open.
type wait struct {
	client  client.WithWatch
	where   []client.ListOption
	tell    *teller
	open    map[client.ObjectKey]*lookRequest
	silent  int   // requests that ended without an answer
	trouble error // why the numbers could not be followed last
}

func newWait(connected client.WithWatch, where []client.ListOption, tell *teller) *wait {
	return &wait{client: connected, where: where, tell: tell, open: map[client.ObjectKey]*lookRequest{}}
}

// ask opens a request. The patch has nothing but the annotation in it, so it goes with whatever else changes the number.
func (w *wait) ask(ctx context.Context, number *v1alpha1.ActiveNumber, value string) error {
	if number.Spec.Suspend {
		w.end(number, suspended)
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{v1alpha1.PollRequestedAtAnnotation: value}}})
	if err != nil {
		return err
	}
	asked := &v1alpha1.ActiveNumber{ObjectMeta: metav1.ObjectMeta{Namespace: number.Namespace, Name: number.Name}}
	switch err := w.client.Patch(ctx, asked, client.RawPatch(types.MergePatchType, patch)); {
	case apierrors.IsNotFound(err):
		w.end(number, deleted)
	case err != nil:
		return explained(err, fmt.Sprintf("ask for a look at %s/%s", number.Namespace, number.Name))
	default:
		w.open[client.ObjectKeyFromObject(asked)] = newLookRequest(number, asked)
	}
	return nil
}

// await returns once no request is open, or the context ends. Whatever ends a watch, the next list misses nothing.
func (w *wait) await(ctx context.Context, notice time.Duration) error {
	var ticks <-chan time.Time
	if notice > 0 {
		ticker := time.NewTicker(notice)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for len(w.open) > 0 {
		err := w.follow(ctx, ticks)
		switch {
		case ctx.Err() != nil:
			return nil
		case hopeless(err):
			return explained(err, "wait for the answers")
		}
		w.trouble = err
		w.pause(ctx)
	}
	return nil
}

func (w *wait) pause(ctx context.Context) {
	if len(w.open) == 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(retryGap):
	}
}

// hopeless says that trying again will not help.
func hopeless(err error) bool {
	switch apierrors.ReasonForError(err) {
	case metav1.StatusReasonForbidden, metav1.StatusReasonUnauthorized, metav1.StatusReasonNotFound,
		metav1.StatusReasonBadRequest, metav1.StatusReasonMethodNotAllowed:
		return true
	}
	return meta.IsNoMatchError(err)
}

// follow compares how all numbers are now, and then each that changes, until the watch ends.
func (w *wait) follow(ctx context.Context, ticks <-chan time.Time) error {
	var list v1alpha1.ActiveNumberList
	if err := w.client.List(ctx, &list, w.where...); err != nil {
		return err
	}
	w.compareAll(list.Items)
	if len(w.open) == 0 {
		return nil
	}
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.ResourceVersion}}
	changes, err := w.client.Watch(ctx, &v1alpha1.ActiveNumberList{}, append(slices.Clone(w.where), from)...)
	if err != nil {
		return err
	}
	defer changes.Stop()
	for len(w.open) > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks:
			w.tell.waitingFor(w.keys())
		case event, more := <-changes.ResultChan():
			if !more {
				return nil
			}
			if err := w.compareOne(event); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *wait) compareAll(numbers []v1alpha1.ActiveNumber) {
	found := make(map[client.ObjectKey]*v1alpha1.ActiveNumber, len(numbers))
	for i := range numbers {
		found[client.ObjectKeyFromObject(&numbers[i])] = &numbers[i]
	}
	for _, key := range w.keys() {
		w.compare(key, found[key])
	}
}

func (w *wait) compareOne(event watch.Event) error {
	number, ok := event.Object.(*v1alpha1.ActiveNumber)
	switch {
	case event.Type == watch.Error:
		return apierrors.FromObject(event.Object)
	case !ok:
		return nil
	case event.Type == watch.Deleted:
		w.compare(client.ObjectKeyFromObject(number), nil)
	default:
		w.compare(client.ObjectKeyFromObject(number), number)
	}
	return nil
}

// compare ends a request, if it is one that is open and the number as it is now says so.
func (w *wait) compare(key client.ObjectKey, number *v1alpha1.ActiveNumber) {
	request, isOpen := w.open[key]
	if !isOpen {
		return
	}
	if is := request.follow(number); is != waiting {
		delete(w.open, key)
		w.end(request.number, is)
	}
}

func (w *wait) end(number *v1alpha1.ActiveNumber, is outcome) {
	if is != answered {
		w.silent++
	}
	w.tell.end(number, is)
}

// giveUp tells about the requests that are still open, and returns how many have not been answered.
func (w *wait) giveUp(after time.Duration) int {
	for _, key := range w.keys() {
		w.tell.late(w.open[key], after)
	}
	if len(w.open) > 0 {
		w.tell.whatToCheck(w.trouble)
	}
	return w.silent + len(w.open)
}

// keys are those of the open requests, by namespace and name.
func (w *wait) keys() []client.ObjectKey {
	return slices.SortedFunc(maps.Keys(w.open), func(a, b client.ObjectKey) int {
		return byName(*w.open[a].number, *w.open[b].number)
	})
}
