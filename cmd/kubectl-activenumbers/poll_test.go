// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/controller"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func TestPoll(t *testing.T) {
	d := newDesk(t)
	t.Run("with an operator", func(t *testing.T) { pollAnOperator(t, d) })
	t.Run("without", func(t *testing.T) { pollNobody(t, d) })
	t.Run("forbidden", func(t *testing.T) { pollForbidden(t, d) })
	t.Run("bad flags", func(t *testing.T) { pollBadFlags(t, d) })
	t.Run("over a bad connection", func(t *testing.T) { pollInterrupted(t, d) })
}

// mirrorNamespace runs a real operator for one namespace, with a scripted Sinch.
func (d *desk) mirrorNamespace(t *testing.T, namespace string) *sinchtest.Server {
	t.Helper()
	server := sinchtest.New()
	t.Cleanup(server.Close)
	server.AddKey("id", "secret")
	d.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "sinch-credentials"},
		StringData: map[string]string{v1alpha1.SecretKeyID: "id", v1alpha1.SecretKeySecret: "secret"},
	})
	transport, err := sinch.NewTransport("")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := sinch.New(sinch.Config{APIURL: server.URL(), TokenURL: server.TokenURL(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	metrics.Registry = prometheus.NewRegistry() // the last operator of this process has registered with another one
	manager, err := ctrl.NewManager(d.plane.Admin, ctrl.Options{
		Scheme:     newScheme(t),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := controller.Setup(manager, controller.Options{Sinch: asked, Workers: 4, Heartbeat: time.Hour, Rate: 100, Burst: 100}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- manager.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return server
}

func pollAnOperator(t *testing.T, d *desk) {
	server := d.mirrorNamespace(t, d.addNamespace(t, "telephony"))
	server.Script("project", "+12025550134", sinchtest.Number(sinchtest.SMS("sp-1", "")))
	server.Script("project", "+12025550156", sinchtest.Number(sinchtest.SMSJob("FAILED", "sp-1", "C1", "CAMPAIGN_EXPIRED")))
	support := d.declare(t, declared("support-us", "+12025550134", labelled("team", "support")))
	marketing := d.declare(t, declared("marketing-us", "+12025550156", labelled("team", "marketing")))
	d.declare(t, declared("seasonal-us", "+12025550178", suspend))
	for _, number := range []*v1alpha1.ActiveNumber{support, marketing} {
		eventually(t, "a first look at "+number.Name, func() bool { return d.fresh(t, number).Status.LastSyncTime != nil })
	}
	const (
		head    = "NAME           PHONE NUMBER   SYNCED                READY     REASON                    MESSAGE\n"
		fine    = "support-us     +12025550134   Observed              True      Ready\n"
		failed  = "marketing-us   +12025550156   Observed              False     SMSProvisioningFailed     SMS provisioning to service plan sp-1 and campaign C1 failed."
		paused  = "seasonal-us is suspended, and not looked at before spec.suspend is false\n"
		ofThree = "error: not looked at: 1 of 3 numbers\n"
	)
	tests := map[string]struct {
		arguments   string
		code        int
		out, errOut []string
	}{
		"one that is fine":        {"support-us -n telephony", exitSame, []string{"NAME ", "\nsupport-us   +12025550134   Observed              True      Ready\n"}, nil},
		"the same one twice":      {"support-us support-us -n telephony", exitSame, []string{"\nsupport-us "}, nil},
		"one that failed":         {"marketing-us -n telephony", exitSame, []string{failed}, nil},
		"a team's":                {"--all -n telephony -l team=support", exitSame, []string{"NAME ", "\nsupport-us "}, nil},
		"a team's, everywhere":    {"--all -A -l team=support", exitSame, []string{"NAMESPACE   NAME         PHONE", "\ntelephony   support-us   +12025550134   Observed "}, nil},
		"all, one of them paused": {"--all -n telephony", exitTrouble, []string{head}, []string{paused, ofThree}},
		"all, and who is fine":    {"--all -n telephony", exitTrouble, []string{fine}, nil},
		"all, and who is not":     {"--all -n telephony", exitTrouble, []string{failed}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := len(server.Calls())
			s := begin(t.Context(), d.kubeconfig, append([]string{"poll"}, strings.Fields(test.arguments)...)...).ends(t, test.code)
			says(t, &s.out, test.out...)
			says(t, &s.errOut, test.errOut...)
			if answers := len(s.out.lines()) - 1; len(server.Calls())-before < answers {
				t.Errorf("it tells %d answers, but Sinch was asked %d times", answers, len(server.Calls())-before)
			}
		})
	}
	t.Run("names are completed", func(t *testing.T) {
		s := begin(t.Context(), d.kubeconfig, "__complete", "poll", "--namespace=telephony", "seasonal-us", "").ends(t, exitSame)
		says(t, &s.out, "marketing-us\t+12025550156\nsupport-us\t+12025550134\n:4\n")
	})
}

// pollNobody polls numbers for which the test is the operator, if anybody is.
func pollNobody(t *testing.T, d *desk) {
	d.addNamespace(t, "elsewhere")
	alone := func(t *testing.T, name string, traits ...trait) *v1alpha1.ActiveNumber {
		return d.declare(t, declared(name, "+12025550134", append(traits, in("elsewhere"), labelled("name", name))...))
	}
	t.Run("nobody answers", func(t *testing.T) {
		alone(t, "unheard", judged("Synced=Unknown/RateLimited"))
		s := begin(t.Context(), d.kubeconfig, "poll", "unheard", "-n", "elsewhere", "--timeout=1s").ends(t, exitTrouble)
		says(t, &s.errOut, "unheard has not answered within 1s; Synced is RateLimited: the message of RateLimited\n",
			"Check that the operator is running", "--watch-namespaces and --selector", "error: not looked at: 1 of 1 number\n")
	})
	t.Run("it is not there, so that nobody is asked", func(t *testing.T) {
		there := alone(t, "there")
		s := begin(t.Context(), d.kubeconfig, "poll", "there", "absent", "missing", "-n", "elsewhere").ends(t, exitTrouble)
		says(t, &s.errOut, "error: there is no number absent, missing in namespace elsewhere\n")
		if value := requested(d.fresh(t, there)); value != "" {
			t.Errorf("the other one was asked: %s", value)
		}
	})
	t.Run("there are none", func(t *testing.T) {
		s := begin(t.Context(), d.kubeconfig, "poll", "--all", "-l", "team=nobody", "-n", "elsewhere").ends(t, exitTrouble)
		says(t, &s.errOut, "error: there are no numbers with the labels team=nobody in namespace elsewhere\n")
	})
	meanwhile := map[string]struct {
		happens func(t *testing.T, number *v1alpha1.ActiveNumber)
		code    int
		says    string
		inVain  bool
	}{
		"it answers": {func(t *testing.T, number *v1alpha1.ActiveNumber) {
			d.edit(t, number, func(n *v1alpha1.ActiveNumber) { n.Status.LastHandledPollRequest = requested(n) })
		}, exitSame, "Unknown   Pending ", false},
		"somebody asks later, and that is answered": {func(t *testing.T, number *v1alpha1.ActiveNumber) {
			d.edit(t, number, func(n *v1alpha1.ActiveNumber) {
				n.Annotations[v1alpha1.PollRequestedAtAnnotation], n.Status.LastHandledPollRequest = "later", "later"
			})
		}, exitSame, "Unknown   Pending ", false},
		"it is deleted": {func(t *testing.T, number *v1alpha1.ActiveNumber) {
			if err := d.admin.Delete(t.Context(), number); err != nil {
				t.Fatal(err)
			}
		}, exitTrouble, " was deleted before it was looked at\n", false},
		"it is suspended": {func(t *testing.T, number *v1alpha1.ActiveNumber) { d.edit(t, number, suspend) }, exitTrouble, " is suspended", false},
		"the annotation is removed": {func(t *testing.T, number *v1alpha1.ActiveNumber) {
			d.edit(t, number, func(n *v1alpha1.ActiveNumber) { n.Annotations = nil })
		}, exitTrouble, " has not answered within 2s; somebody has changed the annotation that asks for the look; Synced is Pending", true},
	}
	for name, test := range meanwhile {
		t.Run("meanwhile "+name, func(t *testing.T) {
			number := alone(t, strings.NewReplacer(" ", "-", ",", "").Replace(name))
			arguments := []string{"poll", "--all", "-n", "elsewhere", "-l", "name=" + number.Name}
			if test.inVain {
				arguments = append(arguments, "--timeout=2s")
			}
			s := begin(t.Context(), d.kubeconfig, arguments...)
			eventually(t, "the request", func() bool { return requested(d.fresh(t, number)) != "" })
			test.happens(t, number)
			s.ends(t, test.code)
			said := &screen{}
			fmt.Fprint(said, &s.out, &s.errOut)
			says(t, said, test.says)
		})
	}
	t.Run("somebody presses Ctrl-C", func(t *testing.T) {
		number := alone(t, "interrupted")
		ctx, interrupt := context.WithCancel(t.Context())
		s := begin(ctx, d.kubeconfig, "poll", number.Name, "-n", "elsewhere")
		eventually(t, "the request", func() bool { return requested(d.fresh(t, number)) != "" })
		interrupt()
		says(t, &s.ends(t, exitTrouble).errOut, "error: interrupted\n")
	})
	t.Run("somebody watches at a terminal", func(t *testing.T) {
		number := alone(t, "watched")
		s := &session{}
		p := &poll{timeout: 2 * time.Second, notice: 50 * time.Millisecond, streams: s.streams()}
		if err := p.run(t.Context(), d.admin, "elsewhere", []string{number.Name}); err == nil {
			t.Error("nobody answers, and that is fine")
		}
		if n := strings.Count(s.errOut.String(), "Waiting for watched\n"); n != 1 {
			t.Errorf("it says %d times for whom it waits, want once:\n%s", n, &s.errOut)
		}
	})
}

func pollForbidden(t *testing.T, d *desk) {
	d.addNamespace(t, "guarded")
	tests := map[string]struct {
		verbs []string
		who   string
		says  string
		asked bool
	}{
		"stranger":  {nil, "stranger", `error: you may not get ActiveNumber guarded/stranger (activenumbers.numbers.sinch.com "stranger" is forbidden: User "stranger" cannot get`, false},
		"foreigner": {nil, "--all", `error: you may not list ActiveNumbers in namespace guarded (activenumbers.numbers.sinch.com is forbidden: User "foreigner" cannot list`, false},
		"viewer":    {[]string{"get", "list", "watch"}, "--all", `error: you may not ask for a look at guarded/`, false},
		"blind":     {[]string{"get", "patch"}, "blind", `error: you may not wait for the answers (activenumbers.numbers.sinch.com "blind" is forbidden: User "blind" cannot list`, true},
	}
	for user, test := range tests {
		t.Run(user, func(t *testing.T) {
			number := d.declare(t, declared(user, "+12025550134", in("guarded")))
			s := begin(t.Context(), d.user(t, user, "guarded", test.verbs...), "poll", "-n", "guarded", test.who).ends(t, exitTrouble)
			if said := s.errOut.lines(); len(said) != 1 || !strings.HasPrefix(said[0], test.says) || !strings.Contains(said[0], "): ask for the right to") {
				t.Errorf("it says %q, want one line that begins with %q and says what to do", said, test.says)
			}
			if asked := requested(d.fresh(t, number)) != ""; asked != test.asked {
				t.Errorf("it has asked: %t, want %t", asked, test.asked)
			}
		})
	}
}

func pollBadFlags(t *testing.T, d *desk) {
	tests := map[string]string{
		"":                               "give the names of the numbers to look at, or --all",
		"support-us --all":               "give either the names of numbers or --all, not both",
		"support-us -A":                  "-A goes with --all only: for numbers by name, give their namespace with -n",
		"support-us -l team=a":           "-l goes with --all only",
		"--all -l a=b=c":                 `--selector "a=b=c": must be a label selector as kubectl get -l takes it, such as team=support`,
		"support-us --timeout=0s":        "--timeout 0s: must be more than 0, such as 1m",
		"support-us --timeout=soon":      `invalid argument "soon" for "--timeout" flag`,
		"support-us --interval=1m":       "unknown flag: --interval",
		"support-us --context=elsewhere": "elsewhere",
	}
	for arguments, want := range tests {
		t.Run(arguments, func(t *testing.T) {
			s := begin(t.Context(), d.kubeconfig, append([]string{"poll"}, strings.Fields(arguments)...)...).ends(t, exitTrouble)
			if said := s.errOut.lines(); len(said) != 1 || !strings.HasPrefix(said[0], "error: ") || !strings.Contains(said[0], want) {
				t.Errorf("it says %q, want one line with %q", said, want)
			}
		})
	}
}

// pollInterrupted ends the first watches before they tell anything, and has the number changed as it is annotated.
func pollInterrupted(t *testing.T, d *desk) {
	number := d.declare(t, declared("flaky-us", "+12025550134", in(d.addNamespace(t, "flaky"))))
	expired := watch.NewFakeWithChanSize(1, false)
	expired.Error(&metav1.Status{Status: metav1.StatusFailure, Code: 410, Reason: metav1.StatusReasonExpired, Message: "too old resource version"})
	ended := watch.NewFake()
	ended.Stop()
	var lists, watches atomic.Int32
	flaky := interceptor.NewClient(d.admin, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			d.edit(t, number, func(n *v1alpha1.ActiveNumber) { n.Labels = map[string]string{"team": "another"} })
			return c.Patch(ctx, object, patch, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if lists.Add(1) == 1 {
				return errors.New("connection refused")
			}
			return c.List(ctx, list, options...)
		},
		Watch: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) (watch.Interface, error) {
			switch watches.Add(1) {
			case 1:
				return expired, nil
			case 2:
				d.edit(t, number, func(n *v1alpha1.ActiveNumber) { n.Status.LastHandledPollRequest = requested(n) })
				return ended, nil
			}
			return c.Watch(ctx, list, options...)
		},
	})
	s := &session{}
	p := &poll{timeout: longEnough, streams: s.streams()}
	if err := p.run(t.Context(), flaky, "flaky", []string{number.Name}); err != nil {
		t.Errorf("%v\n%s", err, &s.errOut)
	}
	says(t, &s.out, "\nflaky-us ")
	if lists.Load() != 4 || watches.Load() != 2 {
		t.Errorf("%d lists and %d watches, want 4 and 2", lists.Load(), watches.Load())
	}
}
