// SPDX-License-Identifier: Apache-2.0

package prometheus_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const routing = "alertmanager.example.yaml"

func TestPrometheusTakesTheExample(t *testing.T) {
	promtool(t, "check", "config", "--syntax-only", "prometheus.example.yaml")
}

func TestAlertmanagerTakesTheExample(t *testing.T) { amtool(t, "check-config", routing) }

func TestWhatIsCriticalWakesSomebodyUp(t *testing.T) {
	for _, each := range alerts(t) {
		t.Run(each.Alert, func(t *testing.T) {
			want := map[string]string{"critical": "pager", "warning": "chat"}[each.Labels["severity"]]
			amtool(t, "config", "routes", "test", "--config.file="+routing, "--verify.receivers="+want,
				"alertname="+each.Alert, "severity="+each.Labels["severity"])
		})
	}
}

func TestTheExampleNamesAlertsThatThereAre(t *testing.T) {
	var config struct {
		InhibitRules []struct {
			SourceMatchers []string `json:"source_matchers"`
			TargetMatchers []string `json:"target_matchers"`
		} `json:"inhibit_rules"`
	}
	if err := yaml.Unmarshal([]byte(read(t, routing)), &config); err != nil {
		t.Fatal(err)
	}
	if len(config.InhibitRules) == 0 {
		t.Fatal("there are no inhibit rules")
	}
	for _, rule := range config.InhibitRules {
		for _, matcher := range slices.Concat(rule.SourceMatchers, rule.TargetMatchers) {
			for _, name := range regexp.MustCompile(`\b(ActiveNumber|Sinch)\w+`).FindAllString(matcher, -1) {
				if !slices.Contains(names(t), name) {
					t.Errorf("%s is about %s, which is no alert", matcher, name)
				}
			}
		}
	}
}

func TestTheServiceMonitorFindsTheService(t *testing.T) {
	var service corev1.Service
	if err := yaml.Unmarshal([]byte(read(t, root+"/config/manager/metrics_service.yaml")), &service); err != nil {
		t.Fatal(err)
	}
	var monitor struct {
		Metadata struct{ Namespace string }
		Spec     struct {
			Selector  struct{ MatchLabels map[string]string }
			Endpoints []struct {
				Port, Scheme string
				HonorLabels  bool
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "service_monitor.yaml")), &monitor); err != nil {
		t.Fatal(err)
	}
	if monitor.Metadata.Namespace != service.Namespace || len(monitor.Spec.Endpoints) != 1 {
		t.Fatalf("it looks in namespace %s at %d endpoints", monitor.Metadata.Namespace, len(monitor.Spec.Endpoints))
	}
	for name, value := range monitor.Spec.Selector.MatchLabels {
		if service.Labels[name] != value {
			t.Errorf("it looks for %s=%s, and the Service has %q", name, value, service.Labels[name])
		}
	}
	endpoint := monitor.Spec.Endpoints[0]
	if endpoint.Port != service.Spec.Ports[0].Name || endpoint.Scheme != "https" || !endpoint.HonorLabels {
		t.Errorf("it scrapes %+v", endpoint)
	}
	if !strings.HasPrefix(service.Name, "activenumber-operator-metrics") {
		t.Errorf("the rules look for other jobs than %s", service.Name)
	}
}
