// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// TestSeveralDeployments runs them with the roles of config/namespaced, then with those of config/default.
func TestSeveralDeployments(t *testing.T) {
	t.Parallel()
	c := newShared(t)
	c.installed = install(t, c.plane, "namespaced")
	for _, namespace := range []string{"one", "two", "three"} {
		c.addNamespace(t, namespace)
	}
	unwelcome := c.startUnwelcome(t) // and look at them last: they wait for a while for the right that they lack

	t.Run("one for two namespaces needs no right elsewhere", func(t *testing.T) { twoNamespaces(t, c) })
	t.Run("two share a namespace by their selectors", func(t *testing.T) {
		c.installed = install(t, c.plane, "default")
		twoSelectors(t, c)
	})
	t.Run("one without the right to list its numbers says so and ends", func(t *testing.T) {
		for want, p := range unwelcome {
			if code := p.end(t, patience); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if !strings.Contains(p.errors.String(), want) {
				t.Errorf("it does not say %q:\n%s", want, &p.errors)
			}
		}
	})
}

func twoNamespaces(t *testing.T, c *shared) {
	for _, namespace := range []string{"one", "two"} {
		kubectl(t, c.plane, "apply", "-n", namespace, "-k", filepath.Join(c.plane.Root, "config", "namespaced", "tenant"))
	}
	outside, inside := c.declare(t, "three", "outside", ""), c.declare(t, "one", "inside", "")
	d := c.deploy(t, "--watch-namespaces=one,two")
	d.ready(t)
	later := c.declare(t, "two", "later", "")
	c.awaitSeen(t, inside)
	c.awaitSeen(t, later)
	d.looked(t, map[string]int{"inside": 1, "later": 1})
	c.neverSeen(t, outside)

	await(t, "an event", func() bool {
		told, err := c.clients.EventsV1().Events("one").List(t.Context(), metav1.ListOptions{})
		return err == nil && len(told.Items) > 0
	})
	if got, _ := d.scrape(t, account(t, c.plane, "stranger")); got != http.StatusForbidden {
		t.Errorf("a stranger scrapes and gets %d, want %d", got, http.StatusForbidden)
	}
}

func twoSelectors(t *testing.T, c *shared) {
	outside, moving, staying := c.declare(t, "one", "unlabelled", ""), c.declare(t, "one", "moving", "a"), c.declare(t, "one", "staying", "b")
	a, b := c.deploy(t, "--selector=shard=a"), c.deploy(t, "--selector=shard=b")
	c.awaitSeen(t, moving)
	c.awaitSeen(t, staying)
	a.looked(t, map[string]int{"moving": 1})
	b.looked(t, map[string]int{"staying": 1})
	if awaitHolder(t, c.clients, leaseOf(t, "--selector=shard=a"), "") == awaitHolder(t, c.clients, leaseOf(t, "--selector=shard=b"), "") {
		t.Error("one of them holds both leases")
	}

	c.ask(t, moving, "as it moves", "b")
	late := c.declare(t, "one", "late", "a") // what tells a of this one has told it of the move before
	c.awaitSeen(t, late)
	c.ask(t, moving, "once it has moved", "b")
	a.looked(t, map[string]int{"moving": 1, "late": 1})
	b.looked(t, map[string]int{"moving": 2, "staying": 1})
	c.neverSeen(t, outside)
}

// shared is a cluster that several deployments share.
type shared struct {
	plane     *kubetest.ControlPlane
	admin     client.Client
	clients   kubernetes.Interface
	installed string // kubeconfig of the operator
}

func newShared(t *testing.T) *shared {
	t.Helper()
	plane := kubetest.Start(t)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	admin, err := client.New(plane.Admin, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	clients, err := kubernetes.NewForConfig(plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	return &shared{plane: plane, admin: admin, clients: clients}
}

func (c *shared) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := c.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// addNamespace creates a namespace with an access key.
func (c *shared) addNamespace(t *testing.T, name string) {
	t.Helper()
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	c.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "sinch-credentials"},
		StringData: map[string]string{v1alpha1.SecretKeyID: "id", v1alpha1.SecretKeySecret: "secret"},
	})
}

