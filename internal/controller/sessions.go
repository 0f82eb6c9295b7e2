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

	mu      sync.Mutex
	secrets map[types.NamespacedName]*secret
	open    map[credential]*session
}

func newSessions(reader client.Reader, numbers *sinch.Client, now func() time.Time) *sessions {
	return &sessions{
		reader: reader, sinch: numbers, now: now,
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
}

// ask asks Sinch about a number with the key in its Secret, which is read again if Sinch refuses the key. The error is
// a *lockout if there is no key that Sinch accepts, a *sinch.Error if Sinch gave another answer, else the API server's.
func (s *sessions) ask(ctx context.Context, number *v1alpha1.ActiveNumber) (*sinch.ActiveNumber, error) {
	began := s.now()
	key, err := s.key(ctx, number, time.Time{})
	if err != nil {
		return nil, err
	}
	found, err := s.session(number, key).ask(ctx, number, s.now)
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
	return s.session(number, rotated).ask(ctx, number, s.now)
}

// session is the one session of a credential.
func (s *sessions) session(number *v1alpha1.ActiveNumber, key sinch.Key) *session {
	of := credential{number.Namespace, number.Spec.Auth.Method, digest(key)}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.open[of]
	if known == nil {
		known = &session{Session: s.sinch.OAuth2(key), refused: map[string]time.Time{}}
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

// ask asks Sinch, unless Sinch refused this credential within the last minute: one number a minute tries again for all.
func (s *session) ask(ctx context.Context, number *v1alpha1.ActiveNumber, now func() time.Time) (*sinch.ActiveNumber, error) {
	project := number.Spec.ProjectID
	if locked := s.claim(number, now()); locked != nil {
		return nil, locked
	}
	found, err := s.ActiveNumber(ctx, project, number.Spec.PhoneNumber)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind, _ := sinch.KindOf(err); kind {
	case sinch.KeyRefused:
		s.refused[""] = now().Add(probeRefused)
		return nil, &lockout{refusal(number, ""), probeRefused, true}
	case sinch.Unauthorized:
		delete(s.refused, "")
		s.refused[project] = now().Add(probeRefused)
		return nil, &lockout{refusal(number, project), probeRefused, true}
	case sinch.Canceled, sinch.Unavailable, sinch.Limited, sinch.Malformed: // says nothing about the key
	default:
		delete(s.refused, "")
		delete(s.refused, project)
	}
	return found, err
}

// claim tells when the credential may be tried again, or takes the turn if that is now.
func (s *session) claim(number *v1alpha1.ActiveNumber, now time.Time) *lockout {
	s.mu.Lock()
	defer s.mu.Unlock()
	scopes := []string{"", number.Spec.ProjectID}
	for _, scope := range scopes {
		if wait := s.refused[scope].Sub(now); wait > 0 {
			return &lockout{refusal(number, scope), wait, false}
		}
	}
	for _, scope := range scopes {
		if _, refused := s.refused[scope]; refused {
			s.refused[scope] = now.Add(probeRefused)
		}
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
