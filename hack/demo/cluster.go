// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// The ServiceAccount of config/rbac, and its namespace.
const (
	operatorName      = "activenumber-operator"
	operatorNamespace = "activenumber-operator-system"
)

// The access key that the scripted Sinch lets in.
const (
	keyID     = "demo-key-id"
	keySecret = "demo-key-secret"
)

// cluster is the control plane as its administrator sees it.
type cluster struct {
	plane   *kubetest.ControlPlane
	admin   string // kubeconfig
	cache   cache.Cache
	changed chan struct{} // holds a signal once a number has changed

	corrected map[string]bool // samples whose declaration has been corrected
}

// newCluster installs the operator's rights, the samples and their Secrets.
func newCluster(ctx context.Context, plane *kubetest.ControlPlane) (*cluster, error) {
	admin, err := plane.Kubeconfig("admin", plane.Admin)
	if err != nil {
		return nil, err
	}
	c := &cluster{plane: plane, admin: admin, changed: make(chan struct{}, 1), corrected: map[string]bool{}}
	for _, arguments := range [][]string{
		{"apply", "-k", filepath.Join(plane.Root, "config", "default")},
		{"apply", "-k", filepath.Join(plane.Root, "config", "samples")},
		createSecret("telephony", keySecret),
		createSecret("trial", "mistyped"),
	} {
		if _, err := c.kubectl(ctx, arguments...); err != nil {
			return nil, err
		}
	}
	return c, c.follow(ctx)
}

func createSecret(namespace, password string) []string {
	return []string{
		"create", "secret", "generic", "sinch-credentials", "-n", namespace,
		"--from-literal=" + v1alpha1.SecretKeyID + "=" + keyID,
		"--from-literal=" + v1alpha1.SecretKeySecret + "=" + password,
	}
}

// follow signals every change of a number from now on.
func (c *cluster) follow(ctx context.Context) error {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	var err error
	if c.cache, err = cache.New(c.plane.Admin, cache.Options{Scheme: scheme}); err != nil {
		return err
	}
	informer, err := c.cache.GetInformer(ctx, &v1alpha1.ActiveNumber{})
	if err != nil {
		return err
	}
	signal := func() {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
	if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { signal() },
		UpdateFunc: func(any, any) { signal() },
		DeleteFunc: func(any) { signal() },
	}); err != nil {
		return err
	}
	go func() { _ = c.cache.Start(ctx) }() // fails only if it is started twice
	if !c.cache.WaitForCacheSync(ctx) {
		return fmt.Errorf("list the numbers: %w", ctx.Err())
	}
	return nil
}

// script makes Sinch answer about every sample.
func (c *cluster) script(ctx context.Context, server *sinchtest.Server) error {
	numbers, err := c.numbers(ctx)
	if err != nil {
		return err
	}
	for name, number := range numbers {
		sample, known := samples[name]
		if !known {
			return fmt.Errorf("hack/demo/samples.go does not say what Sinch answers about %s of config/samples", name)
		}
		server.Script(number.Spec.ProjectID, number.Spec.PhoneNumber, sample.answers...)
	}
	server.AddKey(keyID, keySecret)
	return nil
}

// numbers are all numbers by namespace and name.
func (c *cluster) numbers(ctx context.Context) (map[string]v1alpha1.ActiveNumber, error) {
	var list v1alpha1.ActiveNumberList
	if err := c.cache.List(ctx, &list); err != nil {
		return nil, err
	}
	numbers := map[string]v1alpha1.ActiveNumber{}
	for _, number := range list.Items {
		numbers[number.Namespace+"/"+number.Name] = number
	}
	return numbers, nil
}

// operatorKubeconfig is a kubeconfig with the rights of the operator's ServiceAccount, for a day.
func (c *cluster) operatorKubeconfig(ctx context.Context) (string, error) {
	token, err := c.kubectl(ctx, "create", "token", operatorName, "-n", operatorNamespace, "--duration=24h")
	if err != nil {
		return "", err
	}
	config := rest.AnonymousClientConfig(c.plane.Admin)
	config.BearerToken = strings.TrimSpace(token)
	return c.plane.Kubeconfig("operator", config)
}

// kubectl runs kubectl as the administrator and returns what it prints.
func (c *cluster) kubectl(ctx context.Context, arguments ...string) (string, error) {
	return output(ctx, c.plane.Kubectl(ctx, c.admin, arguments...))
}

// output runs a command and returns what it prints. If it fails, its complaint is in the error.
func output(ctx context.Context, command *exec.Cmd) (string, error) {
	out, err := command.Output()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, failed.Stderr)
	}
	return string(out), err
}
