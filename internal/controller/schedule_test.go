// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func unjittered(d time.Duration) time.Duration { return d }

func TestUntilDue(t *testing.T) {
	asks := func(value string) func(*story) {
		return func(s *story) { s.number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: value} }
	}
	tests := map[string]struct {
		before func(*story)
		want   time.Duration
	}{
		"a number that was looked at sleeps the rest": {func(*story) {}, 7 * time.Minute},
		"an edited number is due":                     {func(s *story) { s.edited(expectType) }, 0},
		"a number never walked is due":                {func(s *story) { s.number.Status.ObservedGeneration = 0; s.restarted() }, 0},
		"a number edited before the start is due":     {func(s *story) { s.edited(expectType).restarted() }, 0},
		"a suspended number is not due":               {func(s *story) { s.edited(suspend).sees(noLook) }, interval},
		"a number that asks for a look is due":        {asks("2026-11-21T09:03:00Z"), 0},
		"a request of 64 characters counts":           {asks(strings.Repeat("ü", 64)), 0},
		"a request of 65 characters is ignored":       {asks(strings.Repeat("x", 65)), 7 * time.Minute},
		"an answered request is no request": {func(s *story) {
			asks("1")(s)
			s.number.Status.LastHandledPollRequest = "1"
		}, 7 * time.Minute},
		"a suspended number lets a request wait": {func(s *story) { asks("1")(s.edited(suspend).sees(noLook)) }, interval},
		"what could not be written is due": {func(s *story) {
			s.number.ResourceVersion = "7"
			s.memory.unwritten = &observation{}
		}, 0},
		"what was refused waits for the change that refused it": {func(s *story) {
			s.number.ResourceVersion = "7"
			s.memory.unwritten = &observation{conflict: "7", refused: s.now}
		}, conflictGap},
		"what was refused for no change is due after a minute": {func(s *story) {
			s.number.ResourceVersion = "7"
			s.memory.unwritten = &observation{conflict: "7", refused: s.now.Add(-conflictTrust)}
		}, 0},
		"a first 404 answers no request, and is followed after ten seconds all the same": {func(s *story) {
			asks("1")(s.sees(missing).later(3 * time.Second))
		}, absenceGap - 3*time.Second},
		"a number whose looks fail is woken to become stale": {func(s *story) {
			s.edited(lookedAtEvery(24 * time.Hour)).sees(sees()).later(time.Second).sees(outage)
			s.memory.due = s.now.Add(100 * time.Hour)
		}, 72*time.Hour - time.Second + time.Millisecond},
		"what was refused is due once that change is here": {func(s *story) {
			s.number.ResourceVersion = "8"
			s.memory.unwritten = &observation{conflict: "7", refused: s.now}
		}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).sees(sees())
			s.memory.due = s.now.Add(interval)
			s.later(3 * time.Minute)
			test.before(s)
			if got := untilDue(s.number, s.memory, s.now); got != test.want {
				t.Errorf("due in %s, want %s", got, test.want)
			}
		})
	}
}

// inSlot stands for the time until the number's next slot.
const inSlot = time.Duration(-1)

