// SPDX-License-Identifier: Apache-2.0

//go:build live

package alerts

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/config/grafana"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

const (
	system    = "activenumber-operator-system"
	namespace = "telephony"
	project   = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
)

// fleet is a cluster with numbers, the operator as it is installed, and a scripted Sinch.
type fleet struct {
	*testing.T
	plane   *kubetest.ControlPlane
	client  client.Client
	sinch   *sinchtest.Server
	metrics string // the operator's address
}

// aNumber is one of the fleet: what Sinch answers, and what is declared.
type aNumber struct {
	phone    string
	answers  []sinchtest.Answer
	expected *v1alpha1.Expected
}

// numbers are one for each state that an alert or a query of the dashboard is about.
var numbers = map[string]aNumber{
	"support":   {"+12025550134", one(sinchtest.SMS("sp-1", "C1"), sinchtest.Voice("RTC", "app-1")), nil},
	"marketing": {"+12025550156", one(sinchtest.SMSJob("FAILED", "sp-1", "C4", "CAMPAIGN_NOT_AVAILABLE")), nil},
	"waiting":   {"+12025550142", one(sinchtest.SMSJob("WAITING", "sp-1", "")), nil},
	"reception": {"+442079460134", one(sinchtest.VoiceJob("FAILED", "EST", "trunk-1"), sinchtest.Set("money.currencyCode", "GBP"), sinchtest.Set("regionCode", "GB")), nil},
	"released":  {"+12025550178", one(sinchtest.Set("expireAt", time.Now().AddDate(0, 0, 9).UTC().Format(time.RFC3339))), nil},
	"drifted":   {"+12025550190", one(), &v1alpha1.Expected{Type: "MOBILE"}},
	"refused":   {"+12025550171", []sinchtest.Answer{sinchtest.Refusal(http.StatusForbidden, "PERMISSION_DENIED")}, nil}, // never seen
	"retired":   {"+12025550167", []sinchtest.Answer{sinchtest.Recorded("not-found")}, nil},
}

func one(changes ...sinchtest.Change) []sinchtest.Answer {
	return []sinchtest.Answer{sinchtest.Number(changes...)}
}

func newFleet(t *testing.T) *fleet {
	f := &fleet{T: t, plane: kubetest.Start(t), sinch: sinchtest.New(), metrics: freeAddress(t)}
	t.Cleanup(f.sinch.Close)
	f.sinch.AddKey("id", "secret")
	scheme := runtime.NewScheme()
	err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
	if err == nil {
		f.client, err = client.New(f.plane.Admin, client.Options{Scheme: scheme})
	}
	if err != nil {
		t.Fatal(err)
	}
	f.kubectl("apply", "-k", filepath.Join(f.plane.Root, "config", "default"))
	return f
}

// open makes a namespace with a key for Sinch.
func (f *fleet) open(namespace, secret string) {
	f.Helper()
	f.kubectl("create", "namespace", namespace)
	f.kubectl("create", "secret", "generic", "sinch-credentials", "-n", namespace, "--from-literal=keyId=id", "--from-literal=keySecret="+secret)
}

// declare makes a number, and says what Sinch answers about it.
func (f *fleet) declare(namespace, name string, spec v1alpha1.ActiveNumberSpec, answers ...sinchtest.Answer) {
	f.Helper()
	spec.ProjectID = project
	f.sinch.Script(project, spec.PhoneNumber, answers...)
	f.create(&v1alpha1.ActiveNumber{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: spec})
}

func (f *fleet) create(object client.Object) {
	f.Helper()
	if err := f.client.Create(f.Context(), object); err != nil {
		f.Fatal(err)
	}
}

