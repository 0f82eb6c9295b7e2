// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnsureTakesAPrometheusThatIsNewEnough(t *testing.T) {
	for name, is := range map[string]struct{ says, want string }{
		"Debian's":                    {"prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)", ""},
		"a later one":                 {"prometheus, version 2.100.1 (branch: HEAD)", ""},
		"the next major":              {"prometheus, version 3.0.1 (branch: HEAD)", ""},
		"one that is too old":         {"prometheus, version 2.41.0 (branch: HEAD)", "is 2.41, and the rules need 2.42 or newer"},
		"one that is much too old":    {"prometheus, version 1.99.0 (branch: HEAD)", "is 1.99, and the rules need 2.42 or newer"},
		"one that does not tell":      {"prometheus, version  (branch: , revision: unknown)", "cannot tell how old"},
		"something else of that name": {"", "cannot tell how old"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for program, says := range map[string]string{"prometheus": is.says, "prometheus-alertmanager": "alertmanager"} {
				if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\necho '"+strings.ReplaceAll(says, "'", "")+"'\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			ensure := exec.CommandContext(t.Context(), "./ensure.sh")
			ensure.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			var complaint strings.Builder
			ensure.Stderr = &complaint
			out, err := ensure.Output()
			if (err != nil) != (is.want != "") || !strings.Contains(complaint.String(), is.want) {
				t.Errorf("it ends with %v and says %q, want %q", err, complaint.String(), is.want)
			}
			if found := filepath.Join(dir, "prometheus") + "\n" + filepath.Join(dir, "prometheus-alertmanager") + "\n"; err == nil && string(out) != found {
				t.Errorf("it prints %q, want %q", out, found)
			}
		})
	}
}
