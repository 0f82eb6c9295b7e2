// SPDX-License-Identifier: Apache-2.0

//go:build live

package alerts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// patience is how long a test waits for something before it fails. Nothing waits that long when all is well.
const patience = 90 * time.Second

// object is what a configuration file is made of.
type object = map[string]any

// run starts a program that ends with the test.
func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	command := exec.Command(program, arguments...)
	log := &output{}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the end of what %s said:\n%s", filepath.Base(program), log.last(4000))
		}
	})
}

// output keeps what a program says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) last(bytes int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.text.String()
	return text[max(0, len(text)-bytes):]
}

// program is one that ensure.sh has found.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("%s is not set: run make test-alerts", variable)
	}
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := kubetest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func write(t *testing.T, name string, content any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	text, err := yaml.Marshal(content)
	if raw, ok := content.([]byte); ok {
		text, err = raw, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}

// prometheus is one that scrapes the operator, with the rules that are shipped.
type prometheus struct{ address string }

// waits are the times that a rule waits before it fires, or goes on after it has ended.
var waits = regexp.MustCompile(`(?m)^( +(?:for|keep_firing_for): ).*$`)

// hasten has rules fire within a second, and changes nothing else about them.
func hasten(rules []byte) []byte { return waits.ReplaceAll(rules, []byte("${1}1s")) }

// startPrometheus scrapes the target every second over TLS with a token, and evaluates the rules as often.
func startPrometheus(t *testing.T, rules []byte, target, token, alertmanager string) *prometheus {
	t.Helper()
	p := &prometheus{freeAddress(t)}
	configuration := write(t, "prometheus.yaml", object{
		"global":     object{"scrape_interval": "1s", "evaluation_interval": "1s"},
		"rule_files": []string{write(t, "rules.yaml", rules)},
		"alerting":   object{"alertmanagers": []any{object{"static_configs": []any{object{"targets": []string{alertmanager}}}}}},
		"scrape_configs": []any{object{
			"job_name":       "activenumber-operator-metrics",
			"scheme":         "https",
			"honor_labels":   true,
			"authorization":  object{"credentials_file": write(t, "token", []byte(token))},
			"tls_config":     object{"insecure_skip_verify": true},
			"static_configs": []any{object{"targets": []string{target}}},
		}},
	})
	run(t, program(t, "PROMETHEUS"), "--config.file="+configuration, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+p.address)
	return p
}

// series is one of an answer: each value is a time and a number as text.
type series struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`  // of a question about now
	Values [][2]any          `json:"values"` // of one about a span of time
}

// query asks a question now. It returns nothing while Prometheus is not there yet.
func (p *prometheus) query(t *testing.T, expression string) []series {
	t.Helper()
	var found struct{ Result []series }
	p.get(t, "query?query="+url.QueryEscape(expression), &found)
	return found.Result
}

// rules are all rules, with "ok" or what is wrong with each.
func (p *prometheus) rules(t *testing.T) map[string]string {
	t.Helper()
	var found struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	p.get(t, "rules", &found)
	health := map[string]string{}
	for _, group := range found.Groups {
		for _, rule := range group.Rules {
			health[rule.Name] = strings.TrimSpace(rule.Health + " " + rule.LastError)
		}
	}
	if len(health) == 0 {
		t.Error("there are no rules")
	}
	return health
}

// get asks Prometheus' API, and leaves the answer empty while Prometheus is not there yet.
func (p *prometheus) get(t *testing.T, path string, data any) {
	t.Helper()
	response, err := http.Get("http://" + p.address + "/api/v1/" + path)
	if err != nil || response.StatusCode == http.StatusServiceUnavailable {
		return
	}
	defer func() { _ = response.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %s %v", path, answer.Error, err)
	}
}

// alert is one as a webhook hears of it.
type alert struct {
	Status              string
	Labels, Annotations map[string]string
}

// receiver hears what Alertmanager sends.
type receiver struct {
	mu    sync.Mutex
	heard []alert
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	var message struct{ Alerts []alert }
	if json.NewDecoder(request.Body).Decode(&message) == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.heard = append(r.heard, message.Alerts...)
	}
}

// last is what was heard last of an alert about a number, its Status "" if nothing.
func (r *receiver) last(name, number string) alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	var last alert
	for _, alert := range r.heard {
		if alert.Labels["alertname"] == name && alert.Labels["name"] == number {
			last = alert
		}
	}
	return last
}

// startAlertmanager sends every alert to a webhook at once, and returns its address.
func startAlertmanager(t *testing.T, webhook string) string {
	t.Helper()
	configuration := write(t, "alertmanager.yaml", object{
		"route": object{
			"receiver": "webhook", "group_by": []string{"..."}, "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
		},
		"receivers": []any{object{"name": "webhook", "webhook_configs": []any{object{"url": webhook, "send_resolved": true}}}},
	})
	address := freeAddress(t)
	run(t, program(t, "ALERTMANAGER"), "--config.file="+configuration, "--storage.path="+t.TempDir(),
		"--web.listen-address="+address, "--cluster.listen-address=")
	return address
}

func (a alert) String() string { return fmt.Sprintf("%s %v %v", a.Status, a.Labels, a.Annotations) }
