// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"

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
		DefaultTransform:     strip,
	}
}

// strip takes off a number, before it is cached, the copies of it that kubectl and the API server keep for themselves.
// Status patches are differences of what is cached, and so leave both as they are.
func strip(object any) (any, error) {
	number, ok := object.(*v1alpha1.ActiveNumber)
	if !ok {
		return object, nil
	}
	_, applied := number.Annotations[corev1.LastAppliedConfigAnnotation]
	if number.ManagedFields == nil && !applied {
		return number, nil // untouched, since it may be in the cache already, where others read it
	}
	number.ManagedFields = nil
	delete(number.Annotations, corev1.LastAppliedConfigAnnotation)
	return number, nil
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
