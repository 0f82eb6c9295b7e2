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
	config.UserAgent = userAgent()
	config.QPS = -1 // the API server sees to fairness
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, "", err
	}
	log.SetLogger(logr.Discard()) // else the client complains after half a minute that it has none
	connected, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, "", fmt.Errorf("reach the cluster: %w", err)
	}
	return connected, namespace, nil
}

// userAgent is how the plugin calls itself, to the cluster and to Sinch.
func userAgent() string { return "kubectl-activenumbers/" + version }

// namespaceGiven is the namespace on the command line, or "".
func (c *cluster) namespaceGiven() string { return *c.flags.Namespace }
