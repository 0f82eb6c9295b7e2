// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// declare is a manifest of a number that is expected to be so.
func declare(name, phoneNumber, expected string) string {
	return `apiVersion: numbers.sinch.com/v1alpha1
kind: ActiveNumber
metadata: {name: ` + name + `}
spec: {projectId: ` + project + `, phoneNumber: "` + phoneNumber + `", expected: {` + expected + "}}\n---\n"
}

// startDifferent starts a Sinch that has other numbers than these, written to a file.
func startDifferent(t *testing.T) (*sinchtest.Server, string) {
	t.Helper()
	server := startSinch(t)
	server.Script(project, "+12025550100", sinchtest.Number())
	server.Script(project, "+12025550101", sinchtest.Number(sinchtest.SMS("sp-2", ""), sinchtest.SMSJob("WAITING", "sp-1", ""),
		sinchtest.Set("callbackUrl", "https://me:hidden@example.com/?token=hidden"), sinchtest.Set("displayName", "Support")))
	server.Script(project, "+12025550102", sinchtest.Number(sinchtest.Set("displayName", "For\x1b[31m gotten"), sinchtest.Set("paymentIntervalMonths", 3)))
	server.Script(project, "+12025550103", sinchtest.Number())
	server.Script("another", "+12025550104", sinchtest.Number())
	file := filepath.Join(t.TempDir(), "numbers.yaml")
	write(t, file, declare("same", "+12025550100", "type: LOCAL, money: {amount: '2.0'}, capability: [SMS], voiceConfiguration: {appId: ''}")+
		declare("drifted", "+12025550101", "displayName: '', smsConfiguration: {servicePlanId: sp-1}, callbackUrl: 'https://example.com/?token=other'")+
		declare("again", "+12025550101", "type: MOBILE")+
		declare("gone-b", "+12025550106", "")+declare("gone-a", "+12025550105", "")+declare("gone-c", "+12025550105", "")+
		strings.ReplaceAll(declare("anothers", "+12025550107", ""), project, "another")+
		"apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {keyId: canary-key-id}\n---\n# nothing\n---\n")
	return server, file
}

func TestDifferencesAreToldByKind(t *testing.T) {
	server, file := startDifferent(t)
	got := invoke(t, "", asking(server, "diff", "-f", file)...)
	want := strings.ReplaceAll(`MISSING: declared, but Sinch has no such number
PHONE NUMBER   DECLARED BY
+12025550105   FILE: gone-a, FILE: gone-c
+12025550106   FILE: gone-b

UNDECLARED: Sinch has it, but it is not declared in these files
PHONE NUMBER   TYPE    REGION   DISPLAY NAME   PRICE
+12025550102   LOCAL   US       For�[31m gotten   2.00 USD every 3 months
+12025550103   LOCAL   US       ""               2.00 USD every month

DRIFTED: not as declared
PHONE NUMBER   FIELD                            DECLARED               SEEN                                                      DECLARED BY
+12025550101   callbackUrl                      https://example.com/   https://example.com/ (with another user info, query or fragment)    FILE: drifted
+12025550101   displayName                      ""                     Support                                                   FILE: drifted
+12025550101   smsConfiguration.servicePlanId   sp-1                   sp-2 (a provisioning job is about to change it)           FILE: drifted
+12025550101   type                             MOBILE                 LOCAL                                                     FILE: again

2 missing, 2 undeclared, 4 fields drifted: 4 numbers declared in these files, 4 at Sinch
`, "FILE", file)
	if got.code != exitDifferent || got.err != "" || words(got.out) != words(want) {
		t.Errorf("exit code %d, %s\n got\n%s\nwant\n%s", got.code, got.err, got.out, want)
	}
	if strings.Contains(got.out, "hidden") || strings.Contains(got.out, "\x1b") {
		t.Errorf("it shows what may be secret, or what a terminal obeys:\n%q", got.out)
	}
	for line := range strings.Lines(got.out) {
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("%q ends in white space", line)
		}
	}
}

