// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

const kind = "ActiveNumber"

// usualName is what the schema takes for the name of the Secret unless there is another.
const usualName = "sinch-credentials"

// manifest is one number as YAML, or a file.
type manifest struct {
	name string
	text []byte
}

// manifest declares these fields of a number as they were seen.
func (i *importer) manifest(seen *v1alpha1.Observed, fields []string) (manifest, error) {
	expected, omitted := mirror.Declare(seen, fields)
	number := &v1alpha1.ActiveNumber{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Name: nameOf(seen.PhoneNumber), Namespace: i.cluster.namespaceGiven()},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: i.project, PhoneNumber: seen.PhoneNumber, Auth: i.auth(), Expected: expected},
	}
	body, err := yaml.Marshal(number)
	if err != nil {
		return manifest{}, fmt.Errorf("write the manifest of %s: %w", seen.PhoneNumber, err)
	}
	var text bytes.Buffer
	for _, each := range omitted {
		fmt.Fprintf(&text, "# spec.expected.%s is left out: %s\n", each.Field, each.Why)
	}
	text.Write(body)
	return manifest{number.Name, text.Bytes()}, nil
}

// auth is what the schema would not fill in by itself.
func (i *importer) auth() v1alpha1.Auth {
	var auth v1alpha1.Auth
	if i.method != string(v1alpha1.AuthOAuth2) {
		auth.Method = v1alpha1.AuthMethod(i.method)
	}
	if i.secret != usualName {
		auth.SecretRef.Name = i.secret
	}
	return auth
}

// nameOf is the name of a number's resource: its digits are all that it has for good.
func nameOf(phoneNumber string) string { return "number-" + strings.TrimPrefix(phoneNumber, "+") }