func TestPlan(t *testing.T) {
	waits := func(o observation, wait time.Duration) observation {
		o.wait = wait
		return o
	}
	running := sees(smsJob("WAITING"))
	tests := map[string]struct {
		looks    []observation // a minute apart
		want     time.Duration
		priority int
	}{
		"a good look is followed in the next slot":            {[]observation{sees()}, inSlot, routinePriority},
		"a first 404 is followed after ten seconds":           {[]observation{sees(), missing}, absenceGap, soonPriority},
		"a second one in the next slot":                       {[]observation{missing, missing}, inSlot, routinePriority},
		"a job that appears is looked at after 15 s":          {[]observation{sees(), running}, 15 * time.Second, soonPriority},
		"a job a minute old after another":                    {[]observation{running, running}, time.Minute, soonPriority},
		"a job two minutes old after two more":                {[]observation{running, running, sees(voiceJob("IN_PROGRESS"))}, 2 * time.Minute, soonPriority},
		"an old job in the next slot":                         {append(repeat(running, 30), running), inSlot, routinePriority},
		"a job that is over in the next slot":                 {[]observation{running, sees(smsJob("FAILED"))}, inSlot, routinePriority},
		"a first failure after two seconds":                   {[]observation{outage}, 2 * time.Second, routinePriority},
		"each further one after twice the time":               {repeat(outage, 4), 16 * time.Second, routinePriority},
		"a long outage in the next slot":                      {repeat(outage, 100), inSlot, routinePriority},
		"a rate limit after the time that it asks for":        {[]observation{waits(fails(v1alpha1.ReasonRateLimited), 7*time.Second)}, 7 * time.Second, routinePriority},
		"a rate limit that asks for little, after the longer": {append(repeat(outage, 4), waits(fails(v1alpha1.ReasonRateLimited), time.Second)), 32 * time.Second, routinePriority},
		"a refused key when it is tried again":                {[]observation{waits(locked, 40*time.Second)}, 40 * time.Second, routinePriority},
		"a denied number in the next slot":                    {[]observation{fails(v1alpha1.ReasonAccessDenied)}, inSlot, routinePriority},
		"a rejected request in the next slot":                 {[]observation{fails(v1alpha1.ReasonRequestRejected)}, inSlot, routinePriority},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			for _, seen := range test.looks {
				s.later(time.Minute).sees(seen)
			}
			if test.want == inSlot {
				test.want = untilSlot(s.number.UID, interval, s.now, interval/slotGap)
			}
			if got := s.memory.due.Sub(s.now); got != test.want || s.memory.priority != test.priority {
				t.Errorf("next look in %s with priority %d, want %s and %d", got, s.memory.priority, test.want, test.priority)
			}
		})
	}
}

func TestABackoffIsSpread(t *testing.T) {
	s := newStory(t)
	s.memory = judge(s.number, s.memory, outage, s.now).plan(s.number, outage, func(d time.Duration) time.Duration { return d / 3 })
	if got := s.memory.due.Sub(outage.at); got != firstBackoff/3 {
		t.Errorf("the first backoff is %s, want what jitter makes of %s", got, firstBackoff)
	}
	different := map[time.Duration]bool{}
	for range 1000 {
		d := jitter(time.Minute)
		if different[d] = true; d < 30*time.Second || d > time.Minute {
			t.Errorf("a minute is spread to %s", d)
		}
	}
	if len(different) < 100 {
		t.Errorf("1000 backoffs are spread over %d moments", len(different))
	}
}

func TestTheMostOverdueLook(t *testing.T) {
	memory := newRecalls()
	s := newStory(t).sees(sees())
	overdue := func() time.Duration {
		memory.byUID[s.number.UID] = s.memory
		return memory.overdue(s.now)
	}
	s.now = s.memory.due.Add(-time.Second)
	if got := overdue(); got != 0 {
		t.Errorf("before its slot a number is overdue by %s", got)
	}
	s.later(time.Minute + time.Second).sees(inLine)
	if got := overdue(); got != time.Minute {
		t.Errorf("in line for a minute it is overdue by %s", got)
	}
	s.edited(suspend).sees(noLook).later(time.Hour)
	if got := overdue(); got != 0 {
		t.Errorf("suspended it is overdue by %s", got)
	}
}

func TestWhoWaitsInLineStaysDue(t *testing.T) {
	s := newStory(t).sees(sees())
	s.now = s.memory.due
	for range 3 {
		s.later(time.Second).sees(inLine)
	}
	if got, rest := untilDue(s.number, s.memory, s.now), untilNext(s.number, s.memory, inLine, s.now); got != -3*time.Second || rest != inLine.wait {
		t.Errorf("due in %s and walked after %s, want overdue by 3s and walked after %s", got, rest, inLine.wait)
	}
	s.edited(expectType).sees(inLine)
	if got := rank(s.number, s.memory, inLine); got != urgentPriority || !urgent(s.number, s.memory) {
		t.Errorf("an edited number that waits in line has priority %d", got)
	}
	s.sees(sees())
	if left := untilDue(s.number, s.memory, s.now); urgent(s.number, s.memory) || left < interval/slotGap {
		t.Errorf("once looked at it is due in %s", left)
	}
}

