// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

const (
	probeRefused = time.Minute    // from one try of a key that Sinch refuses to the next
	forgetAfter  = 25 * time.Hour // what nobody asked for in that time is forgotten: longer than any interval
)

// lockout says why there is no key that Sinch accepts, and when to try again.
type lockout struct {
	message string
	wait    time.Duration
	probed  bool // Sinch was asked just now
}

func (l *lockout) Error() string { return l.message }

// sessions holds one session for each credential, and the Secrets that the credentials came from.
type sessions struct {
	reader client.Reader // live: never a cache, which would need to list and watch Secrets
	sinch  *sinch.Client
	now    func() time.Time
	limits limits
	jitter func(time.Duration) time.Duration

	mu      sync.Mutex
	secrets map[types.NamespacedName]*secret
	open    map[credential]*session
}

func newSessions(reader client.Reader, options Options, jitter func(time.Duration) time.Duration) *sessions {
	return &sessions{
		reader: reader, sinch: options.Sinch, now: options.Now, jitter: jitter,
		limits:  limits{rate: options.Rate, burst: float64(options.Burst), flying: max(1, options.Workers/4)},
		secrets: map[types.NamespacedName]*secret{},
		open:    map[credential]*session{},
	}
}

// credential tells sessions apart: by namespace as well as content, so that no tenant rides on another's token.
type credential struct {
	namespace string
	method    v1alpha1.AuthMethod
	key       [sha256.Size]byte
}

// session is one credential's conversation with Sinch.
type session struct {
	*sinch.Session
	used    time.Time // guarded by sessions.mu
	mu      sync.Mutex
	refused map[string]time.Time // by project, "" for the key itself: when it may be tried again
	budget  *budget
}

// ask asks Sinch about a number with the key in its Secret, which is read again if Sinch refuses the key. The error is
// a *lockout if there is no key that Sinch accepts, *queued if it is not the number's turn, a *sinch.Error if Sinch gave
// another answer, else the API server's.
func (s *sessions) ask(ctx context.Context, number *v1alpha1.ActiveNumber, urgent bool) (*sinch.ActiveNumber, error) {
	began := s.now()
	key, err := s.key(ctx, number, time.Time{})
	if err != nil {
		return nil, err
	}
	found, err := s.session(number, key).ask(ctx, number, urgent, s.now)
	var locked *lockout
	if !errors.As(err, &locked) || !locked.probed {
		return found, err
	}
	rotated, trouble := s.key(ctx, number, began)
	switch {
	case trouble != nil:
		return nil, trouble
	case rotated == key:
		return nil, err
	}
	return s.session(number, rotated).ask(ctx, number, urgent, s.now)
}

// session is the one session of a credential.
func (s *sessions) session(number *v1alpha1.ActiveNumber, key sinch.Key) *session {
	of := credential{number.Namespace, number.Spec.Auth.Method, digest(key)}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.open[of]
	if known == nil {
		known = &session{Session: s.sinch.OAuth2(key), refused: map[string]time.Time{}, budget: newBudget(s.limits, s.jitter)}
		if of.method == v1alpha1.AuthBasic {
			known.Session = s.sinch.Basic(key)
		}
		s.open[of] = known
	}
	known.used = s.now()
	return known
}

// prune forgets the key that a Secret no longer holds, and whatever nobody asked for in a long time.
func (s *sessions) prune(namespace string, before, now sinch.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unused := s.now().Add(-forgetAfter)
	maps.DeleteFunc(s.secrets, func(_ types.NamespacedName, secret *secret) bool { return secret.used.Before(unused) })
	maps.DeleteFunc(s.open, func(of credential, session *session) bool {
		rotated := before != now && of.namespace == namespace && of.key == digest(before)
		return rotated || session.used.Before(unused)
	})
}

func digest(key sinch.Key) [sha256.Size]byte {
	return sha256.Sum256([]byte(key.ID + ":" + key.Secret))
}

// leave gives up the place in line of a number that is gone.
func (s *sessions) leave(uid types.UID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.open {
		session.mu.Lock()
		session.budget.leave(uid)
		session.mu.Unlock()
	}
}

// ask asks Sinch, if Sinch did not refuse this credential within the last minute, and it is the number's turn.
func (s *session) ask(ctx context.Context, number *v1alpha1.ActiveNumber, urgent bool, now func() time.Time) (*sinch.ActiveNumber, error) {
	pauses, err := s.enter(number, urgent, now())
	if err != nil {
		return nil, err
	}
	outcome := error(&sinch.Error{Kind: sinch.Canceled}) // unless a panic leaves it so
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.budget.land(pauses, outcome, now())
	}()
	found, outcome := s.ActiveNumber(ctx, number.Spec.ProjectID, number.Spec.PhoneNumber)
	if locked := s.heed(number, outcome, now()); locked != nil {
		return nil, locked
	}
	return found, outcome
}

// enter takes the turn of a number, and says how many pauses there have been, or why the number must wait.
func (s *session) enter(number *v1alpha1.ActiveNumber, urgent bool, now time.Time) (pauses int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	scopes := []string{"", number.Spec.ProjectID}
	for _, scope := range scopes {
		if wait := s.refused[scope].Sub(now); wait > 0 {
			return 0, &lockout{refusal(number, scope), wait, false}
		}
	}
	if queued := s.budget.admit(number.UID, urgent, now); queued != nil {
		return 0, queued
	}
	for _, scope := range scopes {
		if _, refused := s.refused[scope]; refused {
			s.refused[scope] = now.Add(probeRefused) // one number a minute tries again for all
		}
	}
	return s.budget.pauses, nil
}

// heed notes whether Sinch refuses the credential.
func (s *session) heed(number *v1alpha1.ActiveNumber, outcome error, now time.Time) *lockout {
	s.mu.Lock()
	defer s.mu.Unlock()
	project := number.Spec.ProjectID
	switch kind, _ := sinch.KindOf(outcome); kind {
	case sinch.KeyRefused:
		s.refused[""] = now.Add(probeRefused)
		return &lockout{refusal(number, ""), probeRefused, true}
	case sinch.Unauthorized:
		delete(s.refused, "")
		s.refused[project] = now.Add(probeRefused)
		return &lockout{refusal(number, project), probeRefused, true}
	case sinch.Canceled, sinch.Unavailable, sinch.Limited, sinch.Malformed: // says nothing about the key
	default:
		delete(s.refused, "")
		delete(s.refused, project)
	}
	return nil
}

// refusal is what to do about a key that Sinch refuses altogether, or for one project.
func refusal(number *v1alpha1.ActiveNumber, project string) string {
	secret := number.Spec.Auth.SecretRef.Name
	if project == "" {
		return fmt.Sprintf("Sinch refuses the key in Secret %q: check %s and %s against the access keys in the Sinch dashboard", secret, v1alpha1.SecretKeyID, v1alpha1.SecretKeySecret)
	}
	return fmt.Sprintf("Sinch refuses the key in Secret %q for project %s: check that the access key belongs to that project", secret, project)
}
