// SPDX-License-Identifier: Apache-2.0

package sinchtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	project = "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
	phone   = "+12025550134"
)

func start(t *testing.T) *Server {
	t.Helper()
	server := New()
	t.Cleanup(server.Close)
	server.AddKey("id", "secret")
	return server
}

// ask sends a request with the key, or with a token if one is given.
func ask(t *testing.T, method, at, token string, form url.Values) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("id", "secret")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

func path(number string) string { return "/v1/projects/" + project + "/activeNumbers/" + number }

func tokenOf(t *testing.T, server *Server) string {
	t.Helper()
	_, _, body := ask(t, "POST", server.TokenURL(), "", url.Values{"grant_type": {"client_credentials"}})
	var answer struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Type != "bearer" || answer.Expires != 3600 {
		t.Fatalf("%s: %v", body, err)
	}
	return answer.Token
}

func TestCredentialsAreChecked(t *testing.T) {
	server := start(t)
	server.Script(project, phone, Number())
	at := server.URL() + path(phone)
	want := func(name, token string, status int, challenge string) {
		t.Helper()
		got, header, _ := ask(t, "GET", at, token, nil)
		if given := header.Get("Www-Authenticate"); got != status || !strings.HasPrefix(given, challenge) {
			t.Errorf("%s: HTTP %d %s, want %d %s", name, got, given, status, challenge)
		}
	}
	token := tokenOf(t, server)
	want("the key", "", 200, "")
	want("a token", token, 200, "")
	want("an invented token", "invented", 401, `Basic realm="Realm"`)
	server.AddKey("id", "secret", "another")
	want("another project's token", token, 403, "")
	server.AddKey("id", "secret", "another", project)
	want("a token for two projects", token, 200, "")
	server.ExpireTokens()
	want("an expired token", token, 401, `Bearer error="invalid_token"`)
	token = tokenOf(t, server)
	server.AddKey("id", "changed")
	want("a wrong secret", "", 401, `Basic realm="Realm"`)
	want("a token from before", token, 200, "")
	server.RemoveKey("id")
	want("a removed key's token", token, 401, `Basic realm="Realm"`)
	if status, _, body := ask(t, "POST", server.TokenURL(), "", nil); status != 401 || !strings.Contains(body, `"error":"invalid_client"`) {
		t.Errorf("a removed key at the token endpoint: %d %s", status, body)
	}
	server.AddKey("id", "secret")
	if status, _, body := ask(t, "POST", server.TokenURL(), "", nil); status != 400 || !strings.Contains(body, "unsupported_grant_type") {
		t.Errorf("without a grant type: %d %s", status, body)
	}
}