func (f *fleet) kubectl(arguments ...string) {
	f.Helper()
	admin, err := f.plane.Kubeconfig("admin", f.plane.Admin)
	if err != nil {
		f.Fatal(err)
	}
	if out, err := f.plane.Kubectl(f.Context(), admin, arguments...).CombinedOutput(); err != nil {
		f.Fatalf("kubectl %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}

// startOperator builds and runs it with the rights and flags of config/default.
func (f *fleet) startOperator() {
	f.Helper()
	operator := filepath.Join(f.TempDir(), "operator")
	build := exec.CommandContext(f.Context(), "go", "build", "-o", operator, "./cmd")
	build.Dir = f.plane.Root
	if out, err := build.CombinedOutput(); err != nil {
		f.Fatalf("build the operator: %v\n%s", err, out)
	}
	account, err := f.plane.ServiceAccount(f.Context(), system, "activenumber-operator")
	if err != nil {
		f.Fatal(err)
	}
	kubeconfig, err := f.plane.Kubeconfig("operator", account)
	if err != nil {
		f.Fatal(err)
	}
	run(f.T, operator, "--kubeconfig="+kubeconfig, "--leader-elect", "--leader-election-namespace="+system,
		"--metrics-bind-address="+f.metrics, "--health-probe-bind-address=0", "--sinch-api-url="+f.sinch.URL(), "--sinch-token-url="+f.sinch.TokenURL())
}

// scraper is the token of a Prometheus that may scrape.
func (f *fleet) scraper() string {
	f.Helper()
	f.kubectl("create", "serviceaccount", "prometheus", "-n", namespace)
	f.kubectl("create", "clusterrolebinding", "scraper", "--clusterrole=activenumber-operator-metrics-reader", "--serviceaccount="+namespace+":prometheus")
	account, err := f.plane.ServiceAccount(f.Context(), namespace, "prometheus")
	if err != nil {
		f.Fatal(err)
	}
	return account.BearerToken
}

// rules are those that are shipped.
func (f *fleet) rules() []byte {
	f.Helper()
	rules, err := os.ReadFile(filepath.Join(f.plane.Root, "config", "prometheus", "activenumbers.rules.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	return rules
}

// ask has a number looked at now.
func (f *fleet) ask(name string) {
	f.Helper()
	f.kubectl("annotate", "activenumber", name, "-n", namespace, "--overwrite", v1alpha1.PollRequestedAtAnnotation+"="+fmt.Sprint(time.Now().UnixNano()))
}

// TestAlerts is the way of a failure from Sinch to whoever is on call, and back.
func TestAlerts(t *testing.T) {
	f := newFleet(t)
	f.open(namespace, "secret")
	for name, number := range numbers {
		f.declare(namespace, name, v1alpha1.ActiveNumberSpec{PhoneNumber: number.phone, Expected: number.expected}, number.answers...)
	}
	f.startOperator()
	heard := &receiver{}
	webhook := httptest.NewServer(heard)
	defer webhook.Close()
	p := startPrometheus(t, hasten(f.rules()), f.metrics, f.scraper(), startAlertmanager(t, webhook.URL))

	fires := func(alertname, number string, labels map[string]string) {
		t.Helper()
		await(t, alertname+" about "+number, func() bool { return heard.last(alertname, number).Status == "firing" })
		got := heard.last(alertname, number)
		for name, want := range labels {
			if got.Labels[name] != want {
				t.Errorf("the alert has %s=%q, want %q: %s", name, got.Labels[name], want, got)
			}
		}
	}
	t.Run("a job that fails reaches whoever is on call, and so does its success", func(t *testing.T) {
		fires("ActiveNumberProvisioningFailed", "marketing", map[string]string{"namespace": namespace, "channel": "sms", "error_code": "CAMPAIGN_NOT_AVAILABLE"})
		for _, want := range []string{namespace + "/marketing", "CAMPAIGN_NOT_AVAILABLE"} {
			if summary := heard.last("ActiveNumberProvisioningFailed", "marketing").Annotations["summary"]; !strings.Contains(summary, want) {
				t.Errorf("the summary lacks %s: %s", want, summary)
			}
		}
		f.sinch.Script(project, numbers["marketing"].phone, sinchtest.Number(sinchtest.SMS("sp-1", "C4")))
		f.ask("marketing")
		await(t, "the end of the alert", func() bool {
			return heard.last("ActiveNumberProvisioningFailed", "marketing").Status == "resolved"
		})
	})
	t.Run("so does everything else that needs a person", func(t *testing.T) {
		fires("ActiveNumberProvisioningFailed", "reception", map[string]string{"namespace": namespace, "channel": "voice", "error_code": "ERROR_CODE_UNSPECIFIED"})
		fires("ActiveNumberProvisioningStuck", "waiting", nil) // within a second, where the rule that is shipped waits for hours
		fires("ActiveNumberExpiring", "released", nil)
		fires("ActiveNumberDrifted", "drifted", nil)
		fires("ActiveNumberRefused", "refused", map[string]string{"namespace": namespace, "reason": v1alpha1.ReasonAccessDenied})
		f.ask("retired") // the second look
		fires("ActiveNumberNotFound", "retired", map[string]string{"namespace": namespace})
		if got := heard.last("ActiveNumberProvisioningFailed", "support"); got.Status != "" {
			t.Errorf("there is an alert about a number that is fine: %s", got)
		}
	})
	t.Run("every query of the dashboard finds something", func(t *testing.T) {
		queries, err := grafana.Queries()
		if err != nil || len(queries) == 0 {
			t.Fatalf("%d queries: %v", len(queries), err)
		}
		for _, query := range queries {
			await(t, fmt.Sprintf("an answer to %q: %s", query.Panel, query.Expr), func() bool { return len(p.query(t, query.Expr)) > 0 })
		}
	})
	t.Run("no rule fails", func(t *testing.T) {
		for name, health := range p.rules(t) {
			if health != "ok" {
				t.Errorf("%s: %s", name, health)
			}
		}
	})
}
