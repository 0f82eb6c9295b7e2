// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// The environment variables that hold an access key where there is no Secret.
const (
	idVariable  = "SINCH_KEY_ID"
	keyVariable = "SINCH_KEY_SECRET"
)

// access says how to ask Sinch: where it is, about which project, and with which key.
type access struct {
	cluster                                           *cluster
	streams                                           genericiooptions.IOStreams
	project, secret, method, apiURL, tokenURL, caFile string
}

func (a *access) bind(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&a.project, "project", "", "`id` of the Sinch project (Sinch dashboard, Settings, Projects)")
	flags.StringVar(&a.secret, "secret", "", "`name` of a Secret in the chosen namespace, with the keys keyId and keySecret of a Sinch access key (default: what the environment variables SINCH_KEY_ID and SINCH_KEY_SECRET hold)")
	flags.StringVar(&a.method, "auth-method", string(v1alpha1.AuthOAuth2), "how to show Sinch who asks: OAuth2, or Basic")
	flags.StringVar(&a.apiURL, "sinch-api-url", "https://numbers.api.sinch.com", "where the Sinch Numbers API is; https, or http on a loopback address")
	flags.StringVar(&a.tokenURL, "sinch-token-url", "https://auth.sinch.com/oauth2/token", "where Sinch gives OAuth 2.0 tokens; https, or http on a loopback address")
	flags.StringVar(&a.caFile, "sinch-ca-file", "", "PEM `file` of certificates to trust for Sinch besides the system's, such as a proxy's")
	complete(command, "project", a.cluster.projects)
	complete(command, "secret", a.cluster.secrets)
	complete(command, "auth-method", choices(string(v1alpha1.AuthOAuth2), string(v1alpha1.AuthBasic)))
}

// check says what is wrong with the flags, before anybody is asked.
func (a *access) check() error {
	switch {
	case a.project == "":
		return errors.New("--project is needed: the id of a Sinch project (Sinch dashboard, Settings, Projects)")
	case !sinch.IsProjectID(a.project):
		return fmt.Errorf("--project %q: must be the id of a Sinch project: 1 to 64 letters, digits and hyphens, such as 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a", a.project)
	case a.method != string(v1alpha1.AuthOAuth2) && a.method != string(v1alpha1.AuthBasic):
		return fmt.Errorf("--auth-method %q: must be OAuth2 or Basic", a.method)
	}
	return nil
}

// open begins a conversation with Sinch; nothing is asked yet.
func (a *access) open(ctx context.Context) (*sinch.Session, error) {
	transport, err := sinch.NewTransport(a.caFile)
	if err != nil {
		return nil, fmt.Errorf("--sinch-ca-file: %w", err)
	}
	asking, err := sinch.New(sinch.Config{APIURL: a.apiURL, TokenURL: a.tokenURL, Transport: transport, UserAgent: userAgent()})
	if err != nil {
		return nil, err
	}
	key, err := a.key(ctx)
	if err != nil {
		return nil, err
	}
	if a.method == string(v1alpha1.AuthBasic) {
		return asking.Basic(key), nil
	}
	return asking.OAuth2(key), nil
}

// key is the one in the Secret if there is one, else that of the environment.
func (a *access) key(ctx context.Context) (sinch.Key, error) {
	if a.secret != "" {
		return a.keyInSecret(ctx)
	}
	key := sinch.Key{ID: strings.TrimSpace(os.Getenv(idVariable)), Secret: strings.TrimSpace(os.Getenv(keyVariable))}
	switch {
	case key.ID == "" && key.Secret == "":
		return sinch.Key{}, fmt.Errorf("there is no Sinch access key: name a Secret that holds one with --secret, or set the environment variables %s and %s", idVariable, keyVariable)
	case key.ID == "" || key.Secret == "":
		return sinch.Key{}, fmt.Errorf("only one of %s and %s is set: set both, or name a Secret with --secret", idVariable, keyVariable)
	}
	return key, nil
}

func (a *access) keyInSecret(ctx context.Context) (sinch.Key, error) {
	reader, namespace, err := a.cluster.connect()
	if err != nil {
		return sinch.Key{}, err
	}
	var found corev1.Secret
	err = reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: a.secret}, &found)
	switch {
	case apierrors.IsNotFound(err):
		return sinch.Key{}, fmt.Errorf("there is no Secret %q in namespace %q: correct --secret or --namespace, or create it with the keys %s and %s", a.secret, namespace, v1alpha1.SecretKeyID, v1alpha1.SecretKeySecret)
	case apierrors.IsForbidden(err):
		return sinch.Key{}, fmt.Errorf("you may not read Secret %q in namespace %q: ask for the right to, or set the environment variables %s and %s instead of --secret", a.secret, namespace, idVariable, keyVariable)
	case err != nil:
		return sinch.Key{}, fmt.Errorf("read Secret %q: %w", a.secret, err)
	}
	key := sinch.Key{ID: entryIn(&found, v1alpha1.SecretKeyID), Secret: entryIn(&found, v1alpha1.SecretKeySecret)}
	for name, value := range map[string]string{v1alpha1.SecretKeyID: key.ID, v1alpha1.SecretKeySecret: key.Secret} {
		if value == "" {
			return sinch.Key{}, fmt.Errorf("there is no %s in Secret %q of namespace %q: add it", name, a.secret, namespace)
		}
	}
	return key, nil
}

// entryIn takes one entry out of a Secret, without the white space that editors and files add at its ends.
func entryIn(secret *corev1.Secret, name string) string {
	return strings.TrimSpace(string(secret.Data[name]))
}
