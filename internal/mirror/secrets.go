// SPDX-License-Identifier: Apache-2.0

package mirror

import "net/url"

// WithoutSecrets is where a URL leads, without its user info, query and fragment, any of which may hold a secret.
func WithoutSecrets(text string) string {
	at, err := url.Parse(text)
	switch {
	case text == "":
		return ""
	case err != nil || at.Host == "":
		return "not a URL"
	}
	return (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path, RawPath: at.RawPath}).String()
}
