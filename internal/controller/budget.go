// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

const (
	routineShare = 0.8         // of the rate and the burst; the rest is for the urgent
	lowest       = 0.01        // of the rate is left after however many 429s
	recovery     = time.Minute // of good answers raises a rate from nothing to its full height
	downAfter    = 5           // transient failures in a row, over all numbers of a credential, until it is down
	firstPause   = 2 * time.Second
	longestPause = time.Minute            // of those that Sinch does not ask for
	nudge        = 100 * time.Millisecond // of waiting is enough to come and see whether it goes faster by now
	firstTook    = 10 * time.Millisecond  // is what a look is thought to take before one has ended
	givenUp      = 2 * time.Minute        // after its time, a place whose number has not come is no longer kept
)

// budget is what one credential may ask of Sinch: so many looks a second, a few at the same time, none in a pause. It has
// no clock and no lock of its own. Whoever is refused stands in line from then on, and is told when to come again.
//
// There are two lanes, each with its share of the tokens and a line of its own, so that neither can starve the other. The
// urgent take whichever lane serves them sooner, the routine their own, into which flows what the urgent leave over.
type budget struct {
	limits          limits
	rate            float64 // tokens per second now
	routine, urgent lane
	counted         time.Time // when the tokens were counted last
	raised          time.Time // when a good answer raised the rate last

	until    time.Time     // the end of the pause
	trouble  *sinch.Error  // the cause of the pause
	pauses   int           // ever: a failure of a look that began before the last one tells nothing new
	streak   int           // pauses since the last good answer
	failures int           // transient ones in a row
	flying   int           // looks under way
	took     time.Duration // by a look of late
	jitter   func(d time.Duration) time.Duration
}

// limits are the same for every credential.
type limits struct {
	rate   float64 // looks per second
	burst  float64 // looks at once after a rest
	flying int     // looks at the same time
}

// queued says when a number's turn comes, at the earliest, and why its whole credential pauses if it does.
type queued struct {
	wait  time.Duration
	pause *sinch.Error
}

func (q *queued) Error() string { return "not yet this number's turn" }

func newBudget(limits limits, jitter func(time.Duration) time.Duration) *budget {
	return &budget{
		limits:  limits,
		rate:    limits.rate,
		routine: newLane(limits.rate, routineShare*limits.burst),
		urgent:  newLane((1-routineShare)*limits.rate, (1-routineShare)*limits.burst),
		took:    firstTook,
		jitter:  jitter,
	}
}

// flight is a look under way.
type flight struct {
	began  time.Time
	pauses int // that there had been
}

// admit lets a number's look begin, or says when to come again. Coming sooner is of no use, and does no harm. Each look
// that begins ends with land.
func (b *budget) admit(uid types.UID, urgent bool, now time.Time) (flight, *queued) {
	b.count(now)
	lane := b.laneFor(uid, urgent)
	wait := b.untilTurn(lane, lane.join(uid, now))
	paused := b.until.Sub(now)
	if paused <= 0 && wait == 0 {
		lane.leave(uid)
		lane.tokens--
		b.flying++
		return flight{now, b.pauses}, nil
	}
	wait += max(paused, 0)
	lane.expect(uid, now.Add(wait))
	if paused > 0 {
		return flight{}, &queued{wait, b.trouble}
	}
	return flight{}, &queued{wait, nil}
}

// laneFor is the lane in which a number stands from now on. The urgent choose the one in which their turn comes sooner,
// be it by the place that they have already.
func (b *budget) laneFor(uid types.UID, urgent bool) *lane {
	if urgent && b.untilTurn(&b.urgent, b.urgent.place(uid)) <= b.untilTurn(&b.routine, b.routine.place(uid)) {
		b.routine.leave(uid)
		return &b.urgent
	}
	b.urgent.leave(uid)
	return &b.routine
}

// untilTurn is the time until there is a token for a place, at best, and room for another look, as far as looks of late
// tell. Whoever comes too soon, since the rate is lower or the looks are slower, waits for the rest.
func (b *budget) untilTurn(l *lane, place int) time.Duration {
	if l.tokens >= l.burst && b.free(l) > 0 {
		return 0 // there is all that is needed, and those before do not come for it
	}
	token := l.untilToken(place)
	slow := time.Duration(float64(token) * b.limits.rate / b.rate)
	token = max(token, min(slow, nudge)) // nobody comes back at once
	missing := place + 1 - b.free(l)
	if missing <= 0 {
		return token
	}
	each := max(time.Duration(float64(time.Second)/b.limits.rate), min(b.took, nudge)/time.Duration(b.limits.flying))
	return max(token, time.Duration(missing)*each+time.Millisecond)
}

// free is how many more looks of a lane may be under way: one in all while the credential is down. The last room is for
// the urgent, if there are any who could go.
func (b *budget) free(l *lane) int {
	switch {
	case b.failures >= downAfter:
		return 1 - b.flying
	case l == &b.routine && len(b.urgent.places) > 0 && b.urgent.tokens >= 1:
		return b.limits.flying - b.flying - 1
	}
	return b.limits.flying - b.flying
}

