// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// patience is how long a test waits for a condition before it fails. Nothing waits that long when all is well.
const patience = time.Minute

// startPlane starts the control plane that all tests of the package share, when the first of them asks for it.
var startPlane = sync.OnceValues(kubetest.Run)

var planeStarted bool

func TestMain(m *testing.M) {
	code := m.Run()
	if planeStarted {
		if plane, err := startPlane(); err == nil {
			if err := plane.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// world is a namespace on a real API server, with a scripted Sinch, a clock that the test can put forward, and the real
// manager with the controller in it once it is started.
type world struct {
	*testing.T
	sinch     *sinchtest.Server
	client    client.Client // the test's own: not the operator's
	config    *rest.Config
	namespace string
	log       *output
	requests  *requests // the operator's

	forward *atomic.Int64 // nanoseconds that the operator's clock is ahead
}

const (
	project   = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
	keyID     = "key-id"
	keySecret = "key-secret-canary"
)

func newWorld(t *testing.T) *world {
	planeStarted = true
	plane, err := startPlane()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, sinch: sinchtest.New(), log: &output{}, requests: &requests{}, forward: &atomic.Int64{}}
	t.Cleanup(w.sinch.Close)
	w.sinch.AddKey(keyID, keySecret)
	w.config = rest.CopyConfig(plane.Admin)
	w.config.QPS = -1
	if w.client, err = client.New(w.config, client.Options{Scheme: newScheme(t)}); err != nil {
		t.Fatal(err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "world-"}}
	if err := w.client.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	w.namespace = namespace.Name
	return w
}

func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return scheme
}

// Now is the operator's clock.
func (w *world) Now() time.Time {
	return time.Now().Add(time.Duration(w.forward.Load()))
}

func (w *world) later(d time.Duration) { w.forward.Add(int64(d)) }

func (w *world) options() Options {
	w.Helper()
	transport, err := sinch.NewTransport("")
	if err != nil {
		w.Fatal(err)
	}
	asked, err := sinch.New(sinch.Config{APIURL: w.sinch.URL(), TokenURL: w.sinch.TokenURL(), Transport: transport, Now: w.Now})
	if err != nil {
		w.Fatal(err)
	}
	return Options{Sinch: asked, Workers: 32, Heartbeat: time.Hour, Rate: 1000, Burst: 1000, Now: w.Now}
}

// manager is a real one that sees only this world's namespace, and whose requests and log lines are kept.
func (w *world) manager() ctrl.Manager {
	w.Helper()
	counted := rest.CopyConfig(w.config)
	counted.Wrap(w.requests.count)
	options := ctrl.Options{
		Scheme:     newScheme(w.T),
		Logger:     zap.New(zap.UseDevMode(true), zap.WriteTo(w.log)),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	}
	options.Cache.DefaultNamespaces = onlyIn(w.namespace)
	manager, err := ctrl.NewManager(counted, options)
	if err != nil {
		w.Fatal(err)
	}
	return manager
}

// start runs a manager until the test ends.
func (w *world) start(manager ctrl.Manager) {
	w.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- manager.Start(ctx) }()
	w.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
	if !manager.GetCache().WaitForCacheSync(w.Context()) {
		w.Fatal("the cache did not sync")
	}
}

func (w *world) startOperator() *Reconciler {
	w.Helper()
	return w.startWith(w.options())
}

func (w *world) startWith(options Options) *Reconciler {
	w.Helper()
	manager := w.manager()
	r := newReconciler(manager, options)
	if err := r.register(manager); err != nil {
		w.Fatal(err)
	}
	w.start(manager)
	return r
}

func (w *world) createSecret(secret string) *corev1.Secret {
	w.Helper()
	return w.createCredential("sinch-credentials", keyID, secret)
}

func (w *world) createCredential(name, id, secret string) *corev1.Secret {
	w.Helper()
	created := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		StringData: map[string]string{v1alpha1.SecretKeyID: id, v1alpha1.SecretKeySecret: secret},
	}
	if err := w.client.Create(w.Context(), created); err != nil {
		w.Fatal(err)
	}
	return created
}

