// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// shelf gives out copies of one number and one Secret, as a cache and an API server do. It has no room for a write.
type shelf struct {
	client.Client
	number *v1alpha1.ActiveNumber
	secret *corev1.Secret
}

func (s *shelf) Get(_ context.Context, _ client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	switch object := object.(type) {
	case *v1alpha1.ActiveNumber:
		s.number.DeepCopyInto(object)
	case *corev1.Secret:
		s.secret.DeepCopyInto(object)
	}
	return nil
}

// recital answers every request on a real connection with the same bytes, and allocates nothing for that.
func recital(b *testing.B, token, body string) (url string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	answer := func(body string) []byte {
		return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go recite(connection, answer(token), answer(body))
		}
	}()
	return "http://" + listener.Addr().String()
}

func recite(connection net.Conn, token, number []byte) {
	request := make([]byte, 1<<16)
	for {
		n, err := connection.Read(request)
		if err != nil {
			return
		}
		answer := number
		if bytes.HasPrefix(request[:n], []byte("POST")) {
			answer = token
		}
		if _, err := connection.Write(answer); err != nil {
			return
		}
	}
}

const steadyBody = `{"phoneNumber":"+12025550134","projectId":"51bc3f40-f266-4ca8-8938-a1ed0ff32b9a","displayName":"Support","regionCode":"US","type":"LOCAL",` +
	`"capability":["SMS","VOICE"],"money":{"currencyCode":"USD","amount":"2.00"},"paymentIntervalMonths":1,"nextChargeDate":"2026-12-21T17:47:51.476076Z","expireAt":null,` +
	`"smsConfiguration":{"servicePlanId":"sp-1","campaignId":"C1","scheduledProvisioning":null},` +
	`"voiceConfiguration":{"type":"RTC","appId":"app-1","trunkId":"","serviceId":"","lastUpdatedTime":null,"scheduledVoiceProvisioning":null},"callbackUrl":""}`

// BenchmarkPoll is one poll in which nothing has changed, from the queue's call to its answer: what the operator's own
// code and its HTTP client cost, without Kubernetes.
func BenchmarkPoll(b *testing.B) {
	url := recital(b, `{"access_token":"token","expires_in":86400,"token_type":"bearer"}`, steadyBody)
	transport, err := sinch.NewTransport("")
	if err != nil {
		b.Fatal(err)
	}
	now := birth
	clock := func() time.Time { return now }
	asked, err := sinch.New(sinch.Config{APIURL: url, TokenURL: url + "/token", Transport: transport, Now: clock})
	if err != nil {
		b.Fatal(err)
	}
	stored := &shelf{number: aNumber(), secret: &corev1.Secret{Data: map[string][]byte{"keyId": []byte("id"), "keySecret": []byte("secret")}}}
	options := Options{Sinch: asked, Workers: 32, Heartbeat: 365 * 24 * time.Hour, Rate: 1000, Burst: 1000, Now: clock}
	r := &Reconciler{Options: options, client: stored, sessions: newSessions(stored, options, unjittered), recall: newRecalls()}
	settle(b, r, stored.number, now)

	walker := reconcile.AsReconciler(client.Client(stored), r)
	request := reconcile.Request{NamespacedName: client.ObjectKeyFromObject(stored.number)}
	b.ReportAllocs()
	for b.Loop() {
		result, err := walker.Reconcile(b.Context(), request)
		if err != nil || r.recall.byUID[stored.number.UID].failing() {
			b.Fatalf("the poll failed: %v", err)
		}
		now = now.Add(result.RequeueAfter)
	}
}

// settle gives the number the status that its first look brings.
func settle(b *testing.B, r *Reconciler, number *v1alpha1.ActiveNumber, now time.Time) {
	b.Helper()
	number.Spec.Interval = metav1.Duration{Duration: 30 * time.Second}
	memory := r.recall.of(number, now)
	seen, err := r.observe(b.Context(), number, memory)
	if err != nil || seen.number == nil {
		b.Fatalf("the number cannot be seen: %v %s", err, seen.message)
	}
	r.recall.keep(number.UID, judge(number, memory, seen, now).plan(number, seen, unjittered))
	stored, err := json.Marshal(number)
	if err != nil {
		b.Fatal(err)
	}
	*number = v1alpha1.ActiveNumber{}
	if err := json.Unmarshal(stored, number); err != nil {
		b.Fatal(err)
	}
}
