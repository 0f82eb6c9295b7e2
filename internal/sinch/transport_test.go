// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func startTLS(t *testing.T) *sinchtest.Server {
	t.Helper()
	server := sinchtest.NewTLS()
	t.Cleanup(server.Close)
	server.AddKey(canaryID, canaryKey)
	server.Script(project, phone, sinchtest.Number())
	return server
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// trusting makes a transport whose CA file has the certificate.
func trusting(t *testing.T, certificate []byte) *Transport {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.crt")
	writeFile(t, file, certificate)
	transport, err := NewTransport(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T, until time.Time) (tls.Certificate, []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// startHTTPS counts the requests that come through.
func startHTTPS(t *testing.T, config *tls.Config) (string, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, &requests
}

func lookAt(t *testing.T, apiURL string, transport http.RoundTripper) error {
	t.Helper()
	client, err := New(Config{APIURL: apiURL, TokenURL: apiURL, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Basic(testKey).ActiveNumber(t.Context(), project, phone)
	return err
}

func TestU19TLSFailsClosed(t *testing.T) {
	good, goodPEM := selfSigned(t, time.Now().Add(time.Hour))
	expired, expiredPEM := selfSigned(t, time.Now().Add(-time.Hour))
	system, err := NewTransport("")
	if err != nil {
		t.Fatal(err)
	}
	toLocalhost := func(at string) string { return strings.Replace(at, "127.0.0.1", "localhost", 1) }
	same := func(at string) string { return at }
	for name, with := range map[string]struct {
		config    *tls.Config
		transport *Transport
		address   func(string) string
		cause     string
	}{
		"U19 self-signed": {&tls.Config{Certificates: []tls.Certificate{good}}, system, same, "the TLS certificate is not trusted"},
		"U19 wrong host": {
			&tls.Config{Certificates: []tls.Certificate{good}}, trusting(t, goodPEM), toLocalhost,
			"the TLS certificate is for another host",
		},
		"U19 expired": {
			&tls.Config{Certificates: []tls.Certificate{expired}}, trusting(t, expiredPEM), same,
			"the TLS certificate has expired or is not valid yet",
		},
		"U19 TLS 1.1": {
			&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			trusting(t, goodPEM), same, "the TLS handshake failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			at, requests := startHTTPS(t, with.config)
			wantError(t, lookAt(t, with.address(at), with.transport), Unavailable, with.cause)
			if requests.Load() != 0 {
				t.Error("a request came through")
			}
		})
	}
	t.Run("U19 plain http behind https", func(t *testing.T) {
		server := startSinch(t)
		at := strings.Replace(server.URL(), "http://", "https://", 1)
		wantError(t, lookAt(t, at, system), Unavailable, "the answer is not TLS")
		if len(server.Calls()) != 0 {
			t.Error("a request came through")
		}
	})
}

func TestTheCAFileIsReadAgain(t *testing.T) {
	server := startTLS(t)
	_, other := selfSigned(t, time.Now().Add(time.Hour))
	transport := trusting(t, other)
	clock := &clock{}
	transport.now, transport.checked = clock.now, clock.now()
	look := func() error {
		transport.CloseIdleConnections()
		return lookAt(t, server.URL(), transport)
	}
	wantError(t, look(), Unavailable, "the TLS certificate is not trusted")

	writeFile(t, transport.caFile, server.Certificate())
	wantError(t, look(), Unavailable, "the TLS certificate is not trusted") // it is too early to look
	clock.advance(reloadPause)
	if err := look(); err != nil {
		t.Errorf("with the right file: %v", err)
	}
	for _, broken := range []string{"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		writeFile(t, transport.caFile, []byte(broken))
		clock.advance(reloadPause)
		if err := look(); err != nil {
			t.Errorf("the last good file does not stay after %q: %v", broken, err)
		}
	}
	if err := os.Remove(transport.caFile); err != nil {
		t.Fatal(err)
	}
	clock.advance(reloadPause)
	if err := look(); err != nil {
		t.Errorf("the last good file does not stay after its removal: %v", err)
	}
	writeFile(t, transport.caFile, other)
	clock.advance(reloadPause)
	wantError(t, look(), Unavailable, "the TLS certificate is not trusted")
}

func TestACAFileMustBeOneAtTheStart(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "ca.crt")
	if _, err := NewTransport(empty); err == nil || !strings.HasPrefix(err.Error(), "reading the CA file: ") {
		t.Errorf("missing: %v", err)
	}
	writeFile(t, empty, nil)
	if _, err := NewTransport(empty); err == nil || err.Error() != "the CA file "+empty+" has no certificate in PEM form" {
		t.Errorf("empty: %v", err)
	}
}

func TestU18ABrokenConnectionIsReplaced(t *testing.T) {
	t.Run("U18 a reset on a connection that is used again", func(t *testing.T) {
		server, session, _ := startSession(t)
		mustLook(t, session)
		server.Script(project, phone, sinchtest.Reset(), sinchtest.Number())
		mustLook(t, session)
		wantCalls(t, server, "token number number number")
	})
	t.Run("U18 GOAWAY", func(t *testing.T) {
		server := startTLS(t)
		farewell := sinchtest.Refusal(404, "NOT_FOUND")
		server.Script(project, phone, farewell.With("Connection", "close"), sinchtest.Number())
		session := newClientOver(t, server, trusting(t, server.Certificate())).OAuth2(testKey)
		_, err := session.ActiveNumber(t.Context(), project, phone)
		wantError(t, err, NotFound, "HTTP 404")
		mustLook(t, session)
	})
	t.Run("U18 a reset of an HTTP/2 stream", func(t *testing.T) {
		server := startTLS(t)
		server.Script(project, phone, sinchtest.Reset(), sinchtest.Number())
		session := newClientOver(t, server, trusting(t, server.Certificate())).OAuth2(testKey)
		_, err := session.ActiveNumber(t.Context(), project, phone)
		wantError(t, err, Unavailable, "the connection broke")
		mustLook(t, session)
	})
	t.Run("U18 a black hole is found within 45 s", func(t *testing.T) {
		if pings := newHTTPTransport(nil).HTTP2; pings.SendPingTimeout+pings.PingTimeout > 45*time.Second {
			t.Errorf("%+v", pings)
		}
	})
}

// startHole starts a proxy that stops forwarding.
func startHole(t *testing.T, address string) (string, *atomic.Bool) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var silent atomic.Bool
	forward := func(to, from net.Conn) {
		defer func() { _ = to.Close() }()
		buffer := make([]byte, 4<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if silent.Load() {
				continue
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if server, err := net.Dial("tcp", address); err == nil {
				silent.Store(false) // a new connection finds another way
				go forward(client, server)
				go forward(server, client)
			}
		}
	}()
	return listener.Addr().String(), &silent
}

func TestU18PingsFindABlackHole(t *testing.T) {
	server := startTLS(t)
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	address, silent := startHole(t, target.Host)
	transport := trusting(t, server.Certificate())
	transport.current.HTTP2 = &http.HTTP2Config{SendPingTimeout: 50 * time.Millisecond, PingTimeout: 50 * time.Millisecond}
	if err := lookAt(t, "https://"+address, transport); err != nil {
		t.Fatal(err)
	}
	silent.Store(true)
	begin := time.Now()
	err = lookAt(t, "https://"+address, transport)
	if kind, _ := KindOf(err); err != nil && kind != Unavailable || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	if err := lookAt(t, "https://"+address, transport); err != nil {
		t.Errorf("not recovered: %v", err)
	}
}

func TestU20NoRedirectIsFollowed(t *testing.T) {
	elsewhere := startSinch(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := startSinch(t)
		session := newClient(t, server).Basic(testKey)
		for _, location := range []string{
			elsewhere.URL() + "/canary", strings.Replace(elsewhere.URL(), "http:", "https:", 1), server.URL() + "/canary", "/canary", "//", "ht tp://%zz",
		} {
			server.Script(project, phone, sinchtest.Redirect(status, location))
			_, err := session.ActiveNumber(t.Context(), project, phone)
			wantError(t, err, Unavailable, "HTTP "+strconv.Itoa(status)+": redirects are refused")
		}
		wantCalls(t, server, "number number number number number number")
	}
	if calls := elsewhere.Calls(); len(calls) != 0 {
		t.Errorf("something went elsewhere: %+v", calls)
	}
}

func TestAProxyThatRefusesIsNamed(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := newHTTPTransport(nil)
	transport.Proxy = http.ProxyURL(at)
	wantError(t, lookAt(t, "https://numbers.example.com", transport), Unavailable, "the proxy refused to connect")
	proxy.Close()
	wantError(t, lookAt(t, "https://numbers.example.com", transport), Unavailable, "the proxy cannot be reached")
}

func TestU01ARefusedConnectionIsNamed(t *testing.T) {
	server, session, _ := startSession(t)
	server.Close()
	_, err := session.ActiveNumber(t.Context(), project, phone)
	wantError(t, err, Unavailable, "asking for a token: the connection was refused")
}
