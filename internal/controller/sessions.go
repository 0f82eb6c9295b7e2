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
	probeGrace   = time.Second    // for whoever is to try it, to come once it is its turn
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

	mu       sync.Mutex
	secrets  map[types.NamespacedName]*secret
	open     map[credential]*session
	accounts map[holder]*account
}

func newSessions(reader client.Reader, options Options, jitter func(time.Duration) time.Duration) *sessions {
	return &sessions{
		reader: reader, sinch: options.Sinch, now: options.Now, jitter: jitter,
		limits:   limits{rate: options.Rate, burst: float64(options.Burst), flying: max(1, options.Workers/4)},
		secrets:  map[types.NamespacedName]*secret{},
		open:     map[credential]*session{},
		accounts: map[holder]*account{},
	}
}

// holder is a key in a namespace: no tenant rides on another's token, or spends another's budget.
type holder struct {
	namespace string
	key       [sha256.Size]byte
}

// credential is one way to use a key.
type credential struct {
	holder
	method v1alpha1.AuthMethod
}

// session is one credential's conversation with Sinch. It goes with its Secret, and its token with it.
type session struct {
	*sinch.Session
	account *account
	used    time.Time // guarded by sessions.mu
}

// account is what Sinch thinks of a key. It outlasts the Secret, so that a pause is not forgotten with it.
type account struct {
	used    time.Time // guarded by sessions.mu
	mu      sync.Mutex
	refused map[string]refusal // by project, "" for the key itself
	budget  *budget
}

// refusal says when a refused key may be tried again. Before that only one may, who waits for its turn to do so.
type refusal struct {
	until  time.Time
	prober types.UID
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
	of := credential{holder{number.Namespace, digest(key)}, number.Spec.Auth.Method}
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.accounts[of.holder]
	if account == nil {
		account = newAccount(s.limits, s.jitter)
		s.accounts[of.holder] = account
	}
	known := s.open[of]
	if known == nil {
		known = &session{Session: s.sinch.OAuth2(key), account: account}
		if of.method == v1alpha1.AuthBasic {
			known.Session = s.sinch.Basic(key)
		}
		s.open[of] = known
	}
	known.used, account.used = s.now(), s.now()
	return known
}

func newAccount(limits limits, jitter func(time.Duration) time.Duration) *account {
	return &account{refused: map[string]refusal{}, budget: newBudget(limits, jitter)}
}

// prune forgets the key that a Secret no longer holds, and whatever nobody asked for in a long time.
func (s *sessions) prune(namespace string, before, now sinch.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unused := s.now().Add(-forgetAfter)
	maps.DeleteFunc(s.secrets, func(_ types.NamespacedName, secret *secret) bool { return secret.used.Before(unused) })
	maps.DeleteFunc(s.accounts, func(_ holder, account *account) bool { return account.used.Before(unused) })
	maps.DeleteFunc(s.open, func(of credential, session *session) bool {
		rotated := before != now && of.holder == holder{namespace, digest(before)}
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
	for _, account := range s.accounts {
		account.mu.Lock()
		account.budget.leave(uid)
		account.mu.Unlock()
	}
}

// ask asks Sinch, if Sinch did not refuse this credential within the last minute, and it is the number's turn.
func (s *session) ask(ctx context.Context, number *v1alpha1.ActiveNumber, urgent bool, now func() time.Time) (*sinch.ActiveNumber, error) {
	flight, err := s.account.enter(number, urgent, now())
	if err != nil {
		return nil, err
	}
	outcome := error(&sinch.Error{Kind: sinch.Canceled}) // unless a panic leaves it so
	defer func() { s.account.land(flight, outcome, now()) }()
	found, outcome := s.ActiveNumber(ctx, number.Spec.ProjectID, number.Spec.PhoneNumber)
	if locked := s.account.heed(number, outcome, now()); locked != nil {
		return nil, locked
	}
	return found, outcome
}

func (a *account) land(flight flight, outcome error, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.budget.land(flight, outcome, now)
}

// enter takes the turn of a number, or says why the number must wait.
func (a *account) enter(number *v1alpha1.ActiveNumber, urgent bool, now time.Time) (flight, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	scopes := []string{"", number.Spec.ProjectID}
	for _, scope := range scopes {
		if refused := a.refused[scope]; refused.until.After(now) && refused.prober != number.UID {
			a.budget.leave(number.UID)
			return flight{}, &lockout{refusalOf(number, scope), refused.until.Sub(now), false}
		}
	}
	flight, queued := a.budget.admit(number.UID, urgent, now)
	next := refusal{until: now.Add(probeRefused)} // one number a minute tries again for all
	if queued != nil {
		next = refusal{now.Add(queued.wait + probeGrace), number.UID}
	}
	for _, scope := range scopes {
		if _, refused := a.refused[scope]; refused {
			a.refused[scope] = next
		}
	}
	if queued != nil {
		return flight, queued
	}
	return flight, nil
}

// heed notes whether Sinch refuses the credential.
func (a *account) heed(number *v1alpha1.ActiveNumber, outcome error, now time.Time) *lockout {
	a.mu.Lock()
	defer a.mu.Unlock()
	project := number.Spec.ProjectID
	switch kind, _ := sinch.KindOf(outcome); kind {
	case sinch.KeyRefused:
		a.refused[""] = refusal{until: now.Add(probeRefused)}
		return &lockout{refusalOf(number, ""), probeRefused, true}
	case sinch.Unauthorized:
		delete(a.refused, "")
		a.refused[project] = refusal{until: now.Add(probeRefused)}
		return &lockout{refusalOf(number, project), probeRefused, true}
	case sinch.Canceled, sinch.Unavailable, sinch.Limited, sinch.Malformed: // says nothing about the key
	default:
		delete(a.refused, "")
		delete(a.refused, project)
	}
	return nil
}

// refusalOf is what to do about a key that Sinch refuses altogether, or for one project.
func refusalOf(number *v1alpha1.ActiveNumber, project string) string {
	secret := number.Spec.Auth.SecretRef.Name
	if project == "" {
		return fmt.Sprintf("Sinch refuses the key in Secret %q: check %s and %s against the access keys in the Sinch dashboard", secret, v1alpha1.SecretKeyID, v1alpha1.SecretKeySecret)
	}
	return fmt.Sprintf("Sinch refuses the key in Secret %q for project %s: check that the access key belongs to that project", secret, project)
}