// words is a text without its alignment.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestTablesAreAligned(t *testing.T) {
	r := &report{Project: project, Scope: "namespace telephony", partial: true, Declared: 1, Present: 2, Undeclared: []undeclared{
		{"+4712345678", "Støtte", "MOBILE", "NO", "20 NOK every month"}, {"+12025550134", "", "LOCAL", "US", ""},
	}}
	var out strings.Builder
	if err := r.table(&out); err != nil {
		t.Fatal(err)
	}
	want := `UNDECLARED: Sinch has it, but it is not declared in namespace telephony; -A looks in all
PHONE NUMBER   TYPE     REGION   DISPLAY NAME   PRICE
+4712345678    MOBILE   NO       Støtte         20 NOK every month
+12025550134   LOCAL    US       ""             ?

0 missing, 2 undeclared, 0 fields drifted: 1 number declared in namespace telephony, 2 at Sinch
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestDifferencesAreForScriptsToo(t *testing.T) {
	server, file := startDifferent(t)
	for form, parse := range map[string]func([]byte, any) error{
		"json": json.Unmarshal,
		"yaml": func(text []byte, into any) error { return yaml.UnmarshalStrict(text, into) },
	} {
		got := invoke(t, "", asking(server, "diff", "-f", file, "-o", form)...)
		var found report
		if err := parse([]byte(got.out), &found); err != nil || got.code != exitDifferent || got.err != "" {
			t.Fatalf("%s: exit code %d, %s, %v", form, got.code, got.err, err)
		}
		if found.Declared != 4 || found.Present != 4 || len(found.Missing) != 2 || len(found.Undeclared) != 2 || len(found.Drifted) != 4 {
			t.Errorf("%s: %+v", form, found)
		}
		of := drifted{PhoneNumber: "+12025550101", DeclaredBy: file + ": drifted"}
		moving, secret := of, of
		moving.Field, moving.Declared, moving.Seen, moving.Moving = "smsConfiguration.servicePlanId", "sp-1", "sp-2", true
		secret.Field, secret.Declared, secret.Seen, secret.SecretsDiffer = "callbackUrl", "https://example.com/", "https://example.com/", true
		if found.Scope != "these files" || found.Drifted[0] != secret || found.Drifted[2] != moving {
			t.Errorf("%s: %+v", form, found)
		}
	}
	none := invoke(t, "", asking(startSinch(t), "diff", "-f", "-", "-o", "json")...)
	if want := `{ "project": "` + project + `", "scope": "these files", "declared": 0, "present": 0, "missing": [], "undeclared": [], "drifted": [] }`; none.code != 0 || words(none.out) != want {
		t.Errorf("exit code %d, %s\nwant %s", none.code, none.out, want)
	}
}

func TestWhatWasImportedHasNoDifferences(t *testing.T) {
	server := startSinch(t)
	scriptOddities(server)
	dir := t.TempDir()
	for _, expect := range []string{"all", "none", "type,money", strings.Join(usualExpectation, ",")} {
		printed := invoke(t, "", asking(server, "import", "--expect", expect)...)
		if got := invoke(t, printed.out, asking(server, "diff", "-f", "-")...); got.code != 0 || got.out != "no differences: 3 numbers declared in these files, 3 at Sinch\n" {
			t.Errorf("--expect %s: %+v", expect, got)
		}
		invoke(t, "", asking(server, "import", "--expect", expect, "--output-dir", dir)...)
		if got := invoke(t, "", asking(server, "diff", "-f", dir)...); got.code != 0 {
			t.Errorf("--expect %s, in a folder: %+v", expect, got)
		}
	}
}

func TestNumbersAreDeclaredInFilesAndFolders(t *testing.T) {
	server := startSinch(t)
	scriptLocal(server, 6)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	write(t, file("a.yaml"), "---\n"+declare("a", "+12025550000", "type: LOCAL"))
	write(t, file("b.yml"), declare("b", "+12025550001", ""))
	write(t, file("list.json"), `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap"},
		{"apiVersion":"numbers.sinch.com/v1alpha1","kind":"ActiveNumberList","items":[
		{"apiVersion":"numbers.sinch.com/v1alpha1","kind":"ActiveNumber","metadata":{"name":"c"},"spec":{"projectId":"`+project+`","phoneNumber":"+12025550002"}}]}]}`)
	write(t, file("kustomization.yaml"), "resources: [a.yaml]\n")
	write(t, file("notes.txt"), "{{")
	write(t, file("deep/er/d.yaml"), declare("d", "+12025550003", ""))
	write(t, file("deep/er/notes.md"), "{{")
	for line, want := range map[string]string{
		"-f DIR":                      "3 numbers declared",
		"-f DIR -R":                   "4 numbers declared",
		"-f DIR/deep":                 "0 numbers declared",
		"-f DIR/a.yaml -f DIR/b.yml":  "2 numbers declared",
		"-f DIR/a.yaml,DIR/list.json": "2 numbers declared",
		"-f DIR/a.yaml -f -":          "2 numbers declared",
		"-f DIR -f DIR/a.yaml -f -":   "4 numbers declared",
		"--filename DIR --recursive":  "4 numbers declared",
	} {
		arguments := append([]string{"diff"}, strings.Fields(strings.ReplaceAll(line, "DIR", dir))...)
		got := invoke(t, declare("in", "+12025550005", ""), asking(server, arguments...)...)
		if got.code != exitDifferent || !strings.Contains(got.out, " undeclared, 0 fields drifted: "+want+" in these files, 6 at Sinch\n") {
			t.Errorf("%s: want %s, got %+v", line, want, got)
		}
	}
}

func TestFilesThatCannotBeReliedOnAreRefused(t *testing.T) {
	const start = "apiVersion: numbers.sinch.com/v1alpha1\nkind: ActiveNumber\nspec:\n  projectId: p\n"
	server := startSinch(t)
	for name, test := range map[string]struct{ text, want string }{
		"a misspelled field":          {start + "  expectd: {}\n", `strict decoding error: unknown field "spec.expectd"`},
		"a field in the wrong case":   {start + "  phonenumber: '+12025550134'\n", `unknown field "spec.phonenumber"`},
		"a field that is given twice": {start + "  projectId: q\n", `key "projectId" already set in map`},
		"a number without quotes":     {start + "  phoneNumber: +12025550134\n", "cannot unmarshal number"},
		"a duration that is none":     {start + "  interval: \"\\e[31mcanary-key-secret \\\" x\"\n", `time: invalid duration "..."` + "\n"},
		"a duration without a unit":   {start + "  interval: canary-key-secret\n", `time: invalid duration "..."` + "\n"},
		"a template for a value":      {"kind: Secret\nstringData: {keySecret: {{ canary-key-secret }}}\n", "invalid map key: "},
		"a number that is none":       {"kind: Secret\nstringData: {keySecret: !!float canary-key-secret}\n", `cannot decode !!str "..." as a !!float`},
		"YAML that is none":           {"a: {{ .Values.canary-key-secret }}\nb: [\n", "yaml: "},
		"an object without a version": {"kind: Secret\nstringData: {keySecret: canary-key-secret}\n", "an object of kind Secret has no apiVersion"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "numbers.yaml")
			write(t, file, test.text)
			got := invoke(t, "", asking(server, "diff", "-f", file)...)
			wantTrouble(t, got, test.want)
			if !strings.HasPrefix(got.err, "error: "+file+": ") {
				t.Errorf("it does not name the file: %s", got.err)
			}
			wantTrouble(t, invoke(t, test.text, asking(server, "diff", "-f", "-")...), "standard input: ")
		})
	}
	if calls := server.Calls(); len(calls) > 0 {
		t.Errorf("Sinch was asked: %+v", calls)
	}
}

func TestDifferencesThatCannotBePrintedAreTrouble(t *testing.T) {
	server := startSinch(t)
	var said strings.Builder
	code := run(t.Context(), asking(server, "diff", "-f", "-"), genericiooptions.IOStreams{In: strings.NewReader(""), Out: fullDisk{}, ErrOut: &said})
	if want := "error: write the differences: no space left on device\n"; code != exitTrouble || said.String() != want {
		t.Errorf("exit code %d, %s", code, said.String())
	}
}