func TestAfterARestart(t *testing.T) {
	tests := map[string]struct {
		before func(*story)
		within time.Duration // 0: due at once
	}{
		"a good number waits for its slot":             {func(s *story) { s.sees(sees()) }, interval},
		"a number that is not there waits, too":        {func(s *story) { s.sees(missing).later(time.Minute).sees(missing) }, interval},
		"a failed job waits, too":                      {func(s *story) { s.sees(sees(smsJob("FAILED"))) }, interval},
		"a job under way is looked at soon":            {func(s *story) { s.sees(sees(smsJob("WAITING"))) }, time.Minute},
		"a number that was never seen is":              {func(s *story) { s.sees(outage) }, time.Minute},
		"a number that Sinch denies is":                {func(s *story) { s.sees(sees()).sees(fails(v1alpha1.ReasonAccessDenied)) }, time.Minute},
		"a stale number is":                            {func(s *story) { s.sees(sees()).later(4 * interval).sees(outage) }, time.Minute},
		"soon is never later than a short interval":    {func(s *story) { s.edited(lookedAtEvery(30 * time.Second)).sees(outage) }, 30 * time.Second},
		"a number that was never walked is due":        {func(*story) {}, 0},
		"a number that was edited meanwhile is due":    {func(s *story) { s.sees(sees()).edited(expectType) }, 0},
		"a suspended number is only walked for a look": {func(s *story) { s.edited(suspend).sees(noLook) }, interval},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			latest := time.Duration(0)
			for uid := range 200 {
				s := newStory(t)
				s.number.UID = types.UID(strconv.Itoa(uid))
				test.before(s)
				s.later(3 * time.Second).restarted()
				left := untilDue(s.number, s.memory, s.now)
				if left > test.within || left < 0 || test.within > 0 && left == 0 {
					t.Fatalf("due in %s, want within %s", left, test.within)
				}
				latest = max(latest, left)
			}
			if latest < test.within/2 {
				t.Errorf("all are due within %s, want them spread over %s", latest, test.within)
			}
		})
	}
}

func lookedAtEvery(d time.Duration) func(*v1alpha1.ActiveNumberSpec) {
	return func(spec *v1alpha1.ActiveNumberSpec) { spec.Interval.Duration = d }
}

// TestSlots checks what must hold for any number at any time.
func TestSlots(t *testing.T) {
	check := func(uid string, seconds int64, nanoseconds uint32, between uint32) bool {
		now := time.Unix(seconds%(1<<40), int64(nanoseconds))
		every := 30*time.Second + time.Duration(between)*time.Millisecond%(24*time.Hour-30*time.Second)
		slot := untilSlot(types.UID(uid), every, now, 0)
		again := untilSlot(types.UID(uid), every, now.Add(slot), 0)
		skipped := untilSlot(types.UID(uid), every, now, slot)
		middle := untilSlot(types.UID(uid), every, now.Add(slot/2), 0)
		return slot > 0 && slot <= every && again == every && skipped == slot+every && (slot < 2 || middle == slot-slot/2)
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20_000}); err != nil {
		t.Error(err)
	}
}

