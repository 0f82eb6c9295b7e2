// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

const (
	namespace = "bench"
	creators  = 16 // how many create objects at the same time
)

// fleet are the numbers on the API server, all in one namespace and with one credential, as their administrator sees them.
type fleet struct {
	plane    *kubetest.ControlPlane
	client   client.Client
	size     int
	interval time.Duration
}

// newFleet prepares a control plane for the numbers and for the operator.
func newFleet(ctx context.Context, plane *kubetest.ControlPlane, size int, interval time.Duration) (*fleet, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	config := rest.CopyConfig(plane.Admin)
	config.QPS = -1 // as fast as the API server takes them
	admin, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	f := &fleet{plane, admin, size, interval}
	return f, errors.Join(f.apply(ctx), f.createSecret(ctx))
}

// apply installs the operator's namespace, ServiceAccount and rights.
func (f *fleet) apply(ctx context.Context) error {
	kubeconfig, err := f.plane.Kubeconfig("admin", f.plane.Admin)
	if err != nil {
		return err
	}
	out, err := f.plane.Kubectl(ctx, kubeconfig, "apply", "-k", filepath.Join(f.plane.Root, "config", "default")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("apply config/default: %w\n%s", err, out)
	}
	return nil
}

func (f *fleet) createSecret(ctx context.Context) error {
	return errors.Join(
		f.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}),
		f.client.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "sinch-credentials"},
			StringData: map[string]string{v1alpha1.SecretKeyID: keyID, v1alpha1.SecretKeySecret: keySecret},
		}))
}

// create creates all numbers, and tells how many there are now and then.
func (f *fleet) create(ctx context.Context, tell func(created int)) error {
	var next, created atomic.Int64
	var work sync.WaitGroup
	failures := make([]error, creators)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for worker := range creators {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < f.size && failures[worker] == nil; i = int(next.Add(1)) - 1 {
				failures[worker] = f.client.Create(ctx, f.number(i))
				if done := created.Add(1); failures[worker] != nil {
					cancel()
				} else if done%2000 == 0 {
					tell(int(done))
				}
			}
		})
	}
	work.Wait()
	return errors.Join(failures...)
}

func (f *fleet) number(i int) *v1alpha1.ActiveNumber {
	return &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("number-%05d", i)},
		Spec: v1alpha1.ActiveNumberSpec{
			ProjectID:   project,
			PhoneNumber: phoneNumber(i),
			Interval:    metav1.Duration{Duration: f.interval},
		},
	}
}

// edit changes the interval of the i-th number.
func (f *fleet) edit(ctx context.Context, i int, interval time.Duration) error {
	patch := fmt.Sprintf(`{"spec":{"interval":%q}}`, interval)
	return f.client.Patch(ctx, f.number(i), client.RawPatch("application/merge-patch+json", []byte(patch)))
}

// unseen counts the numbers whose status says nothing.
func (f *fleet) unseen(ctx context.Context) (int, error) {
	var list v1alpha1.ActiveNumberList
	err := f.client.List(ctx, &list, client.InNamespace(namespace))
	count := f.size - len(list.Items)
	for _, number := range list.Items {
		if number.Status.LastSyncTime == nil {
			count++
		}
	}
	return count, err
}

// operatorKubeconfig is a kubeconfig with the rights of the operator's ServiceAccount.
func (f *fleet) operatorKubeconfig(ctx context.Context) (string, error) {
	config, err := f.plane.ServiceAccount(ctx, "activenumber-operator-system", "activenumber-operator")
	if err != nil {
		return "", err
	}
	return f.plane.Kubeconfig("operator", config)
}

// metrics scrapes the API server.
func (f *fleet) metrics(ctx context.Context) (sample, error) {
	admin, err := rest.HTTPClientFor(f.plane.Admin)
	if err != nil {
		return nil, err
	}
	return scrape(ctx, admin, strings.TrimSuffix(f.plane.Admin.Host, "/")+"/metrics")
}
