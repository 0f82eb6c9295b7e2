// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

const (
	project   = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
	canaryID  = "canary-key-id"
	canaryKey = "canary-key-secret"
)

// said is what one command line led to.
type said struct {
	code     int
	out, err string
}

func invoke(t *testing.T, in string, arguments ...string) said {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(t.Context(), arguments, genericiooptions.IOStreams{In: strings.NewReader(in), Out: &out, ErrOut: &errOut})
	got := said{code, out.String(), errOut.String()}
	for _, secret := range []string{canaryID, canaryKey, sinchtest.TokenPrefix} {
		if strings.Contains(got.out+got.err, secret) {
			t.Errorf("S05 %q shows %q:\n%s%s", arguments, secret, got.out, got.err)
		}
	}
	return got
}

// wantTrouble wants exit code 2, nothing on standard output, and one line on standard error that has this text.
func wantTrouble(t *testing.T, got said, text string) {
	t.Helper()
	if got.code != exitTrouble || got.out != "" {
		t.Errorf("exit code %d, want %d and no output:\n%s", got.code, exitTrouble, got.out)
	}
	if !strings.Contains(got.err, text) || strings.Count(got.err, "\n") != 1 || !strings.HasPrefix(got.err, "error: ") {
		t.Errorf("it says\n%s\nwant one line with\n%s", got.err, text)
	}
}

// startSinch starts a Sinch that the environment has a key for; there is no cluster.
func startSinch(t *testing.T) *sinchtest.Server {
	t.Helper()
	server := sinchtest.New()
	t.Cleanup(server.Close)
	server.AddKey(canaryID, canaryKey)
	t.Setenv(idVariable, canaryID)
	t.Setenv(keyVariable, canaryKey+"\n") // as files end
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	return server
}

// asking adds to a command line whom to ask, and about which project.
func asking(server *sinchtest.Server, arguments ...string) []string {
	return append(arguments, "--project="+project, "--sinch-api-url="+server.URL(), "--sinch-token-url="+server.TokenURL())
}

