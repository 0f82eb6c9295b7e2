// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// cacheOptions restrict the cache to the numbers of the scope. They are defaults for every kind, though it holds no other:
// options for the kind alone would fail at once, without time for the CRD to come, where the cluster lacks it.
func cacheOptions(s scope) cache.Options {
	namespaces := map[string]cache.Config{}
	for _, name := range s.namespaces {
		namespaces[name] = cache.Config{}
	}
	return cache.Options{
		DefaultNamespaces:    namespaces,
		DefaultLabelSelector: s.selector,
		DefaultTransform:     newVocabulary().trim,
	}
}

// trim makes a number smaller before it is cached.
func (v *vocabulary) trim(object any) (any, error) {
	number, ok := object.(*v1alpha1.ActiveNumber)
	if !ok || !strip(number) {
		return object, nil
	}
	v.share(&number.Namespace, &number.Spec.ProjectID)
	if number.Status.Observed != nil {
		v.share(&number.Status.Observed.ProjectID)
	}
	number.Status.Conditions = slices.Clone(number.Status.Conditions) // without the room that decoding left
	for i := range number.Status.Conditions {
		c := &number.Status.Conditions[i]
		v.share(&c.Type, (*string)(&c.Status), &c.Reason, &c.Message)
	}
	return number, nil
}

// strip takes off a number the copies of it that kubectl and the API server keep for themselves, and says whether there
// were any: without, it may be in the cache already, where others read it. Status patches are differences of what is
// cached, and so leave both as they are.
func strip(number *v1alpha1.ActiveNumber) bool {
	_, applied := number.Annotations[corev1.LastAppliedConfigAnnotation]
	if number.ManagedFields == nil && !applied {
		return false
	}
	number.ManagedFields = nil
	delete(number.Annotations, corev1.LastAppliedConfigAnnotation)
	return true
}

// mostWords bounds a vocabulary; then it begins anew.
const mostWords = 2_000

// vocabulary keeps one copy of each text that numbers have in common, such as their conditions' reasons and messages.
type vocabulary struct {
	mu    sync.Mutex
	words map[string]string
}

func newVocabulary() *vocabulary { return &vocabulary{words: map[string]string{}} }

// share replaces texts by the copies that are kept.
func (v *vocabulary) share(texts ...*string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range texts {
		if known, ok := v.words[*text]; ok {
			*text = known
			continue
		}
		if len(v.words) >= mostWords {
			clear(v.words)
		}
		v.words[*text] = *text
	}
}

// cacheSynced is ready once the numbers have been listed, in a standby too.
func cacheSynced(informers cache.Cache) healthz.Checker {
	return func(request *http.Request) error {
		numbers, err := informers.GetInformer(request.Context(), &v1alpha1.ActiveNumber{}, cache.BlockUntilSynced(false))
		if err != nil || !numbers.HasSynced() {
			return errors.Join(errors.New("the numbers have not been listed yet"), err)
		}
		return nil
	}
}