// TestK13 has clocks jump, machines sleep and intervals change, and checks that nobody is asked in a storm or forgotten.
func TestK13(t *testing.T) {
	check := func(uid string, jumps []int16, minutes []uint8) bool {
		s := newStory(t)
		s.number.UID = types.UID(uid)
		for i, jump := range jumps {
			s.sees(sees())
			every := s.number.Spec.Interval.Duration
			gap := untilNext(s.number, s.memory, sees(), s.now)
			if gap <= every/slotGap || gap > every+every/slotGap {
				return false
			}
			s.later(gap) // as the queue's timer counts, which knows nothing of what the clock is set to
			s.number.Status.LastSyncTime = &metav1.Time{Time: s.now.Add(time.Duration(jump) * time.Second)}
			if untilDue(s.number, s.memory, s.now) > 0 {
				return false
			}
			s.later(time.Duration(jump) * time.Second)
			if i < len(minutes) {
				s.number.Spec.Interval.Duration = time.Minute + time.Duration(minutes[i])*time.Minute
			}
		}
		return true
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// TestTheLoadIsLevel counts the looks at 10,000 numbers that all begin at the same time.
func TestTheLoadIsLevel(t *testing.T) {
	const numbers, every, window = 10_000, time.Minute, 10 * time.Second
	var looks [every / window]int
	for i := range numbers {
		uid := types.UID(fmt.Sprintf("7d3f5a52-93c1-4e0b-8a3c-%012d", i))
		looks[(untilSlot(uid, every, birth, 0)-1)/window]++
	}
	if most := slices.Max(looks[:]); most > numbers/len(looks)*13/10 {
		t.Errorf("%d looks in %s, want at most 1.3 times the mean of %d", most, window, numbers/len(looks))
	}
}

func TestSlotsBeginWithABeat(t *testing.T) {
	for i := range 1000 {
		for _, every := range []time.Duration{30 * time.Second, 10 * time.Minute, 24 * time.Hour} {
			slot := birth.Add(untilSlot(types.UID(strconv.Itoa(i)), every, birth, every/slotGap))
			if !slot.Equal(slot.Truncate(beat)) {
				t.Fatalf("every %s, a slot begins at %s, which is no beat of %s", every, slot, beat)
			}
		}
	}
}

func TestARequestThatCameDuringTheLookIsNext(t *testing.T) {
	s := newStory(t).sees(sees())
	s.number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: "2"}
	for asked, want := range map[string]time.Duration{"": conflictGap, "1": conflictGap, "2": absenceGap} {
		seen := missing
		seen.asked, seen.at = asked, s.now
		memory := s.memory.plan(s.number, seen, unjittered)
		s.number.Status.LastHandledPollRequest = asked
		if got := untilNext(s.number, memory, seen, s.now); got != want {
			t.Errorf("after a look for the request %q the next is in %s, want %s", asked, got, want)
		}
	}
}

func repeat(seen observation, times int) []observation {
	var all []observation
	for range times {
		all = append(all, seen)
	}
	return all
}

// ledger counts what a story costs.
type ledger struct {
	*story
	looks, writes, events int // looks that fail
}

func (l *ledger) sees(seen observation) {
	was := l.number.DeepCopy()
	l.story.sees(seen)
	if seen.looked() && seen.number == nil {
		l.looks++
	}
	if (&Reconciler{Options: Options{Heartbeat: time.Hour}}).worthWriting(was, l.number) {
		l.writes++
	}
	for _, condition := range announced {
		if flipped(condition, current(was, condition), current(l.number, condition)) {
			l.events++
		}
	}
}

func TestU01AnOutageIsCheap(t *testing.T) {
	reasons := []string{v1alpha1.ReasonProviderUnavailable, v1alpha1.ReasonMalformedResponse, v1alpha1.ReasonRateLimited}
	healthy := int(10 * time.Hour / interval)
	tests := map[string]struct {
		seen  func(l *ledger) observation
		looks int // at most
	}{
		"looks fail":                  {func(l *ledger) observation { return fails(reasons[l.looks%len(reasons)]) }, healthy + 10},
		"a pause prevents them":       {func(*ledger) observation { return paused }, 0},
		"a short pause after another": {func(*ledger) observation { return pausedFor(7 * time.Second) }, 0},
		"a look fails, and a long pause comes": {func(l *ledger) observation {
			if l.looks == 0 {
				return outage
			}
			return pausedFor(11 * time.Hour)
		}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := &ledger{story: newStory(t).sees(sees())}
			l.now = l.memory.due
			for end := l.now.Add(10 * time.Hour); l.now.Before(end); {
				seen := test.seen(l)
				if untilDue(l.number, l.memory, l.now) < 0 && l.memory.due.After(l.now) {
					seen = noLook // woken to become stale
				}
				l.sees(seen)
				l.later(untilNext(l.number, l.memory, seen, l.now))
			}
			if l.looks > test.looks || l.writes > 2 || l.events != 2 {
				t.Errorf("%d looks, %d writes and %d events in ten hours, want at most %d and 2, and 2", l.looks, l.writes, l.events, test.looks)
			}
			l.is("Ready=Unknown/Stale")
			before := l.writes
			l.sees(sees())
			if l.is("Synced=True/Observed", "Ready=True/Ready"); l.writes != before+1 || l.events != 4 {
				t.Errorf("the recovery cost %d writes, and there were %d events in all, want 1 and 4", l.writes-before, l.events)
			}
		})
	}
}

