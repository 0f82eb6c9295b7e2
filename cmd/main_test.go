// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// asOperator makes the test's own program be the operator.
const asOperator = "RUN_AS_OPERATOR"

func TestMain(m *testing.M) {
	if os.Getenv(asOperator) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const (
	system   = "activenumber-operator-system"
	operator = "activenumber-operator"
	patience = time.Minute
)

// process is a running operator.
type process struct {
	*exec.Cmd
	errors bytes.Buffer
	done   chan struct{}
}

func start(t *testing.T, kubeconfig string, arguments ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], arguments...), done: make(chan struct{})}
	p.Env = append(os.Environ(), asOperator+"=1", "KUBECONFIG="+kubeconfig)
	p.Stderr = &p.errors
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.Wait() // the exit code tells
		close(p.done)
	}()
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// end waits for the process, and returns its exit code.
func (p *process) end(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("the operator did not end within %s", within)
	}
	return -1
}

func TestBadFlagsEndInOneLine(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string]string{
		"--sinch-api-url=http://numbers.example.com": "http://numbers.example.com: must be https, or http on a loopback address",
		"--sinch-token-url=ftp://127.0.0.1":          "ftp://127.0.0.1: must be https, or http on a loopback address",
		"--sinch-api-url=numbers.example.com":        "API URL: must be a URL such as https://numbers.api.sinch.com",
		"--sinch-token-url=auth.sinch.com":           "token URL: must be a URL such as https://auth.sinch.com/oauth2/token",
		"--metrics-bind-address=nonsense":            "--metrics-bind-address nonsense: must be an address such as :8443",
		"--sinch-ca-file=/does/not/exist":            "--sinch-ca-file",
		"--sinch-ca-file=" + empty:                   "--sinch-ca-file",
		"--workers=0":                                "--workers 0: must be 1 to 1000",
		"--workers=many":                             `invalid value "many" for flag -workers`,
		"--heartbeat=1s":                             "--heartbeat 1s: must be at least 1m",
		"--watch-namespaces=team-a,":                 `"team-a,": must be names of namespaces separated by commas, such as team-a,team-b; "" is none`,
		"--watch-namespaces=Team_A":                  `"Team_A" is none (a name has lower-case letters, digits and inner dashes, at most 63)`,
		"--watch-namespaces=team-a team-b":           `"team-a team-b" is none`,
		"--selector=shard=a,":                        `--selector "shard=a,": must be a label selector as kubectl get -l takes it, such as shard=a or team in (sms,voice),!trial`,
		"--selector=shard=a b":                       `--selector "shard=a b": must be a label selector`,
		"--selector=a\nb":                            `--selector "a\nb": must be a label selector`,
		"--leader-election-id=The Leader":            `--leader-election-id "The Leader": must be a name that a Lease may have`,
		"--interval=10m":                             "flag provided but not defined: -interval",
		"now":                                        `unexpected argument "now"`,
		"--kubeconfig=/does/not/exist":               "find the cluster",
	} {
		t.Run(arguments, func(t *testing.T) {
			p := start(t, "/does/not/exist", arguments)
			if code := p.end(t, patience); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			said := p.errors.String()
			if !strings.Contains(said, want) || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "activenumber-operator: ") {
				t.Errorf("it says %q, want one line with %q", said, want)
			}
		})
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	command := exec.CommandContext(t.Context(), os.Args[0], "--version")
	command.Env = append(os.Environ(), asOperator+"=1")
	if out, err := command.Output(); err != nil || string(out) != "dev\n" {
		t.Errorf("got %q (%v), want that of a build without a release", out, err)
	}
}

func TestHelpListsTheFlags(t *testing.T) {
	p := start(t, "", "--help")
	if code := p.end(t, patience); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	for _, name := range []string{
		"sinch-api-url", "sinch-token-url", "sinch-ca-file", "workers", "heartbeat", "budget-rate", "budget-burst",
		"watch-namespaces", "selector", "leader-elect", "leader-election-id",
		"metrics-bind-address", "metrics-secure", "health-probe-bind-address", "kubeconfig", "zap-log-level",
	} {
		if !strings.Contains(p.errors.String(), "-"+name) {
			t.Errorf("--help does not know --%s", name)
		}
	}
}

// theNumbers begins what the leader tells of them, be there none.
const theNumbers = "# TYPE activenumber_condition gauge"