// create declares a number, with what Sinch answers about it.
func (w *world) create(name, phoneNumber string, answers ...sinchtest.Answer) *v1alpha1.ActiveNumber {
	w.Helper()
	return w.createWith("sinch-credentials", name, phoneNumber, answers...)
}

// createAlone declares a number with a credential of its own.
func (w *world) createAlone(name, phoneNumber string, answers ...sinchtest.Answer) *v1alpha1.ActiveNumber {
	w.Helper()
	w.sinch.AddKey(name, keySecret)
	w.createCredential(name, name, keySecret)
	return w.createWith(name, name, phoneNumber, answers...)
}

func (w *world) createWith(secret, name, phoneNumber string, answers ...sinchtest.Answer) *v1alpha1.ActiveNumber {
	w.Helper()
	if len(answers) > 0 {
		w.sinch.Script(project, phoneNumber, answers...)
	}
	number := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: project, PhoneNumber: phoneNumber},
	}
	number.Spec.Auth.SecretRef.Name = secret
	if err := w.client.Create(w.Context(), number); err != nil {
		w.Fatal(err)
	}
	return number
}

func (w *world) get(number *v1alpha1.ActiveNumber) *v1alpha1.ActiveNumber {
	w.Helper()
	if err := w.client.Get(w.Context(), client.ObjectKeyFromObject(number), number); err != nil {
		w.Fatal(err)
	}
	return number
}

func (w *world) edit(number *v1alpha1.ActiveNumber, change func(*v1alpha1.ActiveNumber)) {
	w.Helper()
	was := number.DeepCopy()
	change(number)
	if err := w.client.Patch(w.Context(), number, client.MergeFrom(was)); err != nil {
		w.Fatal(err)
	}
}

// ask requests a look now, and waits until it is answered.
func (w *world) ask(number *v1alpha1.ActiveNumber) {
	w.Helper()
	w.request(number)
	asked := number.Annotations[v1alpha1.PollRequestedAtAnnotation]
	w.await("the poll request to be answered", func() bool {
		return w.get(number).Status.LastHandledPollRequest == asked
	})
}

// request asks for a look and does not wait.
func (w *world) request(number *v1alpha1.ActiveNumber) {
	w.Helper()
	w.edit(number, func(number *v1alpha1.ActiveNumber) {
		meta := number.Annotations[v1alpha1.PollRequestedAtAnnotation]
		number.Annotations = map[string]string{v1alpha1.PollRequestedAtAnnotation: meta + "I"}
	})
}

func (w *world) await(what string, done func() bool) {
	w.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			w.Fatalf("waited %s in vain for %s\n%s", patience, what, w.log)
		}
	}
}

// becomes waits for conditions, each such as Ready=True/Ready.
func (w *world) becomes(number *v1alpha1.ActiveNumber, wants ...string) {
	w.Helper()
	for _, want := range wants {
		condition, _, _ := strings.Cut(want, "=")
		w.await(want, func() bool {
			is := current(w.get(number), condition)
			return fmt.Sprintf("%s=%s/%s", condition, is.status, is.reason) == want
		})
	}
}

// looks counts the GETs of a number.
func (w *world) looks(number *v1alpha1.ActiveNumber) int {
	return w.calls(func(call sinchtest.Call) bool {
		return call.Endpoint == sinchtest.NumberCall && call.Number == number.Spec.PhoneNumber
	})
}

func (w *world) tokens() int {
	return w.calls(func(call sinchtest.Call) bool { return call.Endpoint == sinchtest.TokenCall })
}

func (w *world) calls(wanted func(sinchtest.Call) bool) int {
	count := 0
	for _, call := range w.sinch.Calls() {
		if wanted(call) {
			count++
		}
	}
	return count
}

// output keeps what is written to it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// requests notes every request to the API server, but for watches, which last.
type requests struct {
	mu   sync.Mutex
	made []string
}

func (r *requests) count(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if !request.URL.Query().Has("watch") {
			r.mu.Lock()
			r.made = append(r.made, request.Method+" "+request.URL.Path)
			r.mu.Unlock()
		}
		return next.RoundTrip(request)
	})
}

// since are the requests made since so many had been made.
func (r *requests) since(count int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.made[count:]...)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