func TestANumberFollowsItsScript(t *testing.T) {
	server := start(t)
	server.Script(project, phone, ProvisioningFails("sp-1", "CAMPAIGN_EXPIRED")...)
	var statuses []string
	for _, number := range []string{phone, "%2B12025550134", phone, phone} {
		_, _, body := ask(t, "GET", server.URL()+path(number), "", nil)
		var is struct {
			PhoneNumber, ProjectID string
			SMSConfiguration       struct {
				ScheduledProvisioning struct {
					Status     string
					ErrorCodes []string
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &is); err != nil || is.PhoneNumber != phone || is.ProjectID != project {
			t.Fatalf("%s: %v", body, err)
		}
		job := is.SMSConfiguration.ScheduledProvisioning
		statuses = append(statuses, strings.Join(append(job.ErrorCodes, job.Status), " "))
	}
	if want := []string{"WAITING", "IN_PROGRESS", "CAMPAIGN_EXPIRED FAILED", "CAMPAIGN_EXPIRED FAILED"}; !slices.Equal(statuses, want) {
		t.Errorf("got %q, want %q", statuses, want)
	}
	server.Script(project, phone)
	if status, _, body := ask(t, "GET", server.URL()+path(phone), "", nil); status != 404 || !strings.Contains(body, `"resourceName": "`+phone+`"`) {
		t.Errorf("without a script: %d %s", status, body)
	}
	call, err := server.Wait(t.Context(), 5)
	if err != nil || call.Endpoint != NumberCall || call.Project != project || call.Number != phone || call.Status != 404 {
		t.Errorf("%+v, %v", call, err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := server.Wait(late, 6); err == nil {
		t.Error("a sixth call was seen")
	}
}

func TestNumbersWithoutAScriptShareAnAnswer(t *testing.T) {
	const other = "+12025550135"
	server := start(t)
	server.Script(project, phone, Number(SMS("scripted", "")))
	for _, answer := range []Answer{Number(SMS("shared", "")), HTML(503), Recorded("not-found")} {
		server.ScriptOthers(answer)
		if status, _, body := ask(t, "GET", server.URL()+path(other), "", nil); status != answer.status {
			t.Errorf("got %d %s, want %d", status, body, answer.status)
		}
		if _, _, body := ask(t, "GET", server.URL()+path(phone), "", nil); !strings.Contains(body, "scripted") {
			t.Errorf("a number with a script got %s", body)
		}
	}
	for n, want := range map[int]int{0: 6, 4: 2, 6: 0, 7: 0} {
		if got := server.CallsAfter(n); len(got) != want || want > 0 && got[0] != server.Calls()[n] {
			t.Errorf("after %d calls there are %+v", n, got)
		}
	}
}

func TestTheListHasPagesAndFilters(t *testing.T) {
	server := start(t)
	for number, answer := range map[string]Answer{
		"+12025550103":  Number(),
		"+12025550101":  Recorded("waiting-both"),
		"+447700900102": Number(Set("type", "MOBILE"), Set("regionCode", "GB"), Set("capability", []string{"SMS"})),
		"+12025550104":  Recorded("not-found"),
		"+12025550105":  Reset(),
		"+12025550106":  HTML(200),
	} {
		server.Script(project, number, answer)
	}
	server.Script("another", "+12025550107", Number())
	for query, want := range map[string]string{
		"":                                "+12025550101 +12025550103 +447700900102; next , total 3",
		"pageSize=2":                      "+12025550101 +12025550103; next 2, total 3",
		"pageSize=2&pageToken=2":          "+447700900102; next , total 3",
		"type=LOCAL":                      "+12025550101 +12025550103; next , total 2",
		"regionCode=GB":                   "+447700900102; next , total 1",
		"capability=SMS&capability=VOICE": "+12025550101 +12025550103; next , total 2",
		"type=TOLL_FREE":                  "; next , total 0",
	} {
		_, _, body := ask(t, "GET", server.URL()+"/v1/projects/"+project+"/activeNumbers?"+query, "", nil)
		if got := summary(t, body); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"pageSize=0", "pageSize=x", "pageToken=x", "pageToken=9"} {
		status, _, body := ask(t, "GET", server.URL()+"/v1/projects/"+project+"/activeNumbers?"+query, "", nil)
		if status != 400 || !strings.Contains(body, "INVALID_ARGUMENT") {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

func TestAPageMayFail(t *testing.T) {
	server := start(t)
	server.Script(project, phone, Number())
	at := server.URL() + "/v1/projects/" + project + "/activeNumbers"
	var statuses []int
	for range 2 {
		server.ScriptList(2, func(usual Answer) Answer { return Raw(usual.status+203, "") })
		for range 3 {
			status, _, _ := ask(t, "GET", at+"?type=LOCAL", "", nil)
			statuses = append(statuses, status)
		}
	}
	if want := []int{200, 403, 200, 200, 403, 200}; !slices.Equal(statuses, want) {
		t.Errorf("got %v, want %v", statuses, want)
	}
	if got := server.Calls()[0].Query; got != "type=LOCAL" {
		t.Errorf("the query was %q", got)
	}
}

func summary(t *testing.T, body string) string {
	t.Helper()
	var list struct {
		ActiveNumbers []struct{ PhoneNumber string }
		NextPageToken string
		TotalSize     json.Number
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var numbers []string
	for _, number := range list.ActiveNumbers {
		numbers = append(numbers, number.PhoneNumber)
	}
	return strings.Join(numbers, " ") + "; next " + list.NextPageToken + ", total " + list.TotalSize.String()
}

func TestCloseEndsEveryFault(t *testing.T) {
	for name, fault := range map[string]Answer{
		"a delay": Delayed(time.Hour, Number()), "an endless body": Endless(), "a slow body": Slow(Number()),
		"a slow header": SlowHeader(), "a bomb": GzipBomb(1 << 20),
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			server.Script(project, phone, fault)
			go func() {
				request, _ := http.NewRequest("GET", server.URL()+path(phone), nil)
				request.SetBasicAuth("id", "secret")
				if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
					_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<10))
					_, _ = server.Wait(t.Context(), 2) // leaves the rest unread until the end
					_ = response.Body.Close()
				}
			}()
			if _, err := server.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			closed := make(chan struct{})
			go func() {
				server.Close()
				close(closed)
			}()
			select {
			case <-closed:
			case <-time.After(5 * time.Second):
				t.Error("Close hangs")
			}
		})
	}
}
