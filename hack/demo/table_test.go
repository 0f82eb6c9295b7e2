// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestAChangeOfAgeIsNoChange(t *testing.T) {
	const before = "" +
		"NAME         READY   REASON   AGE\n" +
		"support-us   True    Ready    9s\n"
	tests := map[string]struct {
		after string
		same  bool
	}{
		"older": {same: true, after: "" +
			"NAME         READY   REASON   AGE\n" +
			"support-us   True    Ready    3m10s\n"},
		"another reason": {after: "" +
			"NAME         READY     REASON   AGE\n" +
			"support-us   Unknown   Stale    9s\n"},
		"one more": {after: before +
			"sales-us     True    Ready    9s\n"},
		"none left": {after: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if same := ageless(before) == ageless(test.after); same != test.same {
				t.Errorf("compared equal: %t, want %t, for\n%s", same, test.same, test.after)
			}
		})
	}
}
