// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// usual are the limits of the flags' defaults, generous ones that nobody meets.
var (
	usual    = limits{rate: 10, burst: 30, flying: 8}
	generous = limits{rate: 1000, burst: 1000, flying: 1000}
)

// visit is one number that comes to the budget at some time.
type visit struct {
	at     time.Time
	uid    types.UID
	urgent bool
	again  time.Duration // after each look; 0: never
	turn   int           // who comes first of those who come at the same time
	ends   *flight       // not a number that comes, but its look that ends
}

// visits is a heap, the earliest first.
type visits []visit

func (v visits) Len() int { return len(v) }
func (v visits) Less(i, j int) bool {
	return v[i].at.Before(v[j].at) || v[i].at.Equal(v[j].at) && v[i].turn < v[j].turn
}
func (v visits) Swap(i, j int) { v[i], v[j] = v[j], v[i] }
func (v *visits) Push(x any)   { *v = append(*v, x.(visit)) }
func (v *visits) Pop() any {
	last := (*v)[len(*v)-1]
	*v = (*v)[:len(*v)-1]
	return last
}

// street is a budget and who comes to it, each exactly when told to, on a clock of its own.
type street struct {
	*budget
	now     time.Time
	coming  visits
	came    int // visits, ever
	looks   []visit
	answers func(visit) error // nil: all good
	takes   time.Duration     // a look
}

func newStreet(of limits) *street {
	return &street{budget: newBudget(of, unjittered), now: birth, answers: func(visit) error { return nil }}
}

// comes lets so many numbers come, all now.
func (s *street) comes(name string, numbers int, urgent bool, again time.Duration) *street {
	for i := range numbers {
		heap.Push(&s.coming, visit{s.now, types.UID(fmt.Sprintf("%s-%d", name, i)), urgent, again, len(s.coming), nil})
	}
	return s
}

// pass lets time pass.
func (s *street) pass(d time.Duration) *street {
	end := s.now.Add(d)
	for len(s.coming) > 0 && !s.coming[0].at.After(end) {
		next := heap.Pop(&s.coming).(visit)
		s.now = next.at
		s.receive(next)
	}
	s.now = end
	return s
}

func (s *street) receive(v visit) {
	if v.ends != nil {
		s.land(*v.ends, s.answers(v), s.now)
		return
	}
	s.came++
	look, turn := s.admit(v.uid, v.urgent, s.now)
	if turn != nil {
		v.at = s.now.Add(turn.wait)
		heap.Push(&s.coming, v)
		return
	}
	s.looks = append(s.looks, v)
	if s.takes > 0 {
		heap.Push(&s.coming, visit{at: s.now.Add(s.takes), ends: &look, uid: v.uid, turn: s.came})
	} else {
		s.land(look, s.answers(v), s.now)
	}
	if v.again > 0 {
		v.at = s.now.Add(v.again)
		heap.Push(&s.coming, v)
	}
}

// waits are the times at which the numbers of that name were looked at, from the beginning.
func (s *street) waits(name string) (waits []time.Duration) {
	for _, look := range s.looks {
		if len(look.uid) > len(name) && look.uid[:len(name)] == types.UID(name) {
			waits = append(waits, look.at.Sub(birth))
		}
	}
	return waits
}

