// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// scriptLocal makes that many numbers, from +12025550000 on, that nothing is connected to.
func scriptLocal(server *sinchtest.Server, many int) {
	for n := range many {
		server.Script(project, fmt.Sprintf("+1202555%04d", n), sinchtest.Number())
	}
}

const imported = `apiVersion: numbers.sinch.com/v1alpha1
kind: ActiveNumber
metadata:
  name: number-16b03816b1
spec:
  expected:
    callbackUrl: https://example.com/numbers
    capability:
    - SMS
    - VOICE
    displayName: 'no: "5"'
    regionCode: US
    smsConfiguration:
      campaignId: C1
      servicePlanId: sp-1
    type: LOCAL
    voiceConfiguration:
      serviceId: "1e3"
      type: FAX
  phoneNumber: "+12025550134"
  projectId: 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a
---
apiVersion: numbers.sinch.com/v1alpha1
kind: ActiveNumber
metadata:
  name: number-fde83d4e18
spec:
  expected:
    callbackUrl: ""
    capability:
    - SMS
    displayName: ""
    regionCode: "NO"
    smsConfiguration:
      campaignId: ""
      servicePlanId: ""
    type: MOBILE
    voiceConfiguration:
      appId: ""
      serviceId: ""
      trunkId: ""
  phoneNumber: "+4712345678"
  projectId: 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a
---
# spec.expected.callbackUrl is left out: its user info, query or fragment may be secret
# spec.expected.capability is left out: "FAX" is none of SMS, VOICE
# spec.expected.type is left out: "SATELLITE" is none of LOCAL, MOBILE, TOLL_FREE
# spec.expected.voiceConfiguration.appId is left out: the number has a connection of another type, SIP
# spec.expected.voiceConfiguration.serviceId is left out: the number has a connection of another type, SIP
# spec.expected.voiceConfiguration.trunkId is left out: the number has a connection of another type, SIP
# spec.expected.voiceConfiguration.type is left out: "SIP" is none of EST, FAX, RTC
apiVersion: numbers.sinch.com/v1alpha1
kind: ActiveNumber
metadata:
  name: number-9c58822862
spec:
  expected:
    displayName: Ship
    smsConfiguration:
      campaignId: ""
      servicePlanId: ""
  phoneNumber: "+8816123456"
  projectId: 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a
`

func scriptOddities(server *sinchtest.Server) {
	server.Script(project, "+12025550134", sinchtest.Number(
		sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("FAX", "1e3"), sinchtest.VoiceJob("WAITING", "RTC", "app-1"),
		sinchtest.Set("displayName", `no: "5"`), sinchtest.Set("callbackUrl", "https://example.com/numbers")))
	server.Script(project, "+4712345678", sinchtest.Number(
		sinchtest.Set("type", "MOBILE"), sinchtest.Set("regionCode", "NO"), sinchtest.Set("capability", []string{"SMS"})))
	server.Script(project, "+8816123456", sinchtest.Number(
		sinchtest.Set("type", "SATELLITE"), sinchtest.Set("regionCode", ""), sinchtest.Set("capability", []string{"FAX"}),
		sinchtest.Set("displayName", "Ship"), sinchtest.Set("callbackUrl", "https://me:hidden@example.com"),
		sinchtest.Set("voiceConfiguration.type", "SIP"), sinchtest.Set("voiceConfiguration.appId", "app-1")))
	server.Script("another", "+12025550199", sinchtest.Number())
}

