// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authenticationv1client "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationv1client "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/activenumber-operator/activenumber-operator/internal/controller"
)

const (
	believeYes   = time.Minute      // how long somebody who may scrape is let in without asking again
	believeNo    = 10 * time.Second // how long somebody who may not is kept out
	mostAnswers  = 1000             // that are remembered; then all are forgotten
	longestToken = 16 << 10         // bytes of a token
	askTimeout   = 10 * time.Second // with the API server
)

// gate lets in whoever holds a token that the API server knows, of somebody whom its roles let do the request.
// controller-runtime has the same (metrics/filters), which brings in the API server's library, and with it 20 MB of
// program.
type gate struct {
	tokens authenticationv1client.TokenReviewInterface
	access authorizationv1client.SubjectAccessReviewInterface

	mu      sync.Mutex
	answers map[question]answer
}

// question is whether the holder of a token may do a request.
type question struct {
	token      [sha256.Size]byte
	verb, path string
}

// answer is the HTTP status for it.
type answer struct {
	status int
	until  time.Time
}

// filters puts the numbers after what the registry serves, and if need be a gate before both.
func filters(secure bool, tell *controller.Exposition) func(*rest.Config, *http.Client) (metricsserver.Filter, error) {
	return func(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
		if !secure {
			return func(_ logr.Logger, next http.Handler) (http.Handler, error) { return tell.After(next), nil }, nil
		}
		g, err := newGate(config, client)
		return func(log logr.Logger, next http.Handler) (http.Handler, error) {
			return g.before(log, tell.After(next)), nil
		}, err
	}
}

// newGate makes a gate that asks the API server of this configuration.
func newGate(config *rest.Config, client *http.Client) (*gate, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 10, 20 // whoever comes with made-up tokens must not wear the API server out
	authentication, err := authenticationv1client.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	authorization, err := authorizationv1client.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	return &gate{
		tokens:  authentication.TokenReviews(),
		access:  authorization.SubjectAccessReviews(),
		answers: map[question]answer{},
	}, nil
}

// before guards a handler.
func (g *gate) before(log logr.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := g.admit(r)
		switch {
		case err != nil:
			log.Error(err, "cannot tell who asks for metrics")
			http.Error(w, "the API server does not tell who you are", http.StatusServiceUnavailable)
		case status != http.StatusOK:
			http.Error(w, http.StatusText(status), status)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// admit returns 200 if the request may go on, 401 or 403. The error says that the API server could not be asked.
func (g *gate) admit(r *http.Request) (int, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > longestToken {
		return http.StatusUnauthorized, nil
	}
	asked := question{sha256.Sum256([]byte(token)), strings.ToLower(r.Method), r.URL.Path}
	if known := g.recall(asked); time.Now().Before(known.until) {
		return known.status, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	status, err := g.ask(ctx, token, asked)
	if err == nil {
		g.remember(asked, status)
	}
	return status, err
}

func (g *gate) ask(ctx context.Context, token string, asked question) (int, error) {
	who, err := g.tokens.Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("review a token: %w", err)
	}
	if !who.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	extra := map[string]authorizationv1.ExtraValue{}
	for name, values := range who.Status.User.Extra {
		extra[name] = authorizationv1.ExtraValue(values)
	}
	may, err := g.access.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:                  who.Status.User.Username,
		UID:                   who.Status.User.UID,
		Groups:                who.Status.User.Groups,
		Extra:                 extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: asked.path, Verb: asked.verb},
	}}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return 0, fmt.Errorf("review access to %s: %w", asked.path, err)
	case !may.Status.Allowed:
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

func (g *gate) recall(asked question) answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.answers[asked]
}

func (g *gate) remember(asked question, status int) {
	believe := believeNo
	if status == http.StatusOK {
		believe = believeYes
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.answers) >= mostAnswers {
		clear(g.answers)
	}
	g.answers[asked] = answer{status, time.Now().Add(believe)}
}
