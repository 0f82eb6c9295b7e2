// SPDX-License-Identifier: Apache-2.0

//go:build binaries

// Package controlplane pins the programs that ensure.sh builds where ready ones cannot be downloaded.
package controlplane

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
