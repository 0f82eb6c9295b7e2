// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// longEnough is how long a test waits for what should happen before it fails.
const longEnough = time.Minute

// desk is where a person sits who may do everything in a cluster of their own.
type desk struct {
	plane      *kubetest.ControlPlane
	admin      client.WithWatch
	kubeconfig string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{plane: kubetest.Start(t)}
	var err error
	if d.admin, err = client.NewWithWatch(d.plane.Admin, client.Options{Scheme: newScheme(t)}); err != nil {
		t.Fatal(err)
	}
	d.kubeconfig = d.kubeconfigOf(t, "admin", d.plane.Admin)
	return d
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

func (d *desk) kubeconfigOf(t *testing.T, name string, config *rest.Config) string {
	t.Helper()
	kubeconfig, err := d.plane.Kubeconfig(name, config)
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// user returns the kubeconfig of a user who may do so much with the numbers of a namespace.
func (d *desk) user(t *testing.T, name, namespace string, verbs ...string) string {
	t.Helper()
	config, err := d.plane.User(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(verbs) > 0 {
		named := metav1.ObjectMeta{Namespace: namespace, Name: name}
		d.create(t, &rbacv1.Role{ObjectMeta: named, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"activenumbers"}, Verbs: verbs},
		}})
		d.create(t, &rbacv1.RoleBinding{
			ObjectMeta: named,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
		})
	}
	return d.kubeconfigOf(t, name, config)
}

func (d *desk) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := d.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) addNamespace(t *testing.T, name string) string {
	t.Helper()
	d.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	return name
}

// dropKind takes the CRD away, and all numbers with it.
func (d *desk) dropKind(t *testing.T) {
	t.Helper()
	out, err := d.plane.Kubectl(t.Context(), d.kubeconfig, "delete", "--wait", "-k", filepath.Join(d.plane.Root, "config", "crd")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// declare creates a number, and gives it the status that it has, if any.
func (d *desk) declare(t *testing.T, number v1alpha1.ActiveNumber) *v1alpha1.ActiveNumber {
	t.Helper()
	status := number.Status
	d.create(t, &number)
	if status.Conditions != nil {
		number.Status = status
		if err := d.admin.Status().Update(t.Context(), &number); err != nil {
			t.Fatal(err)
		}
	}
	return &number
}

func (d *desk) fresh(t *testing.T, number *v1alpha1.ActiveNumber) *v1alpha1.ActiveNumber {
	t.Helper()
	if err := d.admin.Get(t.Context(), client.ObjectKeyFromObject(number), number); err != nil {
		t.Fatal(err)
	}
	return number
}

// edit changes a number, its status apart.
func (d *desk) edit(t *testing.T, number *v1alpha1.ActiveNumber, change func(*v1alpha1.ActiveNumber)) {
	t.Helper()
	was := d.fresh(t, number).DeepCopy()
	change(number)
	status := number.Status
	if err := d.admin.Patch(t.Context(), number, client.MergeFrom(was)); err != nil {
		t.Fatal(err)
	}
	was, number.Status = number.DeepCopy(), status
	if err := d.admin.Status().Patch(t.Context(), number, client.MergeFrom(was)); err != nil {
		t.Fatal(err)
	}
}

// screen keeps what a command says.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) lines() []string { return strings.Split(strings.TrimSuffix(s.String(), "\n"), "\n") }

// session is one run of the plugin.
type session struct {
	out, errOut screen
	code        chan int
}

func (s *session) streams() genericiooptions.IOStreams {
	return genericiooptions.IOStreams{In: strings.NewReader(""), Out: &s.out, ErrOut: &s.errOut}
}

// begin runs a command line, of at least a subcommand, beside the test.
func begin(ctx context.Context, kubeconfig string, arguments ...string) *session {
	s := &session{code: make(chan int, 1)}
	go func() { s.code <- run(ctx, slices.Insert(arguments, 1, "--kubeconfig="+kubeconfig), s.streams()) }()
	return s
}

// ends waits for the exit code.
func (s *session) ends(t *testing.T, want int) *session {
	t.Helper()
	select {
	case code := <-s.code:
		if code != want {
			t.Errorf("exit code %d, want %d\n%s\n%s", code, want, &s.out, &s.errOut)
		}
	case <-time.After(longEnough):
		t.Fatalf("it does not end\n%s\n%s", &s.out, &s.errOut)
	}
	return s
}

// says checks a stream for texts, in this order.
func says(t *testing.T, stream *screen, texts ...string) {
	t.Helper()
	rest := stream.String()
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("%q is missing, or comes too early:\n%s", text, stream)
		}
		rest = after
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(longEnough)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %s in vain for %s", longEnough, what)
		}
	}
}

// trait makes a number differ from one that nobody has looked at yet.
type trait func(*v1alpha1.ActiveNumber)

func declared(name, phoneNumber string, traits ...trait) v1alpha1.ActiveNumber {
	number := v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: "telephony", Name: name},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "project", PhoneNumber: phoneNumber},
	}
	for _, trait := range traits {
		trait(&number)
	}
	return number
}

func in(namespace string) trait { return func(n *v1alpha1.ActiveNumber) { n.Namespace = namespace } }

func labelled(key, value string) trait {
	return func(n *v1alpha1.ActiveNumber) { n.Labels = map[string]string{key: value} }
}

func suspend(n *v1alpha1.ActiveNumber) { n.Spec.Suspend = true }

// judged sets a condition, given as kind=status/reason.
func judged(text string) trait {
	return func(n *v1alpha1.ActiveNumber) {
		kind, verdict, _ := strings.Cut(text, "=")
		status, reason, _ := strings.Cut(verdict, "/")
		meta.SetStatusCondition(&n.Status.Conditions, metav1.Condition{
			Type: kind, Status: metav1.ConditionStatus(status), Reason: reason, Message: fmt.Sprintf("the message of %s", reason),
		})
	}
}
