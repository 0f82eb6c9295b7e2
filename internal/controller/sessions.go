// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

const (
	keepSecret   = time.Minute      // how long a Secret that was read is relied on
	keepTrouble  = 10 * time.Second // how long a Secret that is not as it should be is believed to be so
	retryTrouble = 15 * time.Second // from one look that wants for a Secret to the next: within 30 s a new one is seen
	keepFailure  = time.Second      // how long the API server's failure to give it is taken for an answer to all who wait
	probeRefused = time.Minute      // from one try of a key that Sinch refuses to the next
	readTimeout  = 10 * time.Second // for one read of a Secret
	forget       = 25 * time.Hour   // after which what nobody asked for is forgotten: longer than any interval
	longestKey   = 512              // characters of a keyId or keySecret
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

func newSessions(reader client.Reader, asked *sinch.Client, now func() time.Time) *sessions {
	return &sessions{
		reader: reader, sinch: asked, now: now,
		secrets: map[types.NamespacedName]*secret{},
		open:    map[credential]*session{},
	}
}

// secret is what was last read of one Secret.
type secret struct {
	used    time.Time  // guarded by sessions.mu
	mu      sync.Mutex // held while it is read, so that it is read once however many numbers wait for it
	read    time.Time
	key     sinch.Key
	trouble string    // what is wrong with it
	failed  time.Time // when the API server last did not give it
	failure error     // and why
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
	key, err := s.key(ctx, number, began.Add(-keepSecret))
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

// key is the key in the number's Secret, read after the given time.
func (s *sessions) key(ctx context.Context, number *v1alpha1.ActiveNumber, after time.Time) (sinch.Key, error) {
	name := types.NamespacedName{Namespace: number.Namespace, Name: number.Spec.Auth.SecretRef.Name}
	secret := s.secret(name)
	secret.mu.Lock()
	defer secret.mu.Unlock()
	if stale := s.now().Add(-secret.keep()); secret.read.Before(after) || secret.read.Before(stale) {
		if s.now().Sub(secret.failed) < keepFailure {
			return sinch.Key{}, secret.failure
		}
		before := secret.key
		if err := secret.renew(ctx, s.reader, name); err != nil {
			secret.failed, secret.failure = s.now(), err
			return sinch.Key{}, err
		}
		secret.read = s.now()
		s.prune(name.Namespace, before, secret.key)
	}
	if secret.trouble != "" {
		return sinch.Key{}, &lockout{message: secret.trouble, wait: retryTrouble}
	}
	return secret.key, nil
}

// keep is how long the Secret is relied on.
func (s *secret) keep() time.Duration {
	if s.trouble != "" {
		return keepTrouble
	}
	return keepSecret
}

// renew reads the Secret. Its error says that the API server could not tell.
func (s *secret) renew(ctx context.Context, reader client.Reader, name types.NamespacedName) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var found corev1.Secret
	err := reader.Get(ctx, name, &found)
	switch {
	case apierrors.IsNotFound(err):
		s.key = sinch.Key{}
		s.trouble = fmt.Sprintf("Secret %q does not exist in namespace %q: create it with the keys %s and %s of a Sinch access key", name.Name, name.Namespace, v1alpha1.SecretKeyID, v1alpha1.SecretKeySecret)
	case apierrors.IsForbidden(err):
		s.key = sinch.Key{}
		s.trouble = fmt.Sprintf("The operator may not read Secret %q in namespace %q: its role lacks the name, or is not bound in this namespace; docs/rbac.md tells how to mend either", name.Name, name.Namespace)
	case err != nil:
		return fmt.Errorf("get Secret %s: %w", name, err)
	default:
		s.key, s.trouble = keyIn(&found)
	}
	return nil
}

// keyIn takes the access key out of a Secret, or says what is wrong without saying what is there.
func keyIn(secret *corev1.Secret) (key sinch.Key, trouble string) {
	id, trouble := entryIn(secret, v1alpha1.SecretKeyID)
	if trouble != "" {
		return sinch.Key{}, trouble
	}
	if strings.Contains(id, ":") {
		return sinch.Key{}, fmt.Sprintf("Secret %q: %s holds a colon, which no Sinch key id has", secret.Name, v1alpha1.SecretKeyID)
	}
	password, trouble := entryIn(secret, v1alpha1.SecretKeySecret)
	if trouble != "" {
		return sinch.Key{}, trouble
	}
	return sinch.Key{ID: id, Secret: password}, ""
}

// entryIn takes one entry out of a Secret, without the white space that editors and files add at its ends.
func entryIn(secret *corev1.Secret, entry string) (value, trouble string) {
	raw, present := secret.Data[entry]
	value = strings.TrimSpace(string(raw))
	switch {
	case !present:
		return "", fmt.Sprintf("Secret %q has no key %s: add it", secret.Name, entry)
	case value == "":
		return "", fmt.Sprintf("Secret %q: %s is empty", secret.Name, entry)
	case len(value) > longestKey:
		return "", fmt.Sprintf("Secret %q: %s is longer than %d characters, which no Sinch key is", secret.Name, entry, longestKey)
	case strings.ContainsFunc(value, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsGraphic(c) || c == ' ' }):
		return "", fmt.Sprintf("Secret %q: %s holds characters that no Sinch key has (spaces, line breaks, or binary data)", secret.Name, entry)
	}
	return value, ""
}

func (s *sessions) secret(name types.NamespacedName) *secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.secrets[name]
	if known == nil {
		known = &secret{}
		s.secrets[name] = known
	}
	known.used = s.now()
	return known
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
	unused := s.now().Add(-forget)
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
	for _, scope := range []string{"", number.Spec.ProjectID} {
		again, refused := s.refused[scope]
		switch wait := again.Sub(now); {
		case refused && wait > 0:
			return &lockout{refusal(number, scope), wait, false}
		case refused:
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
