// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestSecrets(t *testing.T) {
	valid := map[string][]byte{"keyId": []byte("id"), "keySecret": []byte("secret")}
	with := func(entry, value string) map[string][]byte {
		data := map[string][]byte{"keyId": valid["keyId"], "keySecret": valid["keySecret"]}
		data[entry] = []byte(value)
		return data
	}
	tests := map[string]struct {
		data map[string][]byte
		want string
	}{
		"K07 a good Secret":                 {valid, ""},
		"K07 a trailing newline is dropped": {with("keySecret", "secret\r\n"), ""},
		"K07 a missing key":                 {map[string][]byte{"keyId": []byte("id")}, `Secret "s" has no key keySecret: add it`},
		"K07 no keys":                       {nil, `Secret "s" has no key keyId: add it`},
		"K07 an empty key":                  {with("keyId", ""), `Secret "s": keyId is empty`},
		"K07 a blank key":                   {with("keySecret", " \n"), `Secret "s": keySecret is empty`},
		"K07 binary data":                   {with("keySecret", "canary\x00\xff"), `Secret "s": keySecret holds characters that no Sinch key has`},
		"K07 two lines":                     {with("keySecret", "canary\nother"), `Secret "s": keySecret holds characters that no Sinch key has`},
		"K07 a megabyte":                    {with("keySecret", strings.Repeat("canary", 170_000)), `Secret "s": keySecret is longer than 512 characters`},
		"K07 a colon in the id":             {with("keyId", "canary:x"), `Secret "s": keyId holds a colon`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			secret := &corev1.Secret{Data: test.data}
			secret.Name = "s"
			key, trouble := keyIn(secret)
			if !strings.HasPrefix(trouble, test.want) || test.want == "" && trouble != "" || strings.Contains(trouble, "canary") {
				t.Errorf("got %q, want %q", trouble, test.want)
			}
			if test.want == "" && (key.ID != "id" || key.Secret != "secret") {
				t.Error("the key is not the one in the Secret")
			}
		})
	}
}

// failingReader is an API server that cannot tell, and takes its time.
type failingReader struct {
	client.Reader
	mu    sync.Mutex
	reads int
}

func (f *failingReader) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return errors.New("etcd is away")
}

func TestASecretThatCannotBeReadIsNotReadForEachNumber(t *testing.T) {
	now, reader := birth, &failingReader{}
	s := newSessions(reader, Options{Now: func() time.Time { return now }}, unjittered)
	number := newStory(t).number
	for range 100 {
		if _, err := s.ask(t.Context(), number, false); err == nil || !strings.Contains(err.Error(), "etcd is away") {
			t.Fatalf("got error %v", err)
		}
	}
	if reader.reads != 1 {
		t.Errorf("read %d times within a second, want once", reader.reads)
	}
	now = now.Add(keepFailure)
	if _, err := s.ask(t.Context(), number, false); err == nil || reader.reads != 2 {
		t.Errorf("a second later: %d reads in all (%v), want 2", reader.reads, err)
	}
}
