// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// cluster is a control plane as an administrator finds it before the installation, with two tenants.
type cluster struct {
	*kubetest.ControlPlane
	kubeconfig string
	admin      client.WithWatch
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	plane := kubetest.Start(t)
	kubeconfig, err := plane.Kubeconfig("admin", plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{ControlPlane: plane, kubeconfig: kubeconfig, admin: as(t, plane.Admin)}
	c.kubectl(t, "delete", "-k", "config/crd")
	for _, namespace := range []string{tenant, stranger} {
		c.kubectl(t, "create", "namespace", namespace)
		for _, secret := range []string{"sinch-credentials", "something-else"} {
			c.kubectl(t, "create", "secret", "generic", secret, "-n", namespace, "--from-literal=keyId=k", "--from-literal=keySecret=s")
		}
	}
	return c
}

// kubectl runs in the root folder of the repository, as the administrator.
func (c *cluster) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	command := c.Kubectl(t.Context(), c.kubeconfig, args...)
	command.Dir = c.Root
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// apply takes a folder of manifests as it is, and the API server must have nothing to warn of.
func (c *cluster) apply(t *testing.T, folder string, args ...string) {
	t.Helper()
	if out := c.kubectl(t, append([]string{"apply", "-k", folder}, args...)...); strings.Contains(out, "Warning") {
		t.Errorf("kubectl apply -k %s warns:\n%s", folder, out)
	}
}

// operator is a client that may do what the operator's pods may.
func (c *cluster) operator(t *testing.T) client.WithWatch {
	t.Helper()
	return as(t, c.operatorConfig(t))
}

func (c *cluster) operatorConfig(t *testing.T) *rest.Config {
	t.Helper()
	config, err := c.ServiceAccount(t.Context(), home, operator)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// user is a client of somebody who has these ClusterRoles in the tenant's namespace.
func (c *cluster) user(t *testing.T, name string, roles ...string) client.WithWatch {
	t.Helper()
	for _, role := range roles {
		c.kubectl(t, "create", "rolebinding", name+"-"+role, "-n", tenant, "--clusterrole="+role, "--user="+name)
	}
	config, err := c.User(name)
	if err != nil {
		t.Fatal(err)
	}
	return as(t, config)
}

func as(t *testing.T, config *rest.Config) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
