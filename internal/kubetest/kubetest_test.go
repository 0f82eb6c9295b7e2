// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// victim is set in the environment of a second process of this test, which runs a control plane and is then killed.
const victim = "KUBETEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victim) == "" {
		os.Exit(m.Run())
	}
	c, err := Run()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	plane := c.environment.ControlPlane
	fmt.Println(c.keeper.dir, plane.Etcd.URL.Host, plane.APIServer.HostPort())
	select {}
}

func TestTheControlPlaneKnowsTheKindAndItsUsers(t *testing.T) {
	c := Start(t)
	stranger, err := c.User("stranger")
	if err != nil {
		t.Fatal(err)
	}

	if out, err := list(t, c, "admin", c.Admin); err != nil {
		t.Errorf("the administrator cannot list ActiveNumbers: %v\n%s", err, out)
	}
	out, err := list(t, c, "stranger", stranger)
	if want := `User "stranger" cannot list resource "activenumbers"`; err == nil || !strings.Contains(out, want) {
		t.Errorf("a stranger was not told %q, but: %v\n%s", want, err, out)
	}
}

func list(t *testing.T, c *ControlPlane, user string, config *rest.Config) (string, error) {
	t.Helper()
	kubeconfig, err := c.Kubeconfig(user, config)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Kubectl(t.Context(), kubeconfig, "get", "activenumbers").CombinedOutput()
	return string(out), err
}

func TestNothingOutlivesAKilledProcess(t *testing.T) {
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), victim+"=1")
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var dir, etcd, apiServer string
	if _, err := fmt.Fscanln(out, &dir, &etcd, &apiServer); err != nil {
		t.Fatal(err)
	}
	if !exists(dir) || !answers(t, etcd) || !answers(t, apiServer) {
		t.Fatalf("folder %s, etcd %s or API server %s is not there to begin with", dir, etcd, apiServer)
	}

	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err == nil {
		t.Error("the killed process ended well")
	}
	await(t, "the folder to go", func() bool { return !exists(dir) })
	await(t, "etcd to end", func() bool { return !answers(t, etcd) })
	await(t, "the API server to end", func() bool { return !answers(t, apiServer) })
}

func answers(t *testing.T, address string) bool {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited 30 s in vain for %s", what)
		}
	}
}

func TestMissingProgramsAreNamed(t *testing.T) {
	tests := map[string]struct{ assets, want string }{
		"nothing was prepared":                     {"", "run `make controlplane`"},
		"KUBEBUILDER_ASSETS names an empty folder": {t.TempDir(), "KUBEBUILDER_ASSETS is "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBEBUILDER_ASSETS", test.assets)
			_, err := findPrograms(t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestTheProgramsPreparedLastAreFound(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	root := t.TempDir()
	now := time.Now()
	folder := func(version string, age time.Duration, programs ...string) string {
		dir := filepath.Join(root, ".cache", "controlplane", version)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, program := range programs {
			if err := os.WriteFile(filepath.Join(dir, program), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	folder("v1.37.9", 2*time.Hour, "etcd", "kube-apiserver", "kubectl")
	want := folder("v1.37.10", time.Hour, "etcd", "kube-apiserver", "kubectl")
	folder("v1.38.0", 0, "etcd", "kubectl")

	if got, err := findPrograms(root); got != want || err != nil {
		t.Errorf("found %q (%v), want %q", got, err, want)
	}
}
