// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

func number(name string) *v1alpha1.ActiveNumber {
	return &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: name},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "p", PhoneNumber: "+12025550134"},
	}
}

func secret(namespace, name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

func patch(body string) client.Patch {
	return client.RawPatch("application/merge-patch+json", []byte(body))
}

// attempt is something that somebody tries.
type attempt func(context.Context, client.WithWatch) error

func get(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error {
		return c.Get(ctx, client.ObjectKeyFromObject(object), object)
	}
}

func create(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error { return c.Create(ctx, object) }
}

func update(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error { return c.Update(ctx, object) }
}

func remove(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error { return c.Delete(ctx, object) }
}

func list(objects client.ObjectList, options ...client.ListOption) attempt {
	return func(ctx context.Context, c client.WithWatch) error { return c.List(ctx, objects, options...) }
}

func watch(objects client.ObjectList, options ...client.ListOption) attempt {
	return func(ctx context.Context, c client.WithWatch) error {
		w, err := c.Watch(ctx, objects, options...)
		if err == nil {
			w.Stop()
		}
		return err
	}
}

func patchSpec(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error {
		return c.Patch(ctx, object, patch(`{"spec":{"suspend":true}}`))
	}
}

func patchStatus(object client.Object) attempt {
	return func(ctx context.Context, c client.WithWatch) error {
		return c.Status().Patch(ctx, object, patch(`{"status":{"observedGeneration":1}}`))
	}
}

func mayAll(t *testing.T, c client.WithWatch, attempts map[string]attempt) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(attempts)) {
		t.Run("may "+name, func(t *testing.T) {
			if err := granted(t.Context(), func(ctx context.Context) error { return attempts[name](ctx, c) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// granted tries again for a while what is forbidden, since the API server learns of a role a moment after it was written.
func granted(ctx context.Context, try func(context.Context) error) error {
	var last error
	waited := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		last = try(ctx)
		return !apierrors.IsForbidden(last), nil
	})
	return errors.Join(last, waited)
}

func mayNone(t *testing.T, c client.WithWatch, attempts map[string]attempt) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(attempts)) {
		t.Run("may not "+name, func(t *testing.T) {
			if err := attempts[name](t.Context(), c); !apierrors.IsForbidden(err) {
				t.Errorf("is not forbidden: %v", err)
			}
		})
	}
}
