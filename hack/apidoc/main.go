// SPDX-License-Identifier: Apache-2.0

// Command apidoc writes docs/api.md: the fields from the CRD; the conditions, reasons and keys from their constants
// and the comments above these. It refuses a constant that nobody explained and a reason that belongs nowhere, so the
// page is complete or is not written. It runs from the root of the repository.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "apidoc:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := generate(os.DirFS("."))
	if err != nil {
		return err
	}
	return os.WriteFile("docs/api.md", text, 0o644)
}