// bothCommands are those that ask Sinch, each in a folder of its own.
func bothCommands(t *testing.T) map[string][]string {
	t.Helper()
	declared := filepath.Join(t.TempDir(), "declared.yaml")
	write(t, declared, "")
	return map[string][]string{
		"import":              {"import"},
		"import --output-dir": {"import", "--output-dir=" + filepath.Join(t.TempDir(), "numbers")},
		"diff":                {"diff", "-f", declared},
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantNothingIn wants that a folder which a command line names does not exist, or is empty.
func wantNothingIn(t *testing.T, arguments []string) {
	t.Helper()
	for _, argument := range arguments {
		if dir, named := strings.CutPrefix(argument, "--output-dir="); named {
			if entries, err := os.ReadDir(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%v was written (%v)", entries, err)
			}
		}
	}
}

func instead(answer sinchtest.Answer) func(sinchtest.Answer) sinchtest.Answer {
	return func(sinchtest.Answer) sinchtest.Answer { return answer }
}

func TestTroubleWithSinchIsOneLineThatSaysWhatToDo(t *testing.T) {
	const page = 6 // the second page of the last question
	for name, test := range map[string]struct {
		arrange func(*sinchtest.Server)
		want    string
	}{
		"a key that Sinch does not know": {
			func(s *sinchtest.Server) { s.RemoveKey(canaryID) },
			"the access key in SINCH_KEY_ID and SINCH_KEY_SECRET is refused by Sinch: check it against the access keys in the Sinch dashboard",
		},
		"a key of another project": {
			func(s *sinchtest.Server) { s.AddKey(canaryID, canaryKey, "another") },
			"may not see project " + project + ": check in the Sinch dashboard that it belongs to that project",
		},
		"U10 401 for good": {
			func(s *sinchtest.Server) {
				s.ScriptList(1, instead(sinchtest.Raw(401, "")))
				s.ScriptList(2, instead(sinchtest.Raw(401, "")))
			},
			"is refused by Sinch for project " + project,
		},
		"a project that Sinch does not know": {
			func(s *sinchtest.Server) { s.ScriptList(1, instead(sinchtest.Refusal(404, "NOT_FOUND"))) },
			"project " + project + " is not known to Sinch: check --project",
		},
		"a request that Sinch refuses": {
			func(s *sinchtest.Server) { s.ScriptList(1, instead(sinchtest.Refusal(400, "INVALID_ARGUMENT"))) },
			"is refused by Sinch (request rejected: HTTP 400): check --project",
		},
		"a network that fails in the middle of a page": {
			func(s *sinchtest.Server) { s.ScriptList(page, sinchtest.Truncated) },
			"the answer breaks off or cannot be unpacked): check the network",
		},
		"U18 a connection that is reset between two pages": {
			func(s *sinchtest.Server) {
				s.ScriptList(page, instead(sinchtest.Reset())) // net/http itself tries a second time
				s.ScriptList(page+1, instead(sinchtest.Reset()))
			},
			"(unavailable: the connection broke): check the network, HTTPS_PROXY and https://status.sinch.com, then try again",
		},
		"U02 503": {
			func(s *sinchtest.Server) { s.ScriptList(page, instead(sinchtest.HTML(503))) },
			"no answer from Sinch that can be used (unavailable: HTTP 503)",
		},
		"U15 an answer that is no list": {
			func(s *sinchtest.Server) { s.ScriptList(page, instead(sinchtest.Raw(200, "{}"))) },
			"the answer is not one that Sinch gives (malformed answer: the answer is not a list of numbers)",
		},
		"a page token that repeats": {
			func(s *sinchtest.Server) {
				for n := range 3 {
					s.ScriptList(page+n, instead(sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":"1"}`)))
				}
			},
			"the list goes in a circle",
		},
		"U03 429 for an hour": {
			func(s *sinchtest.Server) { s.ScriptList(1, instead(sinchtest.Raw(429, "", "Retry-After", "3600"))) },
			"too many requests: Sinch asks to wait, so try again in 1h0m0s",
		},
		"S04 a body that reflects the key": {
			func(s *sinchtest.Server) { s.ScriptList(page, instead(sinchtest.Raw(500, "\x1b[31m"+canaryKey))) },
			"HTTP 500",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for command, arguments := range bothCommands(t) {
				server := startSinch(t)
				scriptLocal(server, 101)
				test.arrange(server)
				t.Log(command)
				wantTrouble(t, invoke(t, "", asking(server, arguments...)...), test.want)
				wantNothingIn(t, arguments)
			}
		})
	}
}

func TestBadFlagsAreOneLineAndAskNobody(t *testing.T) {
	server := startSinch(t)
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	for line, want := range map[string]string{
		"import":                "--project is needed: the id of a Sinch project",
		"import --project=../x": `--project "../x": must be the id of a Sinch project: 1 to 64 letters, digits and hyphens, such as 51bc3f40-`,
		"diff --project=" + strings.Repeat("1", 65):             "must be the id of a Sinch project",
		"import --project=p --auth-method=oauth":                `--auth-method "oauth": must be OAuth2 or Basic`,
		"import --project=p --expect=colour":                    `--expect "colour": must be all, none, or fields of spec.expected separated by commas: callbackUrl, `,
		"import --project=p --expect=all,type":                  `--expect "all,type": must be`,
		"import --project=p --expect=":                          `--expect "": must be`,
		"import --project=p --sinch-ca-file=" + file + "x":      "--sinch-ca-file: ",
		"import --project=p --sinch-api-url=http://example.com": "API URL: http://example.com: must be https",
		"import --project=p --output-dir=" + file:               "--output-dir: ",
		"import now":                                                 `unknown command "now"`,
		"diff --project=p -f - --output=table":                       `--output "table": must be json or yaml`,
		"diff --project=p -f - -A":                                   "give one of them",
		"diff --project=p -R":                                        "--recursive goes with --filename",
		"diff --project=p -f " + file + "x":                          "no such file or directory",
		"diff --project=p --kubeconfig=/does/not/exist":              "read the kubeconfig: ",
		"import --project=p --secret=s --kubeconfig=/does/not/exist": "read the kubeconfig: ",
		"diff --interval=10m":                                        "unknown flag: --interval",
	} {
		t.Run(line, func(t *testing.T) {
			arguments := strings.Split(line, " ")
			if !strings.Contains(line, "--sinch-api-url") {
				arguments = append(arguments, "--sinch-api-url="+server.URL(), "--sinch-token-url="+server.TokenURL())
			}
			wantTrouble(t, invoke(t, "", arguments...), want)
		})
	}
	if calls := server.Calls(); len(calls) > 0 {
		t.Errorf("Sinch was asked: %+v", calls)
	}
}

func TestWithoutAKeyBothWaysToGiveOneAreTold(t *testing.T) {
	server := startSinch(t)
	for name, test := range map[string]struct{ id, secret, want string }{
		"neither": {"", " \n", "there is no Sinch access key: name a Secret that holds one with --secret, or set the environment variables SINCH_KEY_ID and SINCH_KEY_SECRET"},
		"no id":   {"", canaryKey, "only one of SINCH_KEY_ID and SINCH_KEY_SECRET is set: set both, or name a Secret with --secret"},
		"only id": {canaryID, "", "only one of SINCH_KEY_ID and SINCH_KEY_SECRET is set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(idVariable, test.id)
			t.Setenv(keyVariable, test.secret)
			wantTrouble(t, invoke(t, "", asking(server, "import")...), test.want)
		})
	}
}

func TestU03APauseThatSinchAsksForIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		pauses int
		kind   sinch.Kind
		said   string
	}{
		"none":                        {0, 0, "asking"},
		"a few":                       {mostWaits, 0, "Sinch asks for fewer requests: waiting 1s"},
		"more than anybody waits for": {mostWaits + 1, sinch.Limited, "Sinch asks for fewer requests: waiting 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sinchtest.New()
			t.Cleanup(server.Close)
			server.AddKey(canaryID, canaryKey)
			for n := range test.pauses {
				server.ScriptList(n+1, instead(sinchtest.Raw(429, "", "Retry-After", "1")))
			}
			client, err := sinch.New(sinch.Config{APIURL: server.URL(), TokenURL: server.TokenURL(), Transport: http.DefaultTransport})
			if err != nil {
				t.Fatal(err)
			}
			told, began := &progress{text: "asking"}, time.Now()
			_, err = turn(t.Context(), client.Basic(sinch.Key{ID: canaryID, Secret: canaryKey}).ActiveNumbers(project, ""), told)
			if kind, _ := sinch.KindOf(err); kind != test.kind || told.now() != test.said {
				t.Errorf("got %v, and told %q", err, told.now())
			}
			if waited := time.Since(began); waited < time.Duration(min(test.pauses, mostWaits))*time.Second {
				t.Errorf("waited %s for %d pauses", waited, test.pauses)
			}
		})
	}
}