// declare creates a number as kubectl apply does, with the label shard unless that is empty.
func (c *shared) declare(t *testing.T, namespace, name, shard string) *v1alpha1.ActiveNumber {
	t.Helper()
	number := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{"shard": shard},
			Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: "{}"},
		},
		Spec: v1alpha1.ActiveNumberSpec{ProjectID: name, PhoneNumber: "+12025550134"},
	}
	if shard == "" {
		number.Labels = nil
	}
	c.create(t, number)
	return number
}

// ask asks for a look at a number and gives it a label, in one request, and waits for the answer.
func (c *shared) ask(t *testing.T, number *v1alpha1.ActiveNumber, request, shard string) {
	t.Helper()
	was := number.DeepCopy()
	number.Labels["shard"] = shard
	number.Annotations[v1alpha1.PollRequestedAtAnnotation] = request
	if err := c.admin.Patch(t.Context(), number, client.MergeFrom(was)); err != nil {
		t.Fatal(err)
	}
	await(t, "the answer to a poll request", func() bool { return c.fresh(t, number).Status.LastHandledPollRequest == request })
}

func (c *shared) fresh(t *testing.T, number *v1alpha1.ActiveNumber) *v1alpha1.ActiveNumber {
	t.Helper()
	if err := c.admin.Get(t.Context(), client.ObjectKeyFromObject(number), number); err != nil {
		t.Fatal(err)
	}
	return number
}

// awaitSeen waits until a number is mirrored, and checks that this changed nothing but its status.
func (c *shared) awaitSeen(t *testing.T, number *v1alpha1.ActiveNumber) {
	t.Helper()
	await(t, "a look at "+number.Name, func() bool { return c.fresh(t, number).Status.LastSyncTime != nil })
	if number.Annotations[corev1.LastAppliedConfigAnnotation] != "{}" || len(number.ManagedFields) == 0 {
		t.Errorf("%s lost what others keep on it: %v, %v", number.Name, number.Annotations, number.ManagedFields)
	}
}

func (c *shared) neverSeen(t *testing.T, number *v1alpha1.ActiveNumber) {
	t.Helper()
	if born := number.ResourceVersion; c.fresh(t, number).ResourceVersion != born {
		t.Errorf("%s was touched: %+v", number.Name, number.Status)
	}
}

// deployment is an operator with a Sinch of its own, which tells what the operator looked at. All numbers are rented
// there.
type deployment struct {
	*replica
	sinch *sinchtest.Server
}

// deploy starts an operator with the flags of the Deployment that is installed, and some more.
func (c *shared) deploy(t *testing.T, arguments ...string) *deployment {
	t.Helper()
	server := sinchtest.New()
	t.Cleanup(server.Close)
	server.AddKey("id", "secret")
	for _, name := range []string{"inside", "later", "outside", "moving", "staying", "late", "unlabelled"} {
		server.Script(name, "+12025550134", sinchtest.Number())
	}
	var installed appsv1.Deployment
	if err := c.admin.Get(t.Context(), client.ObjectKey{Namespace: system, Name: operator}, &installed); err != nil {
		t.Fatal(err)
	}
	flags := append(installed.Spec.Template.Spec.Containers[0].Args, "--sinch-api-url="+server.URL(), "--sinch-token-url="+server.TokenURL())
	return &deployment{newReplica(t, c.installed, append(flags, arguments...)...), server}
}

// looked compares how often it looked at which numbers.
func (d *deployment) looked(t *testing.T, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, call := range d.sinch.Calls() {
		if call.Endpoint == sinchtest.NumberCall {
			got[call.Project]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("it looked at %v, want %v", got, want)
	}
}

// startUnwelcome starts operators that only the namespace one lets in, and returns them by what they will say.
func (c *shared) startUnwelcome(t *testing.T) map[string]*process {
	t.Helper()
	account(t, c.plane, "unwelcome")
	kubectl(t, c.plane, "create", "rolebinding", "unwelcome", "-n", "one", "--clusterrole=activenumber-operator", "--serviceaccount="+system+":unwelcome")
	kubeconfig, ports := kubeconfigOf(t, c.plane, "unwelcome"), []string{"--metrics-bind-address=0", "--health-probe-bind-address=0"}
	return map[string]*process{
		`may not list the ActiveNumbers of namespace "three": let it`:         start(t, kubeconfig, append(ports, "--watch-namespaces=one,three")...),
		"may not list the ActiveNumbers of all namespaces: install its roles": start(t, kubeconfig, ports...),
	}
}