// most is the greatest number of looks in any window of that length.
func (s *street) most(window time.Duration) (most int) {
	first := 0
	for i, look := range s.looks {
		for look.at.Sub(s.looks[first].at) >= window {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func limited(after time.Duration) error { return &sinch.Error{Kind: sinch.Limited, After: after} }

var unavailable = &sinch.Error{Kind: sinch.Unavailable, Cause: "the connection was refused"}

func TestAThousandNumbersInLine(t *testing.T) {
	s := newStreet(usual).comes("routine", 1000, false, 0).pass(10 * time.Second)
	// Of the burst the routine lane has 24 of 30, and then the whole rate, since nothing is urgent.
	if got := len(s.looks); got < 24+99 || got > 24+100 {
		t.Errorf("%d looks in 10 s, want the burst of 24 and 10 a second", got)
	}
	s.pass(2 * time.Minute)
	if got := len(s.looks); got != 1000 {
		t.Fatalf("%d looks, want every number looked at once", got)
	}
	if s.came > 2*1000 {
		t.Errorf("%d visits for 1000 looks, want two each: one to get a place, one when its time has come", s.came)
	}
	for i, look := range s.looks {
		if want := types.UID(fmt.Sprintf("routine-%d", i)); look.uid != want {
			t.Fatalf("look %d is at %s, want %s: the first in line first", i, look.uid, want)
		}
	}
}

func TestAnEditDoesNotStandBehindARoutineOfAThousandSeconds(t *testing.T) {
	s := newStreet(usual).comes("routine", 10_000, false, 0).pass(10*time.Second).comes("edit", 1, true, 0).pass(time.Second)
	if waits := s.waits("edit"); len(waits) != 1 || waits[0] != 10*time.Second {
		t.Errorf("the edit is looked at %v, want at once, after 10 s", waits)
	}
	s.comes("more", 20, true, 0).pass(10 * time.Second)
	if waits := s.waits("more"); len(waits) != 20 || waits[19] > 11*time.Second+8*time.Second {
		t.Errorf("20 edits are looked at %v, want 5 at once and then two a second", waits)
	}
}

func TestNoLaneStarvesTheOther(t *testing.T) {
	s := newStreet(usual)
	s.comes("routine", 10_000, false, time.Second).comes("urgent", 10_000, true, time.Second).pass(100 * time.Second)
	routine, urgent := len(s.waits("routine")), len(s.waits("urgent"))
	// What the urgent put in the routine lane stands behind the routine numbers, which came first.
	if routine < 24+8*99 || urgent < 6+2*99 || routine+urgent > 30+10*100 {
		t.Errorf("in 100 s %d routine and %d urgent looks, want 8 and 2 a second", routine, urgent)
	}
	alone := newStreet(usual).comes("urgent", 10_000, true, 0).pass(100 * time.Second)
	if got := len(alone.looks); got < 30+990 || got > 30+1000 {
		t.Errorf("alone, the urgent get %d looks in 100 s, want the whole rate of 10 a second", got)
	}
}

func TestANumberThatIsEditedInLineTakesTheSoonerTurn(t *testing.T) {
	s := newStreet(usual).comes("routine", 1000, false, 0).pass(time.Second)
	if _, turn := s.admit("routine-999", true, s.now); turn != nil {
		t.Errorf("the last in line must wait %s once it is edited, want no wait", turn.wait)
	}
	if at, stands := s.routine.places["routine-999"]; stands {
		t.Errorf("it still has place %d of the routine lane", at)
	}
}

func TestU03APauseIsSilent(t *testing.T) {
	s := newStreet(usual).comes("routine", 1000, false, 0)
	s.answers = func(visit) error {
		if s.now.Sub(birth) >= 10*time.Second && s.pauses == 0 {
			return limited(7 * time.Second)
		}
		return nil
	}
	s.pass(10 * time.Second)
	s.pass(time.Second)
	before := len(s.looks)
	begun := s.until.Add(-7 * time.Second)
	s.pass(s.until.Sub(s.now) - time.Nanosecond)
	if got := len(s.looks); got != before || s.pauses != 1 {
		t.Errorf("%d looks during the pause (%d pauses)", got-before, s.pauses)
	}
	s.looks = nil
	came := s.came
	s.pass(20 * time.Second)
	if first := s.looks[0].at.Sub(begun); first < 7*time.Second || first > 8*time.Second {
		t.Errorf("the first look %s after the 429, want 7 s and a token's time", first)
	}
	// Half of the rate of 10 is back at once, and a third of that more after 20 s.
	if got := s.most(time.Second); got > 9 {
		t.Errorf("%d looks within a second after the pause, want 5 to 9", got)
	}
	if got := len(s.looks); got < 120 || got > 140 {
		t.Errorf("%d looks in 20 s after the pause, want about 130", got)
	}
	s.pass(2 * time.Minute)
	if got := before + len(s.looks); got != 1000 {
		t.Errorf("%d looks in all, want everybody looked at", got)
	}
	if wakes := s.came - came; wakes > 5*len(s.looks) {
		t.Errorf("%d visits for %d looks", wakes, len(s.looks))
	}
}

func TestU05AfterAPauseTheRateRecoversInSteps(t *testing.T) {
	b := newBudget(usual, unjittered)
	now := birth
	land := func(outcome error) { b.land(flight{pauses: b.pauses}, outcome, now) }
	land(limited(time.Second))
	if b.rate != 5 {
		t.Errorf("after a 429 the rate is %g, want half of 10", b.rate)
	}
	b.land(flight{pauses: b.pauses - 1}, limited(time.Second), now)
	if b.rate != 5 {
		t.Errorf("a 429 of a look that began before the pause makes the rate %g, want it to change nothing", b.rate)
	}
	land(nil)
	if b.rate != 5 {
		t.Errorf("a good answer during the pause makes the rate %g, want it to change nothing", b.rate)
	}
	now = b.until
	for range 60 {
		now = now.Add(100 * time.Millisecond)
		land(nil)
	}
	if b.rate < 5.99 || b.rate > 6.01 {
		t.Errorf("after six seconds of good answers the rate is %g, want 6: all of it within a minute", b.rate)
	}
	now = now.Add(time.Hour)
	land(nil)
	if b.rate > 6.2 {
		t.Errorf("one good answer after an idle hour makes the rate %g", b.rate)
	}
	for range 1000 {
		land(limited(time.Second))
	}
	if b.rate != 0.1 {
		t.Errorf("after many 429s the rate is %g, want a hundredth of the full rate", b.rate)
	}
	for now = b.until; now.Before(b.until.Add(time.Minute)); now = now.Add(time.Second) {
		land(nil)
	}
	if b.rate < 9.9 || b.rate > 10 {
		t.Errorf("after a minute of good answers the rate is %g, want 10", b.rate)
	}
}

func TestU05A429WithoutATimeDoublesThePause(t *testing.T) {
	b := newBudget(usual, unjittered)
	now := birth
	for _, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		b.land(flight{pauses: b.pauses}, limited(0), now)
		if got := b.until.Sub(now); got != want*time.Second {
			t.Errorf("a pause of %s, want %s", got, want*time.Second)
		}
		now = b.until
	}
	b.land(flight{pauses: b.pauses}, nil, now)
	b.land(flight{pauses: b.pauses}, limited(0), now)
	if got := b.until.Sub(now); got != firstPause {
		t.Errorf("after a good answer a pause of %s, want %s", got, firstPause)
	}
}

func TestADownCredentialSendsOneProbeForEachStep(t *testing.T) {
	s := newStreet(usual).comes("routine", 1000, false, 10*time.Minute)
	s.answers = func(visit) error { return unavailable }
	s.pass(10 * time.Minute)
	// Five failures, then after 2, 4, 8, 16, 32 and 60 s, and once a minute.
	if got := len(s.looks); got < downAfter+12 || got > downAfter+14 {
		t.Errorf("%d looks in ten minutes of outage, want 5 and a probe for each step", got)
	}
	if s.came > 100*600 {
		t.Errorf("%d visits in ten minutes of outage, want at most a hundred a second", s.came)
	}
	_, turn := s.admit("routine-999", false, s.now)
	if turn == nil || turn.pause == nil || turn.pause.Kind != sinch.Unavailable {
		t.Errorf("who waits is told %v, want why", turn)
	}
	s.answers = func(visit) error { return nil }
	before := len(s.looks)
	s.pass(time.Minute)
	recovered := s.now
	s.pass(2 * time.Minute)
	if got := len(s.looks) - before; got < 900 {
		t.Errorf("%d looks in three minutes after the outage (last at %s), want everybody looked at", got, recovered)
	}
}

func TestADownCredentialHasOneLookUnderWay(t *testing.T) {
	b := newBudget(usual, unjittered)
	for i := range downAfter {
		if _, turn := b.admit(types.UID(fmt.Sprint(i)), false, birth); turn != nil {
			t.Fatal("no turn")
		}
	}
	for range downAfter {
		b.land(flight{}, unavailable, birth)
	}
	later := b.until.Add(time.Minute)
	if _, turn := b.admit("probe", false, later); turn != nil {
		t.Fatalf("the probe must wait %s", turn.wait)
	}
	if _, turn := b.admit("another", false, later); turn == nil {
		t.Error("a second look begins before the probe is answered")
	}
	b.land(flight{pauses: b.pauses}, nil, later)
	if _, turn := b.admit("another", false, later); turn != nil {
		t.Errorf("after a good answer the next must wait %s", turn.wait)
	}
}

func TestAQuarterOfTheWorkersAtMost(t *testing.T) {
	b := newBudget(usual, unjittered)
	for i := range 20 {
		_, turn := b.admit(types.UID(fmt.Sprint(i)), i%2 == 0, birth)
		if began := turn == nil; began != (i < usual.flying) {
			t.Errorf("look %d begins: %t", i, began)
		}
		if turn != nil && (turn.wait < nudge/2 || turn.pause != nil) {
			t.Errorf("look %d must wait %s (%v)", i, turn.wait, turn.pause)
		}
	}
	b.land(flight{}, nil, birth)
	if _, turn := b.admit("8", true, birth); turn != nil {
		t.Errorf("with a look less under way the first in line must wait %s", turn.wait)
	}
}

func TestWhoIsGoneHoldsNobodyUp(t *testing.T) {
	for name, leave := range map[string]func(*street, types.UID){
		"deleted numbers": func(s *street, uid types.UID) { s.leave(uid) },
		"numbers that never come": func(s *street, uid types.UID) {
			s.coming = slices.DeleteFunc(s.coming, func(v visit) bool { return v.uid == uid })
			heap.Init(&s.coming)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(usual).comes("routine", 1000, false, 0).pass(time.Second)
			for i := 100; i < 900; i++ {
				leave(s, types.UID(fmt.Sprintf("routine-%d", i)))
			}
			s.coming = slices.DeleteFunc(s.coming, func(v visit) bool {
				_, stands := s.routine.places[v.uid]
				return !stands
			})
			heap.Init(&s.coming)
			s.pass(100*time.Second + givenUp + time.Second)
			if got := len(s.looks); got != 200 {
				t.Errorf("%d looks, want the 200 that are left", got)
			}
		})
	}
}

func TestTheNumbersBehindManyWhoLeftAreServed(t *testing.T) {
	s := newStreet(usual).comes("routine", 10_000, false, 0).pass(time.Second)
	for i := range 9_999 {
		s.leave(types.UID(fmt.Sprintf("routine-%d", i)))
	}
	s.coming, s.looks = nil, nil
	s.comes("more", 60, false, time.Minute).pass(10 * time.Minute)
	if got := len(s.waits("more")); got < 550 {
		t.Errorf("%d looks in ten minutes at 60 numbers that came after many had left, want all of 600", got)
	}
}

func TestAnEditIsNotHeldUpByRoomThatRoutineTakes(t *testing.T) {
	s := newStreet(usual).comes("routine", 1200, false, time.Minute)
	s.takes = 2 * time.Second // so that the eight that may be under way are too few for a rate of ten
	s.pass(time.Minute)
	var slowest time.Duration
	for i := range 100 {
		began := s.now
		name := fmt.Sprintf("edit%d", i)
		s.comes(name, 1, true, 0).pass(7 * time.Second)
		waits := s.waits(name)
		if len(waits) != 1 {
			t.Fatalf("edit %d is looked at %d times", i, len(waits))
		}
		slowest = max(slowest, waits[0]-began.Sub(birth))
	}
	if slowest > 2*time.Second+nudge {
		t.Errorf("the slowest edit waited %s, want the end of a look at most", slowest)
	}
}

func TestWaitingForRoomIsNotAStorm(t *testing.T) {
	for _, rate := range []float64{10, 100, 1000, 10_000} {
		s := newStreet(limits{rate: rate, burst: rate, flying: 8}).comes("hanging", 10_000, false, 0)
		s.takes = 15 * time.Second
		s.answers = func(visit) error { return nil }
		s.pass(time.Minute)
		came := s.came
		s.pass(time.Minute)
		if got := (s.came - came) / 60; got > 1000 {
			t.Errorf("at a rate of %g those who wait come %d times a second", rate, got)
		}
	}
}

func TestQuickLooksAreNotHeldUpForWantOfRoom(t *testing.T) {
	s := newStreet(limits{rate: 5000, burst: 5000, flying: 8}).comes("routine", 4000, false, 0)
	s.takes = time.Millisecond
	s.pass(10 * time.Second)
	if got := len(s.looks); got != 4000 {
		t.Errorf("%d looks of a millisecond in ten seconds, want all of 4000", got)
	}
}

func TestOutcomesOfLooks(t *testing.T) {
	canceled := &sinch.Error{Kind: sinch.Canceled}
	many := func(n int, outcome error) (all []error) {
		for range n {
			all = append(all, outcome)
		}
		return all
	}
	tests := map[string]struct {
		outcomes []error
		down     bool
		pauses   int
	}{
		"five failures in a row":                 {many(5, unavailable), true, 1},
		"four":                                   {many(4, unavailable), false, 0},
		"four, a good answer, and four":          {slices.Concat(many(4, unavailable), many(1, nil), many(4, unavailable)), false, 0},
		"a look that was cut short says nothing": {slices.Concat(many(4, unavailable), many(1, canceled), many(1, unavailable)), true, 1},
		"five 429s":                              {many(5, limited(time.Second)), true, 5},
		"looks that began before the pause say nothing new": {many(8, unavailable), true, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBudget(usual, unjittered)
			for _, outcome := range test.outcomes {
				b.flying++
				b.land(flight{began: birth}, outcome, birth)
			}
			if down := b.free(&b.routine) == 1; down != test.down || b.pauses != test.pauses {
				t.Errorf("down: %t after %d pauses, want %t and %d", down, b.pauses, test.down, test.pauses)
			}
		})
	}
}

