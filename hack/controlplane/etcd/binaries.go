// SPDX-License-Identifier: Apache-2.0

//go:build binaries

// Package etcd pins etcd apart from Kubernetes, since the two ask for different versions of what they share.
package etcd

import _ "go.etcd.io/etcd/server/v3"
