// SPDX-License-Identifier: Apache-2.0

package kubetest

import "net"

// FreeAddress is one on the loopback interface that nobody listened on a moment ago, for a program that must be told where
// to listen.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