// TestTheOperatorAsInstalled runs it with the roles of config/default and nothing more.
func TestTheOperatorAsInstalled(t *testing.T) {
	t.Parallel()
	plane := kubetest.Start(t)
	installed := install(t, plane, "default")
	clients, err := kubernetes.NewForConfig(plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	leader := newReplica(t, installed)
	leader.ready(t)
	first := awaitHolder(t, clients, defaultLease, "")

	t.Run("S10 metrics are for whoever may get them", func(t *testing.T) {
		kubectl(t, plane, "create", "clusterrolebinding", "reader", "--clusterrole=activenumber-operator-metrics-reader", "--serviceaccount="+system+":reader")
		for name, test := range map[string]struct {
			token string
			want  int
		}{
			"nobody":           {"", http.StatusUnauthorized},
			"a forger":         {"forged", http.StatusUnauthorized},
			"a long talker":    {strings.Repeat("x", longestToken+1), http.StatusUnauthorized},
			"a stranger":       {account(t, plane, "stranger"), http.StatusForbidden},
			"a metrics reader": {account(t, plane, "reader"), http.StatusOK},
		} {
			got, text := leader.scrape(t, test.token)
			if got != test.want {
				t.Errorf("%s gets %d, want %d", name, got, test.want)
			}
			for _, series := range []string{
				"controller_runtime_reconcile_total", "activenumber_poll_overdue_seconds 0", theNumbers,
				`activenumber_sinch_requests_total{operation="number",outcome="ok"} 0`,
			} {
				if got == http.StatusOK && !strings.Contains(text, series) {
					t.Errorf("%s does not see %s", name, series)
				}
			}
		}
	})
	t.Run("K02 a leader that ends in order is followed at once", func(t *testing.T) {
		standby := newReplica(t, installed)
		standby.ready(t)
		reader, err := plane.ServiceAccount(t.Context(), system, "reader")
		if err != nil {
			t.Fatal(err)
		}
		if _, text := standby.scrape(t, reader.BearerToken); strings.Contains(text, theNumbers) {
			t.Error("a standby tells of numbers")
		}
		if err := leader.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if code := leader.end(t, 5*time.Second); code != 0 {
			t.Errorf("exit code %d, want 0:\n%s", code, &leader.errors)
		}
		if next := awaitHolder(t, clients, defaultLease, first); next == first {
			t.Error("nobody took over")
		}
	})
	t.Run("without the CRD it says so and ends", func(t *testing.T) {
		kubectl(t, plane, "delete", "-k", filepath.Join(plane.Root, "config", "crd"))
		every := startWithoutCRD(t, installed, "--metrics-bind-address=0")
		some := startWithoutCRD(t, installed, "--metrics-bind-address=0", "--watch-namespaces=team-a,team-b", "--selector=shard=a")
		for name, p := range map[string]*process{"mirroring every number": every, "mirroring some numbers": some} {
			if code := p.end(t, patience); code != 1 {
				t.Errorf("%s: exit code %d, want 1", name, code)
			}
			if want := "the cluster does not know the kind ActiveNumber"; !strings.Contains(p.errors.String(), want) {
				t.Errorf("%s: it does not say %q:\n%s", name, want, &p.errors)
			}
		}
	})
}

// startWithoutCRD starts an operator that is to wait for the CRD for a while, alive and not ready.
func startWithoutCRD(t *testing.T, kubeconfig string, arguments ...string) *process {
	t.Helper()
	probes := freeAddress(t)
	p := start(t, kubeconfig, append(arguments, "--health-probe-bind-address="+probes)...)
	await(t, "the probes", func() bool {
		code, _ := get(t, "http://"+probes+"/healthz", "")
		return code == http.StatusOK
	})
	if code, _ := get(t, "http://"+probes+"/readyz", ""); code == http.StatusOK {
		t.Error("it claims to be ready")
	}
	return p
}

// install applies a folder of config, and returns the kubeconfig of the operator's ServiceAccount.
func install(t *testing.T, plane *kubetest.ControlPlane, folder string) string {
	t.Helper()
	kubectl(t, plane, "apply", "-k", filepath.Join(plane.Root, "config", folder))
	return kubeconfigOf(t, plane, operator)
}

// kubeconfigOf is that of a ServiceAccount beside the operator's.
func kubeconfigOf(t *testing.T, plane *kubetest.ControlPlane, name string) string {
	t.Helper()
	account, err := plane.ServiceAccount(t.Context(), system, name)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := plane.Kubeconfig(name, account)
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

func kubectl(t *testing.T, plane *kubetest.ControlPlane, arguments ...string) {
	t.Helper()
	admin, err := plane.Kubeconfig("admin", plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := plane.Kubectl(t.Context(), admin, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}

// replica is an operator as the Deployment runs it, with more flags perhaps.
type replica struct {
	*process
	metrics, probes string // addresses
}

func newReplica(t *testing.T, kubeconfig string, arguments ...string) *replica {
	t.Helper()
	metrics, probes := freeAddress(t), freeAddress(t)
	return &replica{metrics: metrics, probes: probes, process: start(t, kubeconfig, append(arguments,
		"--leader-elect", "--leader-election-namespace="+system, "--metrics-bind-address="+metrics, "--health-probe-bind-address="+probes)...)}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := kubetest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (r *replica) ready(t *testing.T) {
	t.Helper()
	for _, probe := range []string{"/healthz", "/readyz"} {
		await(t, probe, func() bool {
			code, _ := get(t, "http://"+r.probes+probe, "")
			return code == http.StatusOK
		})
	}
}

// scrape waits until somebody answers: the metrics' certificate is made while the probes are served already.
func (r *replica) scrape(t *testing.T, token string) (status int, text string) {
	t.Helper()
	await(t, "the metrics", func() bool {
		status, text = get(t, "https://"+r.metrics+"/metrics", token)
		return status != 0
	})
	return status, text
}

// get returns status 0 while nobody answers.
func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	selfSigned := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	response, err := selfSigned.RoundTrip(request)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// account makes a ServiceAccount and returns a token of it.
func account(t *testing.T, plane *kubetest.ControlPlane, name string) string {
	t.Helper()
	kubectl(t, plane, "create", "serviceaccount", name, "--namespace="+system)
	config, err := plane.ServiceAccount(t.Context(), system, name)
	if err != nil {
		t.Fatal(err)
	}
	return config.BearerToken
}

// awaitHolder waits until the lease is held by another replica than the given one.
func awaitHolder(t *testing.T, clients kubernetes.Interface, name, other string) string {
	t.Helper()
	var holder string
	await(t, "a leader", func() bool {
		lease, err := clients.CoordinationV1().Leases(system).Get(t.Context(), name, metav1.GetOptions{})
		holder = holderOf(lease, err)
		return holder != "" && holder != other
	})
	return holder
}

func holderOf(lease *coordinationv1.Lease, err error) string {
	if err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(fmt.Errorf("waited %s in vain for %s", patience, what))
		}
	}
}