// count adds the tokens that have come since they were counted last; in a pause none come.
func (b *budget) count(now time.Time) {
	from := b.counted
	if b.until.After(from) {
		from = b.until
	}
	if now.After(from) {
		gained := now.Sub(from).Seconds() * b.rate
		b.routine.gain(routineShare*gained + b.urgent.gain((1-routineShare)*gained))
	}
	b.counted = now
}

// land ends a look with its outcome, which is nil or what sinch returned.
func (b *budget) land(ended flight, outcome error, now time.Time) {
	b.count(now)
	b.flying--
	b.took += (now.Sub(ended.began) - b.took) / 8
	var failure *sinch.Error
	errors.As(outcome, &failure)
	switch kind, after := sinch.KindOf(outcome); kind {
	case sinch.Limited:
		b.failures++
		if ended.pauses == b.pauses {
			b.streak++
			b.rate = max(b.rate/2, lowest*b.limits.rate)
		}
		if after == 0 {
			after = b.backoff()
		}
		b.pause(now.Add(after), failure)
	case sinch.Unavailable, sinch.Malformed:
		b.failures++
		if b.failures >= downAfter && ended.pauses == b.pauses {
			b.streak++
			b.pause(now.Add(b.backoff()), failure)
		}
	case sinch.Canceled, sinch.KeyRefused, sinch.Unauthorized: // says nothing about what Sinch can bear
	default:
		b.failures, b.streak = 0, 0
		b.raise(now)
	}
}

// raise gives back some of the rate: as much of it as the time since the last good answer is of recovery, but for pauses
// and for idle time.
func (b *budget) raise(now time.Time) {
	good := min(now.Sub(b.raised), now.Sub(b.until), time.Second)
	b.rate = min(b.rate+max(good, 0).Seconds()/recovery.Seconds()*b.limits.rate, b.limits.rate)
	b.raised = now
}

// backoff doubles with each pause since the last good answer.
func (b *budget) backoff() time.Duration {
	d := firstPause
	for n := 1; n < b.streak && d < longestPause; n++ {
		d *= 2
	}
	return b.jitter(min(d, longestPause))
}

// pause lets nobody go until then, and nobody save tokens for then.
func (b *budget) pause(until time.Time, trouble *sinch.Error) {
	b.pauses++
	b.routine.tokens, b.urgent.tokens = 0, 0
	if until.After(b.until) {
		b.until, b.trouble = until, trouble
	}
}

// leave gives up the place of a number that is gone.
func (b *budget) leave(uid types.UID) {
	b.routine.leave(uid)
	b.urgent.leave(uid)
}

// lane is a share of the tokens, and who waits for them.
type lane struct {
	best   float64 // tokens per second at best: of the routine lane all, when nothing is urgent
	burst  float64 // tokens at most
	tokens float64

	head   int // the place of the first in line
	seats  []seat
	places map[types.UID]int
}

// seat is one place in line: whose it is, "" once given up, and when that number is to come.
type seat struct {
	uid  types.UID
	come time.Time
}

func newLane(best, burst float64) lane {
	burst = max(1, burst)
	return lane{best: best, burst: burst, tokens: burst, places: map[types.UID]int{}}
}

// gain adds tokens, and returns those for which there is no room.
func (l *lane) gain(tokens float64) (over float64) {
	l.tokens += tokens
	over = max(0, l.tokens-l.burst)
	l.tokens -= over
	return over
}

// place is at most how many stand before a number, which if it has no place yet would be the last.
func (l *lane) place(uid types.UID) int {
	if at, stands := l.places[uid]; stands {
		return min(at-l.head, len(l.places)-1)
	}
	return len(l.places)
}

// join gives a number the last place, unless it has one.
func (l *lane) join(uid types.UID, now time.Time) int {
	for len(l.seats) > 0 && now.Sub(l.seats[0].come) > givenUp && l.seats[0].uid != uid {
		l.leave(l.seats[0].uid)
	}
	place := l.place(uid)
	if _, stands := l.places[uid]; !stands {
		l.places[uid] = l.head + len(l.seats)
		l.seats = append(l.seats, seat{uid, now})
	}
	return place
}

func (l *lane) expect(uid types.UID, come time.Time) { l.seats[l.places[uid]-l.head].come = come }

// leave gives up a place.
func (l *lane) leave(uid types.UID) {
	at, stands := l.places[uid]
	if !stands {
		return
	}
	delete(l.places, uid)
	l.seats[at-l.head].uid = ""
	for len(l.seats) > 0 && l.seats[0].uid == "" {
		l.seats = l.seats[1:]
		l.head++
	}
	for len(l.seats) > 0 && l.seats[len(l.seats)-1].uid == "" {
		l.seats = l.seats[:len(l.seats)-1]
	}
}

// untilToken is the time until there is a token for a place at best.
func (l *lane) untilToken(place int) time.Duration {
	missing := float64(place+1) - l.tokens
	if missing < 1e-6 { // what is lost in counting
		return 0
	}
	return time.Duration(missing/l.best*float64(time.Second)) + time.Millisecond
}
