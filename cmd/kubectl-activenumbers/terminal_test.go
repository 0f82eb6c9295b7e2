// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// What a terminal would obey: a colour, a title, and a line that looks like another message.
const (
	commands = "red\x1b[31m\x1b]0;title\a\nerror: \tforged\u009b2J\u202e"
	harmless = `red\x1b[31m\x1b]0;title\a\nerror: \tforged\u009b2J\u202e`
)

func TestATerminalIsShownWhatItMightObey(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"words":                  {"Grüße, 世界: 2 × “a  b”", "Grüße, 世界: 2 × “a  b”"},
		"commands":               {commands, harmless},
		"a quote, a backslash":   {`"'\`, `"'\`},
		"bytes that are no text": {"a\xffb\x9b", `a\xffb\x9b`},
		"a replaced character":   {"a\uFFFDb", "a\uFFFDb"},
		"spaces of other kinds":  {"a\u00a0b\u2028c\u200b", `a\u00a0b\u2028c\u200b`},
	} {
		if got := printable(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestWhateverIsToldIsHarmless has every way to a terminal tell a text of others.
func TestWhateverIsToldIsHarmless(t *testing.T) {
	foreign := declared(commands, commands, in(commands), func(n *v1alpha1.ActiveNumber) {
		n.Status.Observed = &v1alpha1.Observed{Type: commands, ExpireAt: &metav1.Time{Time: noon.AddDate(1, 0, 0)}}
		n.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionSynced, Status: metav1.ConditionFalse, Reason: commands, Message: commands}}
	})
	teller := func(s genericiooptions.IOStreams) *teller {
		return newTeller(s, []v1alpha1.ActiveNumber{foreign}, true)
	}
	for name, tell := range map[string]func(genericiooptions.IOStreams){
		"a summary": func(s genericiooptions.IOStreams) {
			_ = count([]v1alpha1.ActiveNumber{foreign}, noon).print(s.Out, asTable, true)
		},
		"differences": func(s genericiooptions.IOStreams) {
			_ = (&report{
				Scope:      commands,
				Missing:    []missing{{commands, []string{commands}}},
				Undeclared: []undeclared{{commands, commands, commands, commands, commands}},
				Drifted:    []drifted{{PhoneNumber: commands, DeclaredBy: commands, Field: commands, Declared: commands, Seen: commands}},
			}).table(s.Out)
		},
		"an answer": func(s genericiooptions.IOStreams) { teller(s).end(&foreign, answered) },
		"no answer": func(s genericiooptions.IOStreams) { teller(s).end(&foreign, suspended) },
		"a file left over": func(s genericiooptions.IOStreams) {
			f := &folder{t.TempDir(), mark}
			write(t, filepath.Join(f.path, "number-"+commands), mark)
			_ = f.tellLeftOver(nil, s)
		},
		"a folder": func(s genericiooptions.IOStreams) {
			_ = (&folder{filepath.Join(t.TempDir(), commands), mark}).write(nil, s)
		},
		"an empty namespace": func(s genericiooptions.IOStreams) { say(s.ErrOut, "%s", selection{}.none(commands)) },
	} {
		t.Run(name, func(t *testing.T) {
			said := &screen{}
			tell(genericiooptions.IOStreams{Out: said, ErrOut: said})
			if !strings.Contains(said.String(), harmless) || strings.ContainsAny(said.String(), "\x1b\a\t\u009b\u202e") || strings.Contains(said.String(), "\nerror:") {
				t.Errorf("a terminal is told %q", said)
			}
		})
	}
}

// discovery is what an API server says that there is.
var discovery = map[string]any{
	"/api": metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
	"/apis": metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{{
		Name:     v1alpha1.GroupVersion.Group,
		Versions: []metav1.GroupVersionForDiscovery{{GroupVersion: v1alpha1.GroupVersion.String(), Version: v1alpha1.GroupVersion.Version}},
	}}},
	"/api/v1": metav1.APIResourceList{GroupVersion: "v1", APIResources: []metav1.APIResource{{Name: "secrets", Kind: "Secret", Namespaced: true}}},
	"/apis/" + v1alpha1.GroupVersion.String(): metav1.APIResourceList{
		GroupVersion: v1alpha1.GroupVersion.String(),
		APIResources: []metav1.APIResource{{Name: "activenumbers", Kind: kind, Namespaced: true}},
	},
}

// TestAnErrorOfTheClusterIsOneLine asks an API server, or a webhook behind it, that refuses with commands.
func TestAnErrorOfTheClusterIsOneLine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, found := discovery[request.URL.Path]
		if !found {
			w.WriteHeader(http.StatusConflict)
			answer = metav1.Status{
				TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
				Status:   metav1.StatusFailure, Code: http.StatusConflict, Reason: metav1.StatusReasonConflict, Message: commands,
			}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	for _, line := range []string{"summary", "poll some", "poll --all", "diff --project=p", "import --project=p --secret=s"} {
		t.Run(line, func(t *testing.T) {
			got := invoke(t, "", append(strings.Fields(line), "--server="+server.URL, "--namespace=telephony")...)
			wantTrouble(t, got, `: red\x1b[31m\x1b]0;title\a error: forged\u009b2J\u202e`)
		})
	}
}
