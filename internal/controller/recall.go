// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// recall is what must be remembered of one number between two walks, and is lost with the process.
type recall struct {
	begun      time.Time    // when this process first met the number: staleness counts from here at the earliest
	generation int64        // of the spec that was last walked; 0 before the first walk
	due        time.Time    // of the next look
	seen       time.Time    // the last look that succeeded
	failed     time.Time    // the last look that failed
	transient  int          // transient failures in a row
	since      time.Time    // when the first of those happened
	absent     time.Time    // the first 404 since the last 200
	pending    time.Time    // since when a provisioning job waits or runs
	held       *observation // what was seen and could not be written yet
}

// recalls keeps one recall for each UID. The API server's Delete event is what ends it.
type recalls struct {
	mu    sync.Mutex
	byUID map[types.UID]recall
}

// of returns what is remembered of a number, which begins now if it is met for the first time.
func (r *recalls) of(uid types.UID, now time.Time) recall {
	r.mu.Lock()
	defer r.mu.Unlock()
	memory, known := r.byUID[uid]
	if !known {
		memory = recall{begun: now}
		r.byUID[uid] = memory
	}
	return memory
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

func newRecalls() *recalls {
	return &recalls{byUID: map[types.UID]recall{}}
}