func TestAPauseEndsNoSoonerForAnother(t *testing.T) {
	b := newBudget(usual, unjittered)
	b.land(flight{}, limited(time.Minute), birth)
	b.land(flight{}, limited(time.Second), birth)
	if got := b.until.Sub(birth); got != time.Minute {
		t.Errorf("after pauses of a minute and a second it ends in %s", got)
	}
}

func TestNobodySavesTokensForTheEndOfAPause(t *testing.T) {
	b := newBudget(usual, unjittered)
	b.land(flight{}, limited(time.Second), birth)
	if _, turn := b.admit("first", false, b.until.Add(time.Millisecond)); turn == nil {
		t.Error("a look begins with a token from before the pause")
	}
}

func TestALongWaitKeepsItsPlace(t *testing.T) {
	s := newStreet(usual).comes("routine", 3000, false, 0).pass(5 * time.Minute)
	for i, look := range s.looks {
		if want := types.UID(fmt.Sprintf("routine-%d", i)); look.uid != want {
			t.Fatalf("look %d is at %s, want %s", i, look.uid, want)
		}
	}
	if got := len(s.looks); got < 2900 {
		t.Errorf("%d looks in five minutes", got)
	}
}

func TestThrottledWaitersAreNotAStorm(t *testing.T) {
	s := newStreet(usual).comes("routine", 10_000, false, 0)
	s.rate = lowest * usual.rate
	s.answers = func(visit) error { return &sinch.Error{Kind: sinch.Unauthorized} } // which does not raise the rate
	s.pass(time.Minute)
	came := s.came
	s.pass(10 * time.Minute)
	if got := s.came - came; got > 100*600 {
		t.Errorf("10,000 numbers that wait come %d times in ten minutes, want at most a hundred times a second", got)
	}
}

// TestTheBudgetHolds lets numbers come as they like, whenever they like, and looks fail in every way.
func TestTheBudgetHolds(t *testing.T) {
	kinds := []error{nil, nil, nil, nil, errors.New("a bug"), unavailable, limited(0), limited(3 * time.Second), &sinch.Error{Kind: sinch.Canceled}, &sinch.Error{Kind: sinch.NotFound}}
	check := func(seeds []uint32) bool {
		s := newStreet(usual)
		s.answers = func(v visit) error { return kinds[(int(v.uid[len(v.uid)-1])+len(s.looks))%len(kinds)] }
		for i, seed := range seeds {
			s.now = birth.Add(time.Duration(seed%60_000) * time.Millisecond)
			s.comes(fmt.Sprint(i), 1+int(seed>>24)/8, seed%3 == 0, time.Duration(seed%7)*10*time.Second)
		}
		s.now = birth
		s.pass(2 * time.Minute)
		bound := func(window time.Duration) int { return int(usual.burst + usual.rate*window.Seconds() + 1) }
		return s.flying == 0 && s.most(time.Second) <= bound(time.Second) && s.most(10*time.Second) <= bound(10*time.Second)
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 200}); err != nil {
		t.Error(err)
	}
}
