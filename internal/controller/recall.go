// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// recall is what must be remembered of one number between two walks, and is lost with the process.
type recall struct {
	begun      time.Time    // when this process first met the number: staleness counts from here at the earliest
	generation int64        // of the spec that was last looked at, before the first walk the one that the status shows
	due        time.Time    // when the next look is or was due, zero while suspended
	priority   int          // of that look among those that are due
	seen       time.Time    // the last look that succeeded
	failed     time.Time    // the last look that failed, or was prevented by a pause
	transient  int          // transient failures in a row
	since      time.Time    // when the first of those happened, or a pause first prevented a look
	absent     time.Time    // the first 404 since the last 200
	pending    time.Time    // since when a provisioning job waits or runs
	unwritten  *observation // what was seen and could not be written yet
}

// recalls keeps one recall for each UID. The API server's Delete event is what ends it.
type recalls struct {
	mu    sync.Mutex
	byUID map[types.UID]recall
}

// of returns what is remembered of a number, which begins now if it is met for the first time.
func (r *recalls) of(number *v1alpha1.ActiveNumber, now time.Time) recall {
	r.mu.Lock()
	defer r.mu.Unlock()
	memory, known := r.byUID[number.UID]
	if !known {
		memory = begin(number, now)
		r.byUID[number.UID] = memory
	}
	return memory
}

// peek returns what is remembered of a number, if anything.
func (r *recalls) peek(uid types.UID) recall {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byUID[uid]
}

// keep replaces what is remembered, unless the number was deleted meanwhile.
func (r *recalls) keep(uid types.UID, memory recall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byUID[uid]; known {
		r.byUID[uid] = memory
	}
}

func (r *recalls) evict(uid types.UID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byUID, uid)
}

// overdue is the age of the most overdue look.
func (r *recalls) overdue(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest time.Duration
	for _, memory := range r.byUID {
		if !memory.due.IsZero() {
			oldest = max(oldest, now.Sub(memory.due))
		}
	}
	return oldest
}

func newRecalls() *recalls {
	return &recalls{byUID: map[types.UID]recall{}}
}
