// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// cluster is the one that kubectl's own flags name.
type cluster struct {
	flags *genericclioptions.ConfigFlags
}

// connect returns a client of the cluster, and the namespace that was chosen.
func (c *cluster) connect() (client.WithWatch, string, error) {
	namespace, _, err := c.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("read the kubeconfig: %w", err)
	}
	config, err := c.flags.ToRESTConfig()
	if err != nil {
		return nil, "", fmt.Errorf("find the cluster (--kubeconfig, --context, or KUBECONFIG): %w", err)
	}
	config.UserAgent = "kubectl-activenumbers/" + version
	config.QPS = -1               // the API server sees to fairness
	log.SetLogger(logr.Discard()) // else the library complains on the standard error that it has no logger
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, "", err
	}
	connected, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, "", fmt.Errorf("reach the cluster: %w", err)
	}
	return connected, namespace, nil
}
