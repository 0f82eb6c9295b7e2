// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// connectTimeout bounds the connection, and then again the TLS handshake.
const connectTimeout = 5 * time.Second

// reloadPause is the least time between two looks at the CA file.
const reloadPause = 10 * time.Second

// Transport is the process' one way into the network. It trusts the system's certificates and, if there is a CA file,
// those in it, as it is now.
type Transport struct {
	caFile string
	now    func() time.Time

	mu      sync.Mutex
	pem     []byte
	checked time.Time
	current *http.Transport
}

// NewTransport makes a Transport. An empty name stands for no CA file.
func NewTransport(caFile string) (*Transport, error) {
	t := &Transport{caFile: caFile, now: time.Now}
	if caFile == "" {
		t.current = newHTTPTransport(nil)
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the CA file: %w", err)
	}
	return t, t.trust(pem)
}

// RoundTrip sends one request.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	return t.latest().RoundTrip(request)
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() { t.latest().CloseIdleConnections() }

// latest looks at the CA file now and then. What cannot be used now changes nothing: the last good one stays.
func (t *Transport) latest() *http.Transport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); t.caFile != "" && now.Sub(t.checked) >= reloadPause {
		t.checked = now
		if pem, err := os.ReadFile(t.caFile); err == nil && !bytes.Equal(pem, t.pem) {
			_ = t.trust(pem)
		}
	}
	return t.current
}

// trust replaces the certificates, and with them the connections that were made with the old ones.
func (t *Transport) trust(pem []byte) error {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf("reading the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("the CA file %s has no certificate in PEM form", t.caFile)
	}
	if t.current != nil {
		defer t.current.CloseIdleConnections()
	}
	t.pem, t.checked, t.current = pem, t.now(), newHTTPTransport(roots)
	return nil
}

var errProxyRefused = errors.New("the proxy refused to connect")

func newHTTPTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:   true,
		// A dead connection is found within 45 s, not when the kernel gives up.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConnsPerHost:    32, // as many as the operator has workers
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
			if response.StatusCode != http.StatusOK {
				return errProxyRefused
			}
			return nil
		},
	}
}