func TestEitherMethodShowsTheKey(t *testing.T) {
	for method, want := range map[string]int{"OAuth2": 1, "Basic": 0} {
		server := startSinch(t)
		got := invoke(t, "", asking(server, "import", "--auth-method="+method)...)
		tokens := 0
		for _, call := range server.Calls() {
			if call.Endpoint == sinchtest.TokenCall {
				tokens++
			}
			if call.UserAgent != "kubectl-activenumbers/dev" {
				t.Errorf("user agent %q", call.UserAgent)
			}
		}
		if tokens != want || got.code != 0 || got.err != "project "+project+" has no numbers\n" {
			t.Errorf("%s: %d tokens, %+v", method, tokens, got)
		}
	}
}

func TestACAFileIsTrusted(t *testing.T) {
	startSinch(t) // for the environment
	server := sinchtest.NewTLS()
	t.Cleanup(server.Close)
	server.AddKey(canaryID, canaryKey)
	scriptLocal(server, 1)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(server.Certificate()))
	if got := invoke(t, "", asking(server, "import", "--sinch-ca-file="+ca)...); got.code != 0 || got.err != "" {
		t.Errorf("%+v", got)
	}
	wantTrouble(t, invoke(t, "", asking(server, "import")...), "the TLS certificate is not trusted")
}

func TestWhatIsNoSubcommandIsAnError(t *testing.T) {
	for line, want := range map[string]said{
		"dif":    {exitTrouble, "", `unknown command "dif"`},
		"help x": {exitSame, "import", ""},
		"":       {exitSame, "summary", ""},
	} {
		got := invoke(t, "", strings.Fields(line)...)
		if got.code != want.code || !strings.Contains(got.out, want.out) || !strings.Contains(got.err, want.err) {
			t.Errorf("%q: got %+v, want %+v", line, got, want)
		}
	}
}
