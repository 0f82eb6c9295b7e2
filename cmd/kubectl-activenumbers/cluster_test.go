// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// world is a cluster whose namespace telephony has a Secret with the key of a Sinch.
type world struct {
	*sinchtest.Server
	plane      *kubetest.ControlPlane
	kubeconfig string
}

func startWorld(t *testing.T) *world {
	t.Helper()
	plane := kubetest.Start(t)
	kubeconfig, err := plane.Kubeconfig("admin", plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{startSinch(t), plane, kubeconfig}
	t.Setenv(idVariable, "")
	t.Setenv(keyVariable, "")
	w.kubectl(t, "", "create", "namespace", "telephony")
	w.kubectl(t, "", "create", "secret", "generic", "sinch-credentials", "-n", "telephony", "--from-literal=keyId="+canaryID, "--from-literal=keySecret="+canaryKey+"\n")
	return w
}

func (w *world) kubectl(t *testing.T, in string, arguments ...string) string {
	t.Helper()
	command := w.plane.Kubectl(t.Context(), w.kubeconfig, arguments...)
	command.Stdin = strings.NewReader(in)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%.2000s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// invoke runs a command line in namespace telephony, with the Secret in it, unless the line says otherwise.
func (w *world) invoke(t *testing.T, in, line string) said {
	t.Helper()
	command, rest, _ := strings.Cut(line, " ")
	usual := asking(w.Server, command, "--kubeconfig="+w.kubeconfig, "--namespace=telephony", "--secret=sinch-credentials")
	return invoke(t, in, append(usual, strings.Fields(rest)...)...)
}

// scriptFleet makes that many numbers of all types, connected in all ways, with names that YAML might misread.
func scriptFleet(server *sinchtest.Server, many int) {
	types := []string{"LOCAL", "MOBILE", "TOLL_FREE", "LOCAL", "SATELLITE"}
	voices := []sinchtest.Change{
		sinchtest.Voice("RTC", ""), sinchtest.Voice("RTC", "app-1"), sinchtest.Voice("EST", "0x10"), sinchtest.Voice("FAX", "1e3"),
		sinchtest.Set("voiceConfiguration", nil), sinchtest.Set("voiceConfiguration.type", "SIP"),
	}
	names := []string{"", "no", "12:30:45", "- a: b", "# none", "Grüße \u2713", `'"\`, " ", "null", "2026-12-21", "{{ x }}"}
	callbacks := []string{"", "https://example.com/{d}", "https://example.com/?token=hidden", "http://example.com", "ftp://example.com", "https://me@example.com"}
	plans := []string{"", "sp-1", "~", "0123"}
	for n := range many {
		server.Script(project, fmt.Sprintf("+1202555%04d", n), sinchtest.Number(
			sinchtest.Set("type", types[n%len(types)]), voices[n%len(voices)], sinchtest.Set("displayName", names[n%len(names)]),
			sinchtest.Set("callbackUrl", callbacks[n%len(callbacks)]), sinchtest.SMS(plans[n%len(plans)], ""),
			sinchtest.Set("money.amount", []any{"2.00", 0.8, "-1", nil}[n%4]),
		))
	}
}

// TestWhatWasImportedAndAppliedHasNoDifferences is the way of a team that begins to keep its numbers in Git, with kubectl
// and the schema of the real API server.
func TestWhatWasImportedAndAppliedHasNoDifferences(t *testing.T) {
	const many = 2500
	w := startWorld(t)
	scriptFleet(w.Server, many)
	imported := w.invoke(t, "", "import --expect=all")
	if documents := strings.Count(imported.out, "\nkind: ActiveNumber\n"); imported.code != 0 || imported.err != "" || documents != many {
		t.Fatalf("exit code %d, %d numbers: %s", imported.code, documents, imported.err)
	}
	if again := w.invoke(t, "", "import --expect=all"); again.out != imported.out {
		t.Error("a second import is another")
	}
	if strings.Contains(imported.out, "hidden") {
		t.Error("it declares what may be secret")
	}
	applied := w.kubectl(t, imported.out, "apply", "-n", "telephony", "-f", "-")
	if created := strings.Count(applied, " created\n"); created != many || strings.Contains(applied, "Warning") {
		t.Fatalf("%d numbers were created:\n%.2000s", created, applied)
	}
	for line, scope := range map[string]string{"diff": "namespace telephony", "diff -A": "all namespaces", "diff -f -": "these files"} {
		same := fmt.Sprintf("no differences: %d numbers declared in %s, %d at Sinch\n", many, scope, many)
		if got := w.invoke(t, imported.out, line); got.code != exitSame || got.out != same || got.err != "" {
			t.Errorf("%s: exit code %d, %s\n%.2000s", line, got.code, got.err, got.out)
		}
	}
	if got := invoke(t, "", "summary", "--kubeconfig="+w.kubeconfig, "--namespace=telephony"); !strings.HasPrefix(got.out, fmt.Sprintf("%d numbers\n", many)) {
		t.Errorf("of more than a chunk, a summary counts\n%.500s", got.out)
	}

	w.Script(project, "+12025552499", sinchtest.Number(sinchtest.Set("type", "MOBILE")))
	w.kubectl(t, "", "delete", "activenumber", nameOf(project, "+12025550000"), "-n", "telephony")
	w.Script(project, "+12025550001")
	got := w.invoke(t, "", "diff -o json")
	for _, want := range []string{"telephony/" + nameOf(project, "+12025550001"), `"phoneNumber": "+12025550000"`, `"declaredBy": "telephony/` + nameOf(project, "+12025552499") + `"`} {
		if got.code != exitDifferent || !strings.Contains(got.out, want) {
			t.Errorf("exit code %d, no %s in\n%.2000s", got.code, want, got.out)
		}
	}
}

func TestACluster(t *testing.T) {
	w := startWorld(t)
	scriptLocal(w.Server, 3)
	w.kubectl(t, declare("one", "+12025550000", "type: LOCAL")+declare("ghost", "+12025559999", ""), "apply", "-n", "telephony", "-f", "-")
	w.kubectl(t, declare("two", "+12025550001", "")+strings.ReplaceAll(declare("other", "+12025550002", ""), project, "another-project"), "apply", "-n", "default", "-f", "-")
	w.kubectl(t, "", "create", "secret", "generic", "half", "-n", "telephony", "--from-literal=keyId="+canaryID, "--from-literal=keySecret= ")

	t.Run("numbers are compared by namespace", func(t *testing.T) {
		t.Setenv(idVariable, canaryID)
		t.Setenv(keyVariable, canaryKey)
		for line, want := range map[string]string{
			"diff":                              "1 missing, 2 undeclared, 0 fields drifted: 2 numbers declared in namespace telephony, 3 at Sinch\n",
			"diff -A":                           "1 missing, 1 undeclared, 0 fields drifted: 3 numbers declared in all namespaces, 3 at Sinch\n",
			"diff -n default --secret=":         "0 missing, 2 undeclared, 0 fields drifted: 1 number declared in namespace default, 3 at Sinch\n",
			"diff --project=another-project -A": "1 missing, 0 undeclared, 0 fields drifted: 1 number declared in all namespaces, 0 at Sinch\n",
		} {
			if got := w.invoke(t, "", line); got.code != exitDifferent || !strings.HasSuffix(got.out, want) {
				t.Errorf("%s: got %+v, want %s", line, got, want)
			}
		}
	})
	t.Run("who looked in one namespace is told so", func(t *testing.T) {
		for line, want := range map[string]string{
			"diff":            "UNDECLARED: Sinch has it, but it is not declared in namespace telephony; -A looks in all\n",
			"diff -A":         "UNDECLARED: Sinch has it, but it is not declared in all namespaces\n",
			"diff -o json":    `"scope": "namespace telephony",`,
			"diff -A -o yaml": "scope: all namespaces\n",
		} {
			if got := w.invoke(t, "", line); !strings.Contains(got.out, want) {
				t.Errorf("%s: got %+v, want %s", line, got, want)
			}
		}
	})
	t.Run("an import uses the Secret, and has the operator use it", func(t *testing.T) {
		w.kubectl(t, "", "create", "secret", "generic", "key-of-ours", "-n", "telephony", "--from-literal=keyId="+canaryID, "--from-literal=keySecret="+canaryKey)
		for line, want := range map[string]int{"import": 0, "import --secret key-of-ours": 3} {
			got := w.invoke(t, "", line)
			if said := strings.Count(got.out, "  auth:\n    secretRef:\n      name: key-of-ours\n"); got.code != 0 || said != want {
				t.Errorf("%s: said %d times, want %d: %+v", line, said, want, got)
			}
			if !strings.Contains(got.out, "  namespace: telephony\n") {
				t.Errorf("%s: the namespace is not the one that was given:\n%s", line, got.out)
			}
			w.kubectl(t, got.out, "apply", "--dry-run=server", "-f", "-")
		}
	})
	t.Run("a Secret wins over the environment", func(t *testing.T) {
		t.Setenv(idVariable, "wrong")
		t.Setenv(keyVariable, "wrong")
		if got := w.invoke(t, "", "import"); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a folder is for kustomize", func(t *testing.T) {
		dir := t.TempDir()
		if got := w.invoke(t, "", "import --output-dir="+dir); got.code != 0 {
			t.Fatalf("%+v", got)
		}
		if built := w.kubectl(t, "", "kustomize", dir); strings.Count(built, "kind: ActiveNumber\n") != 3 {
			t.Errorf("kustomize makes of it\n%s", built)
		}
	})
	const listForbidden = `activenumbers.numbers.sinch.com is forbidden: User "guest" cannot list`
	t.Run("trouble is one line that says what to do", func(t *testing.T) {
		for line, want := range map[string]string{
			"import --secret none":       `there is no Secret "none" in namespace "telephony": correct --secret or --namespace`,
			"import -n none":             `there is no Secret "sinch-credentials" in namespace "none"`,
			"diff --secret half":         `there is no keySecret in Secret "half" of namespace "telephony": add it`,
			"import --kubeconfig=GUEST":  `you may not read Secret "sinch-credentials" in namespace "telephony": ask for the right to, or set the environment variables`,
			"diff --kubeconfig=GUEST":    "you may not list ActiveNumbers in namespace telephony (" + listForbidden,
			"diff -A --kubeconfig=GUEST": "you may not list ActiveNumbers in all namespaces (" + listForbidden,
		} {
			wantTrouble(t, w.invoke(t, "", strings.ReplaceAll(line, "GUEST", w.guest(t))), want)
		}
	})
	t.Run("a shell completes what the cluster knows", func(t *testing.T) {
		t.Setenv("KUBECONFIG", w.kubeconfig)
		for line, want := range map[string]string{
			"import -n telephony --secret ":                 "half key-of-ours sinch-credentials",
			"diff -n default --project ":                    project + " another-project",
			"diff --auth-method ":                           "OAuth2 Basic",
			"diff -o ":                                      "json yaml",
			"import --expect ":                              "all none callbackUrl capability displayName regionCode smsConfiguration type voiceConfiguration money paymentIntervalMonths",
			"import --kubeconfig /does/not/exist --secret ": "",
		} {
			lines := strings.Split(invoke(t, "", strings.Split("__complete "+line, " ")...).out, "\n")
			if got := strings.Join(lines[:len(lines)-2], " "); got != want {
				t.Errorf("%s: got %s, want %s", line, got, want)
			}
		}
	})
	t.Run("without the kind or a cluster it says so", func(t *testing.T) {
		w.kubectl(t, "", "delete", "-k", w.plane.Root+"/config/crd")
		wantTrouble(t, w.invoke(t, "", "diff"), "the cluster does not know the kind ActiveNumber: install its CustomResourceDefinition first, such as by kubectl apply -k config/crd (or compare files, with -f)")
		gone := t.TempDir() + "/kubeconfig"
		text, err := os.ReadFile(w.kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		write(t, gone, strings.Replace(string(text), w.plane.Admin.Host, "https://127.0.0.1:1", 1))
		wantTrouble(t, w.invoke(t, "", "diff --kubeconfig="+gone), "connection refused")
		wantTrouble(t, w.invoke(t, "", "import --kubeconfig="+gone), "connection refused")
	})
}

// guest is the kubeconfig of somebody who may do nothing.
func (w *world) guest(t *testing.T) string {
	t.Helper()
	config, err := w.plane.User("guest")
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := w.plane.Kubeconfig("guest", config)
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}
