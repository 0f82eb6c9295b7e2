// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
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
	readTimeout  = 10 * time.Second // for one read
	longestKey   = 512              // characters of a keyId or keySecret
)

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

// key is the key in the number's Secret, which was not read before the given time.
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