func pausedFor(wait time.Duration) observation {
	seen := paused
	seen.wait = wait
	return seen
}

// TestU02FlappingCostsTwiceTheLooksAtMost lets every other look fail, and then half of them by chance.
func TestU02FlappingCostsTwiceTheLooksAtMost(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for name, fail := range map[string]func(look int) bool{
		"every other look": func(look int) bool { return look%2 == 0 },
		"half of them":     func(int) bool { return chance.IntN(2) == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			l := &ledger{story: newStory(t).sees(sees())}
			looks := 0
			l.now = l.memory.due
			const days = 7
			for end := l.now.Add(days * 24 * time.Hour); l.now.Before(end); looks++ {
				seen := sees()
				if fail(looks) {
					seen = outage
				}
				l.sees(seen)
				l.is("Ready=True/Ready")
				l.later(untilNext(l.number, l.memory, seen, l.now))
			}
			healthy := int(days * 24 * time.Hour / interval)
			if most := healthy * 21 / 10; looks > most { // chance may have it a little more than twice
				t.Errorf("%d looks, want at most about twice the %d of a healthy number", looks, healthy)
			}
		})
	}
}

func TestEveryFieldOfTheStatusIsCompared(t *testing.T) {
	s := newStory(t).sees(sees())
	s.number.Status.LastHandledPollRequest = "1"
	s.number.Status.Drift = []v1alpha1.Difference{{Field: "type"}}
	status := reflect.ValueOf(s.number.Status)
	for i := range status.NumField() {
		name, other := status.Type().Field(i).Name, *s.number.Status.DeepCopy()
		if status.Field(i).IsZero() {
			t.Fatalf("%s is not set", name)
		}
		if !sameStatus(s.number.Status, other) {
			t.Fatal("a copy is not the same")
		}
		reflect.ValueOf(&other).Elem().Field(i).SetZero()
		if sameStatus(s.number.Status, other) {
			t.Errorf("without %s the status is the same", name)
		}
	}
	other := s.number.Status.DeepCopy()
	other.Observed.NextChargeDate = &metav1.Time{Time: other.Observed.NextChargeDate.In(time.FixedZone("elsewhere", 3600))}
	if !sameStatus(s.number.Status, *other) {
		t.Error("the same time in another zone is another time")
	}
}

func TestFlips(t *testing.T) {
	tests := map[string]struct {
		condition     string
		before, after verdict
		want          bool
	}{
		"another reason":                       {"Synced", unknown("Pending", ""), yes("Observed", ""), true},
		"another reason of the same status":    {"SMSProvisioned", unknown("Waiting", ""), unknown("InProgress", ""), true},
		"another message":                      {"Active", yes("Active", "2.00 USD"), yes("Active", "3.00 USD"), false},
		"another error code":                   {"SMSProvisioned", no("Failed", "A"), no("Failed", "B"), true},
		"another drift":                        {"AsExpected", no("Drifted", "A"), no("Drifted", "B"), true},
		"the same failure":                     {"VoiceProvisioned", no("Failed", "A"), no("Failed", "A"), false},
		"Ready that repeats another condition": {"Ready", yes("Ready", ""), no("SMSProvisioningFailed", ""), false},
		"Ready that becomes stale":             {"Ready", yes("Ready", ""), unknown("Stale", ""), true},
		"Ready that is no longer stale":        {"Ready", unknown("Stale", ""), no("NotFound", ""), true},
		"Ready that stays stale":               {"Ready", unknown("Stale", "A"), unknown("Stale", "B"), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := flipped(test.condition, test.before, test.after); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
