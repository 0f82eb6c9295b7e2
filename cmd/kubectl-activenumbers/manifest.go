// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

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
		ObjectMeta: metav1.ObjectMeta{Name: nameOf(i.project, seen.PhoneNumber), Namespace: i.cluster.namespaceGiven()},
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

// namePrefix is what the names of imported numbers begin with.
const namePrefix = "number-"

// nameOf is the name of a number's resource. It becomes a label of metrics and alerts, which tell no phone number: so it is
// a hash of what the number is for good. The project id, which outsiders do not know, keeps them from trying all numbers.
func nameOf(project, phoneNumber string) string {
	sum := sha256.Sum256([]byte(project + phoneNumber))
	return namePrefix + hex.EncodeToString(sum[:5])
}

// distinctNames makes sure that no two manifests go by one name: the second would replace the first.
func distinctNames(manifests []manifest) error {
	names := map[string]bool{}
	for _, each := range manifests {
		if names[each.name] {
			return fmt.Errorf("two numbers would both be called %s: nothing is written; please report this", each.name)
		}
		names[each.name] = true
	}
	return nil
}
