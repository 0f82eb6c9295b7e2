// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// fleet is many numbers, a Sinch that takes its time, and the real queue and workers of controller-runtime, all on
// synctest's clock.
type fleet struct {
	client.Client
	takes time.Duration // for one answer, on average

	mu      sync.Mutex
	numbers map[types.NamespacedName]*v1alpha1.ActiveNumber
	looks   map[string][]time.Time // by phone number
	queue   priorityqueue.PriorityQueue[reconcile.Request]
}

// newFleet declares so many numbers in so many namespaces, each with a credential of its own.
func newFleet(numbers, namespaces int, every time.Duration) *fleet {
	f := &fleet{takes: 2 * time.Second, numbers: map[types.NamespacedName]*v1alpha1.ActiveNumber{}, looks: map[string][]time.Time{}}
	for i := range numbers {
		number := aNumber()
		number.Namespace, number.Name = fmt.Sprintf("tenant-%d", i%namespaces), fmt.Sprintf("number-%d", i)
		number.UID = types.UID(fmt.Sprintf("7d3f5a52-93c1-4e0b-8a3c-%012d", i))
		number.Spec.PhoneNumber = fmt.Sprintf("+1202555%05d", i)
		number.Spec.Interval.Duration = every
		f.numbers[client.ObjectKeyFromObject(number)] = number
	}
	return f
}

func (f *fleet) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch object := object.(type) {
	case *v1alpha1.ActiveNumber:
		f.numbers[key].DeepCopyInto(object)
	case *corev1.Secret:
		object.Data = map[string][]byte{"keyId": []byte(key.Namespace), "keySecret": []byte("secret")}
	}
	return nil
}

func (f *fleet) Create(context.Context, client.Object, ...client.CreateOption) error { return nil }

func (f *fleet) Status() client.SubResourceWriter { return shelving{fleet: f} }

// shelving stores statuses.
type shelving struct {
	client.SubResourceWriter
	fleet *fleet
}

func (s shelving) Patch(_ context.Context, object client.Object, _ client.Patch, _ ...client.SubResourcePatchOption) error {
	s.fleet.mu.Lock()
	defer s.fleet.mu.Unlock()
	object.(*v1alpha1.ActiveNumber).Status.DeepCopyInto(&s.fleet.numbers[client.ObjectKeyFromObject(object)].Status)
	return nil
}

// edit changes a number's spec, as the watch would tell.
func (f *fleet) edit(key types.NamespacedName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.numbers[key].Generation++
	f.queue.AddWithOpts(priorityqueue.AddOpts{}, reconcile.Request{NamespacedName: key})
}

// RoundTrip is Sinch.
func (f *fleet) RoundTrip(request *http.Request) (*http.Response, error) {
	body := `{"access_token":"token","expires_in":86400,"token_type":"bearer"}`
	if request.Method == http.MethodGet {
		number := path.Base(request.URL.Path)
		f.mu.Lock()
		f.looks[number] = append(f.looks[number], time.Now())
		f.mu.Unlock()
		<-time.After(f.takes/2 + rand.N(f.takes))
		body = strings.ReplaceAll(steadyBody, "+12025550134", number)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// run starts the workers and tells them of every number, as the first list does.
func (f *fleet) run(ctx context.Context, t *testing.T, workers int) *Reconciler {
	t.Helper()
	asked, err := sinch.New(sinch.Config{APIURL: "https://api.example", TokenURL: "https://token.example", Transport: f})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Sinch: asked, Workers: workers, Heartbeat: time.Hour, Rate: 1000, Burst: 1000, Now: time.Now}
	r := &Reconciler{Options: options, client: f, sessions: newSessions(f, options, jitter), recall: newRecalls()}
	c, err := controller.NewUnmanaged("overload", controller.Options{
		Reconciler:              reconcile.AsReconciler(client.Client(f), r),
		MaxConcurrentReconciles: workers,
		SkipNameValidation:      new(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Watch(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		f.queue = queue.(priorityqueue.PriorityQueue[reconcile.Request])
		for key := range f.numbers {
			f.queue.AddWithOpts(priorityqueue.AddOpts{Priority: new(handler.LowPriority)}, reconcile.Request{NamespacedName: key})
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.Start(ctx) }()
	return r
}

func (f *fleet) looksAt(key types.NamespacedName) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.looks[f.numbers[key].Spec.PhoneNumber])
}

// longest is the longest time that a number was not looked at, from the beginning to the end.
func (f *fleet) longest(begin, end time.Time) (longest time.Duration) {
	for key := range f.numbers {
		last := begin
		for _, look := range append(f.looksAt(key), end) {
			longest = max(longest, look.Sub(last))
			last = look
		}
	}
	return longest
}

// TestK11NobodyStarvesAtTwiceTheCapacityOfTheWorkers has 32 workers look at 960 numbers of eight tenants twice as
// often as they can, and a number edited every five seconds. Without lanes and priorities the first list is served last, or never
// (kubernetes-sigs/controller-runtime#3496).
func TestK11NobodyStarvesAtTwiceTheCapacityOfTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const every, workers = 30 * time.Second, 32
		f := newFleet(960, 8, every)
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		r := f.run(ctx, t, workers)
		<-time.After(2 * time.Minute)
		keys := slices.SortedFunc(maps.Keys(f.numbers), func(a, b types.NamespacedName) int { return strings.Compare(a.Name, b.Name) })
		for i := range 60 {
			edited := keys[i*8+slices.IndexFunc(keys[i*8:], func(key types.NamespacedName) bool {
				looks := f.looksAt(key)
				return time.Since(looks[len(looks)-1]) > 3*time.Second // none is under way
			})]
			before := len(f.looksAt(edited))
			f.edit(edited)
			<-time.After(time.Second)
			if len(f.looksAt(edited)) == before {
				t.Errorf("edit %d, of %s, is not looked at within a second", i, edited.Name)
			}
			<-time.After(4 * time.Second)
		}
		end := time.Now()
		stop()
		<-time.After(time.Minute) // the workers end their looks
		if longest := f.longest(began, end); longest > 3*every {
			t.Errorf("a number was not looked at for %s, want three intervals at most", longest)
		}
		if overdue := r.recall.overdue(end); overdue < every/2 || overdue > 2*every {
			t.Errorf("the most overdue look is %s late, want about an interval at twice the capacity", overdue)
		}
	})
}