func TestAnImportIsEveryNumberOnce(t *testing.T) {
	server := startSinch(t)
	scriptOddities(server)
	for range 2 {
		got := invoke(t, "", asking(server, "import")...)
		if got.code != 0 || got.err != "" || got.out != imported {
			t.Errorf("exit code %d, %s\n got\n%s\nwant\n%s", got.code, got.err, got.out, imported)
		}
	}
	var asked []string
	for _, call := range server.Calls()[1:5] {
		asked = append(asked, call.Query)
	}
	if want := "pageSize=100&type=MOBILE pageSize=100&type=LOCAL pageSize=100&type=TOLL_FREE pageSize=100"; strings.Join(asked, " ") != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

func TestANameTellsNoPhoneNumberAndStays(t *testing.T) {
	for name, test := range map[string]struct{ project, phoneNumber, want string }{
		"a number":                    {project, "+12025550134", "number-16b03816b1"},
		"the next one":                {project, "+12025550135", "number-5ac83249b5"},
		"the same of another project": {"another", "+12025550134", "number-6731b993c6"},
	} {
		if got := nameOf(test.project, test.phoneNumber); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestTwoNumbersOfOneNameAreAnError(t *testing.T) {
	i := &importer{access: access{project: project, cluster: &cluster{genericclioptions.NewConfigFlags(true)}}}
	a, b := &v1alpha1.Observed{PhoneNumber: "+12025550134"}, &v1alpha1.Observed{PhoneNumber: "+12025550135"}
	if made, err := i.manifests([]*v1alpha1.Observed{a, b}, nil); err != nil || len(made) != 2 {
		t.Errorf("got %v, %v", made, err)
	}
	_, err := i.manifests([]*v1alpha1.Observed{a, b, a}, nil)
	if err == nil || !strings.Contains(err.Error(), "two numbers would both be called number-16b03816b1: nothing is written") {
		t.Errorf("got %v", err)
	}
}

func TestAnImportDeclaresWhatItIsToldTo(t *testing.T) {
	const start = "apiVersion: numbers.sinch.com/v1alpha1\nkind: ActiveNumber\nmetadata:\n  name: number-6c98389ea6\n"
	const end = "  phoneNumber: \"+12025550000\"\n  projectId: " + project + "\n"
	server := startSinch(t)
	scriptLocal(server, 1)
	for line, want := range map[string]string{
		"--expect=none":                           start + "spec:\n" + end,
		"--expect=type":                           start + "spec:\n  expected:\n    type: LOCAL\n" + end,
		"--expect=type,money,type":                start + "spec:\n  expected:\n    money:\n      amount: \"2.00\"\n      currencyCode: USD\n    type: LOCAL\n" + end,
		"--expect=smsConfiguration.servicePlanId": start + "spec:\n  expected:\n    smsConfiguration:\n      servicePlanId: \"\"\n" + end,
		"--expect=none --namespace=telephony":     start + "  namespace: telephony\nspec:\n" + end,
		"--expect=none --auth-method=Basic":       start + "spec:\n  auth:\n    method: Basic\n" + end,
	} {
		got := invoke(t, "", asking(server, append([]string{"import"}, strings.Fields(line)...)...)...)
		if got.code != 0 || got.out != want {
			t.Errorf("%s: exit code %d\n got\n%s\nwant\n%s", line, got.code, got.out, want)
		}
	}
	all := invoke(t, "", asking(server, "import", "--expect=all")...)
	for _, want := range []string{"paymentIntervalMonths: 1\n", "amount: \"2.00\"\n", "trunkId: \"\"\n", "callbackUrl: \"\"\n"} {
		if !strings.Contains(all.out, want) {
			t.Errorf("--expect=all declares no %s:\n%s", want, all.out)
		}
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAnImportThatCannotBePrintedFails(t *testing.T) {
	server := startSinch(t)
	scriptLocal(server, 1)
	var said strings.Builder
	code := run(t.Context(), asking(server, "import"), genericiooptions.IOStreams{Out: fullDisk{}, ErrOut: &said})
	if want := "error: write the manifests: no space left on device\n"; code != exitTrouble || said.String() != want {
		t.Errorf("exit code %d, %s", code, said.String())
	}
}

func TestAnImportThatIsInterruptedWritesNothing(t *testing.T) {
	server := startSinch(t)
	release := make(chan struct{})
	defer close(release)
	server.ScriptList(2, func(usual sinchtest.Answer) sinchtest.Answer { return sinchtest.Held(release, usual) })
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		_, _ = server.Wait(t.Context(), 3) // token, list, list
		interrupt()
	}()
	var out, said strings.Builder
	code := run(ctx, asking(server, "import"), genericiooptions.IOStreams{Out: &out, ErrOut: &said})
	if code != exitTrouble || out.String() != "" || said.String() != "error: interrupted\n" {
		t.Errorf("exit code %d, %s%s", code, out.String(), said.String())
	}
}

// tree is every file in a folder, by name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(text)
	}
	return found
}

const mark = "# Written by kubectl activenumbers import, for project " + project + ".\n"

func TestAnImportGoesToAFolder(t *testing.T) {
	server := startSinch(t)
	scriptOddities(server)
	dir := filepath.Join(t.TempDir(), "new", "numbers")
	write(t, filepath.Join(dir, "README.md"), "ours")
	write(t, filepath.Join(dir, "number-1.yaml"), "ours as well")
	documents := strings.Split(imported, "---\n")
	want := map[string]string{
		"README.md":              "ours",
		"number-1.yaml":          "ours as well",
		"number-16b03816b1.yaml": mark + documents[0],
		"number-fde83d4e18.yaml": mark + documents[1],
		"number-9c58822862.yaml": mark + documents[2],
		"kustomization.yaml": mark + "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n" +
			"- number-16b03816b1.yaml\n- number-fde83d4e18.yaml\n- number-9c58822862.yaml\n",
	}
	for range 2 {
		got := invoke(t, "", asking(server, "import", "--output-dir="+dir)...)
		if said := "3 numbers and kustomization.yaml written to " + dir + "\n"; got.code != 0 || got.err != "" || got.out != said {
			t.Errorf("%+v", got)
		}
		if found := tree(t, dir); fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("got %q\nwant %q", found, want)
		}
	}

	server.Script(project, "+4712345678")
	got := invoke(t, "", asking(server, "import", "--output-dir="+dir)...)
	if said := filepath.Join(dir, "number-fde83d4e18.yaml") + " is of a number that the project has no more: it is not listed any longer, and can be deleted\n"; got.code != 0 || got.err != said {
		t.Errorf("a number is gone: %+v, want %s", got, said)
	}
	if found := tree(t, dir); strings.Contains(found["kustomization.yaml"], "fde83d4e18") || found["number-fde83d4e18.yaml"] != want["number-fde83d4e18.yaml"] {
		t.Errorf("a number is gone: %q", found)
	}
}

func TestAFolderIsForEverybodyWhoWorksThere(t *testing.T) {
	server := startSinch(t)
	scriptLocal(server, 1)
	dir := t.TempDir()
	invoke(t, "", asking(server, "import", "--output-dir="+dir)...)
	for name := range tree(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestAManifestNamesNoSecretThatTheSchemaFillsIn(t *testing.T) {
	for name, test := range map[string]struct{ secret, method, want string }{
		"nothing is given": {"", "OAuth2", "{ {}}"},
		"the usual Secret": {usualName, "OAuth2", "{ {}}"},
		"another Secret":   {"ours", "OAuth2", "{ {ours}}"},
		"Basic":            {usualName, "Basic", "{Basic {}}"},
	} {
		i := &importer{access: access{secret: test.secret, method: test.method}}
		if got := fmt.Sprint(i.auth()); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestAnImportReplacesNoFilesOfOthers(t *testing.T) {
	for name, foreign := range map[string]string{
		"a kustomization":                     "kustomization.yaml",
		"a kustomization of another ending":   "kustomization.yml",
		"a kustomization of an older fashion": "Kustomization",
		"a number":                            "number-6c98389ea6.yaml",
	} {
		for of, text := range map[string]string{
			"a person":        "resources: []\n",
			"another project": "# Written by kubectl activenumbers import, for project another.\n",
		} {
			t.Run(name+" of "+of, func(t *testing.T) {
				server := startSinch(t)
				scriptLocal(server, 2)
				dir := t.TempDir()
				write(t, filepath.Join(dir, foreign), text)
				got := invoke(t, "", asking(server, "import", "--output-dir="+dir)...)
				wantTrouble(t, got, filepath.Join(dir, foreign)+" is not of an earlier import of this project, and is not replaced: move it away, or choose another folder")
				if found := tree(t, dir); len(found) != 1 || found[foreign] != text {
					t.Errorf("got %q", found)
				}
				if asked := len(server.Calls()) > 0; asked != strings.HasPrefix(foreign, "number") {
					t.Errorf("Sinch was asked: %t", asked)
				}
			})
		}
	}
}

func TestAnImportThatCannotBeFiledLeavesNothing(t *testing.T) {
	server := startSinch(t)
	scriptLocal(server, 3)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "number-451ddb3cad.yaml", "in the way"), "")
	wantTrouble(t, invoke(t, "", asking(server, "import", "--output-dir="+dir)...), "--output-dir: ")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v (%v)", entries, err)
	}

	missing := filepath.Join(dir, "missing")
	f := &folder{missing, mark}
	if err := f.replace([]manifest{{"a.yaml", nil}}); err == nil {
		t.Error("a folder that does not exist was written to")
	}
	if !slices.Contains(kustomizations, "kustomization.yaml") {
		t.Error("kustomize would not find the list")
	}
}
