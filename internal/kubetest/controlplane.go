// SPDX-License-Identifier: Apache-2.0

// Package kubetest runs a real control plane (etcd and kube-apiserver, without nodes) in which ActiveNumbers exist, for
// tests and for the demo. Tests call Start; programs call Run and Stop.
//
// Everything that belongs to one control plane lives in one temporary folder. It goes, and the programs with it, when
// the control plane is stopped or the process that runs it ends, in whatever way.
package kubetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// ControlPlane is a running API server that knows the kind ActiveNumber.
type ControlPlane struct {
	// Admin is the configuration of a client that may do everything.
	Admin *rest.Config
	// Root is the root folder of the repository.
	Root string
	// KubectlPath is where the kubectl is that fits the API server.
	KubectlPath string

	environment *envtest.Environment
	keeper      *keeper
}

// Run starts a control plane and installs the CRD. Whoever runs it stops it.
func Run() (*ControlPlane, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	programs, err := findPrograms(root)
	if err != nil {
		return nil, err
	}
	keeper, err := newKeeper()
	if err != nil {
		return nil, fmt.Errorf("prepare a folder for the control plane: %w", err)
	}
	c := &ControlPlane{
		Root:        root,
		KubectlPath: filepath.Join(programs, "kubectl"),
		keeper:      keeper,
	}
	if err := c.start(programs); err != nil {
		return nil, errors.Join(fmt.Errorf("start the control plane of %s: %w", programs, err), c.Stop())
	}
	return c, nil
}

func (c *ControlPlane) start(programs string) error {
	etcd, err := c.keeper.keep(filepath.Join(programs, "etcd"))
	if err != nil {
		return err
	}
	apiServer, err := c.keeper.keep(filepath.Join(programs, "kube-apiserver"))
	if err != nil {
		return err
	}
	data, err := c.keeper.folder("data")
	if err != nil {
		return err
	}
	certificates, err := c.keeper.folder("certificates")
	if err != nil {
		return err
	}
	c.environment = &envtest.Environment{
		UseExistingCluster:    new(false),
		CRDDirectoryPaths:     []string{filepath.Join(c.Root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	c.environment.ControlPlane.KubectlPath = c.KubectlPath
	c.environment.ControlPlane.Etcd = &envtest.Etcd{Path: etcd, DataDir: data}
	c.environment.ControlPlane.APIServer = &envtest.APIServer{Path: apiServer, CertDir: certificates}
	c.Admin, err = c.environment.Start()
	return err
}

// Stop ends the programs and removes what they wrote.
func (c *ControlPlane) Stop() error {
	var err error
	if c.environment != nil {
		err = c.environment.Stop()
	}
	return errors.Join(err, c.keeper.release())
}

// User returns the configuration of a client that is this user in these groups, with a certificate that the API server
// trusts. What the user may do is up to the roles that are bound to it.
func (c *ControlPlane) User(name string, groups ...string) (*rest.Config, error) {
	user, err := c.environment.AddUser(envtest.User{Name: name, Groups: groups}, nil)
	if err != nil {
		return nil, fmt.Errorf("add user %s: %w", name, err)
	}
	return user.Config(), nil
}

// ServiceAccount returns the configuration of a client with a token of this ServiceAccount, as its pods would have.
func (c *ControlPlane) ServiceAccount(ctx context.Context, namespace, name string) (*rest.Config, error) {
	clients, err := kubernetes.NewForConfig(c.Admin)
	if err != nil {
		return nil, err
	}
	request, err := clients.CoreV1().ServiceAccounts(namespace).
		CreateToken(ctx, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("ask for a token of ServiceAccount %s/%s: %w", namespace, name, err)
	}
	config := rest.AnonymousClientConfig(c.Admin)
	config.BearerToken = request.Status.Token
	return config, nil
}

// Kubeconfig writes a kubeconfig file with config under this name, and returns its path.
func (c *ControlPlane) Kubeconfig(name string, config *rest.Config) (string, error) {
	path := filepath.Join(c.keeper.dir, name+".kubeconfig")
	if err := clientcmd.WriteToFile(kubeconfig(name, config), path); err != nil {
		return "", fmt.Errorf("write the kubeconfig of %s: %w", name, err)
	}
	return path, nil
}

func kubeconfig(name string, config *rest.Config) clientcmdapi.Config {
	const cluster = "local"
	return clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{cluster: {
			Server:                   config.Host,
			CertificateAuthorityData: config.CAData,
		}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData,
			ClientKeyData:         config.KeyData,
			Token:                 config.BearerToken,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: cluster, AuthInfo: name}},
		CurrentContext: name,
	}
}

// Kubectl prepares a kubectl command that reads this kubeconfig file and leaves the user's home folder alone.
func (c *ControlPlane) Kubectl(ctx context.Context, kubeconfig string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.KubectlPath, args...)
	command.Env = append(os.Environ(),
		"KUBECONFIG="+kubeconfig,
		"KUBECACHEDIR="+filepath.Join(c.keeper.dir, "kubectl-cache"),
		"KUBECTL_KUBERC=false")
	return command
}
