// SPDX-License-Identifier: Apache-2.0

package kubetest

import "testing"

// Start runs a control plane for the length of a test, and fails the test if it cannot.
func Start(tb testing.TB) *ControlPlane {
	tb.Helper()
	c, err := Run()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return c
}
