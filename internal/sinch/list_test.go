// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

// scriptMany makes that many LOCAL numbers, from +12025550000 on.
func scriptMany(server *sinchtest.Server, count int) {
	for i := range count {
		server.Script(project, fmt.Sprintf("+1202555%04d", i), sinchtest.Number())
	}
}

// listAll turns every page, and returns the numbers in order.
func listAll(t *testing.T, listing *Listing) ([]*ActiveNumber, error) {
	t.Helper()
	var all []*ActiveNumber
	for !listing.Done() {
		numbers, err := listing.Next(t.Context())
		if err != nil {
			if numbers != nil {
				t.Errorf("numbers besides the error: %s", show(numbers))
			}
			return all, err
		}
		all = append(all, numbers...)
	}
	return all, nil
}

func TestAListIsReadPageByPage(t *testing.T) {
	server := startSinch(t)
	scriptMany(server, 2*pageSize+1)
	server.Script(project, "+447700900102", sinchtest.Number(sinchtest.Set("type", "MOBILE"), sinchtest.Set("displayName", "Mobile")))
	session := newClient(t, server).OAuth2(testKey)
	for kind, want := range map[string]struct {
		count, pages int
		last         string
	}{
		"":          {2*pageSize + 2, 3, "+447700900102"},
		"LOCAL":     {2*pageSize + 1, 3, "+12025550200"},
		"MOBILE":    {1, 1, "+447700900102"},
		"TOLL_FREE": {0, 1, ""},
	} {
		before := strings.Count(endpoints(server), "list")
		numbers, err := listAll(t, session.ActiveNumbers(project, kind))
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Count(endpoints(server), "list") - before
		if len(numbers) != want.count || pages != want.pages {
			t.Errorf("type %q: %d numbers in %d pages, want %d in %d", kind, len(numbers), pages, want.count, want.pages)
		}
		if len(numbers) > 0 && numbers[len(numbers)-1].PhoneNumber != want.last {
			t.Errorf("type %q: the last one is %s, want %s", kind, numbers[len(numbers)-1].PhoneNumber, want.last)
		}
	}
	if got := tokenCalls(server); got != 1 {
		t.Errorf("%d tokens for all of it", got)
	}
}

func TestAListedNumberIsReadLikeOneThatIsLookedAt(t *testing.T) {
	server := startSinch(t)
	server.Script(project, phone, sinchtest.Recorded("waiting-both"))
	session := newClient(t, server).Basic(testKey)
	looked, err := session.ActiveNumber(t.Context(), project, phone)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := listAll(t, session.ActiveNumbers(project, ""))
	if err != nil || len(listed) != 1 || show(listed[0]) != show(looked) {
		t.Errorf("%v\nlisted %s\nlooked %s", err, show(listed), show(looked))
	}
}

func TestAListIsAskedForAsSinchLikes(t *testing.T) {
	server := startSinch(t)
	server.ScriptList(1, instead(sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":"a b&type=x/+#?"}`)))
	session := newClient(t, server).Basic(testKey)
	_, _ = listAll(t, session.ActiveNumbers(project, "TOLL_FREE")) // sinchtest does not know the token
	calls := server.Calls()
	if len(calls) != 2 || calls[1].Path != "/v1/projects/"+project+"/activeNumbers" || calls[1].Method != "GET" {
		t.Fatalf("asked for %+v", calls)
	}
	query, err := url.ParseQuery(calls[1].Query)
	want := url.Values{"pageSize": {"100"}, "type": {"TOLL_FREE"}, "pageToken": {"a b&type=x/+#?"}}
	if err != nil || query.Encode() != want.Encode() {
		t.Errorf("asked for %s, want %s", query, want)
	}
}

func instead(answer sinchtest.Answer) func(sinchtest.Answer) sinchtest.Answer {
	return func(sinchtest.Answer) sinchtest.Answer { return answer }
}

// listOf is a page with these entries.
func listOf(entries string) sinchtest.Answer {
	return sinchtest.Raw(200, `{"activeNumbers":[`+entries+`],"nextPageToken":"","totalSize":1}`)
}

func TestAPageThatCannotBeReliedOnIsRefused(t *testing.T) {
	const notANumber = "the answer lists something that is not a number in E.164 format"
	for name, want := range map[string]row{
		"a number without a plus":            {listOf(`{"phoneNumber":"12025550134"}`), Malformed, notANumber},
		"a number with a line break":         {listOf(`{"phoneNumber":"+12025550134\n"}`), Malformed, notANumber},
		"U16 a number as a number":           {listOf(`{"phoneNumber":12025550134}`), Malformed, notANumber},
		"a number without one":               {listOf(`{}`), Malformed, notANumber},
		"null for a number":                  {listOf(`null`), Malformed, notANumber},
		"a text for a number":                {listOf(`"` + phone + `"`), Malformed, notANumber},
		"U17 another project's number":       {listOf(`{"phoneNumber":"` + phone + `","projectId":"00000000-f266-4ca8-8938-a1ed0ff32b9a"}`), Malformed, "the answer is about another project"},
		"U15 an empty object":                {sinchtest.Raw(200, `{}`), Malformed, "the answer is not a list of numbers"},
		"U15 null":                           {sinchtest.Raw(200, `null`), Malformed, "the answer is not a JSON object"},
		"U15 an empty body":                  {sinchtest.Raw(200, ``), Malformed, "the answer is not JSON"},
		"U15 a 200 in HTML":                  {sinchtest.HTML(200), Malformed, "the answer is not JSON"},
		"one number instead of a list":       {sinchtest.Raw(200, `{"phoneNumber":"`+phone+`"}`), Malformed, "the answer is not a list of numbers"},
		"an object for a list":               {sinchtest.Raw(200, `{"activeNumbers":{},"totalSize":0}`), Malformed, "the answer is not a list of numbers"},
		"a page token that is no text":       {sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":2}`), Malformed, "the answer has no usable page token"},
		"a page token of a megabyte":         {sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":"`+strings.Repeat("x", 1<<20)+`"}`), Malformed, "the answer has no usable page token"},
		"the same page token for good":       {sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":"x"}`), Malformed, "the list goes in a circle: a page token came twice"},
		"U13 an endless body":                {sinchtest.Endless(), Malformed, "the answer is larger than 8 MiB"},
		"U13 a gzip bomb":                    {sinchtest.GzipBomb(10 << 10), Malformed, "the answer is larger than 8 MiB"},
		"more values than a page can have":   {listOf(strings.Repeat("0,", 100_000) + "0"), Malformed, "the answer has too many values"},
		"U14 a page that breaks off":         {sinchtest.Truncated(listOf(`{"phoneNumber":"` + phone + `"}`)), Malformed, "the answer breaks off or cannot be unpacked"},
		"U18 a reset":                        {sinchtest.Reset(), Unavailable, "the connection broke"},
		"U12 a body that drips":              {sinchtest.Slow(listOf("")), Unavailable, "no answer within 15 s"},
		"U20 a redirect":                     {sinchtest.Redirect(302, "https://elsewhere.example/"), Unavailable, "HTTP 302: redirects are refused"},
		"U11 403":                            {sinchtest.Refusal(403, "PERMISSION_DENIED"), Denied, "HTTP 403"},
		"a project that Sinch does not know": {sinchtest.Refusal(404, "NOT_FOUND"), NotFound, "HTTP 404"},
		"U08 a proxy's 404":                  {sinchtest.HTML(404), Malformed, "HTTP 404: the answer is not JSON"},
		"400":                                {sinchtest.Refusal(400, "INVALID_ARGUMENT"), Rejected, "HTTP 400"},
		"S04 a reflected token":              {sinchtest.Raw(400, `{"error":{"status":"`+canaryKey+`"}}`), Rejected, "HTTP 400"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startSinch(t)
			for n := range 3 {
				server.ScriptList(n+1, instead(want.answer))
			}
			client := newClient(t, server)
			client.patience = want.patience()
			_, err := listAll(t, client.OAuth2(testKey).ActiveNumbers(project, ""))
			wantError(t, err, want.kind, want.cause)
			if got := len(server.Calls()); got > 3 {
				t.Errorf("%d calls", got)
			}
		})
	}
}

func TestTheEndOfAListHasNoPageToken(t *testing.T) {
	for name, body := range map[string]string{
		"an empty one": `{"activeNumbers":[],"nextPageToken":"","totalSize":0}`,
		"null":         `{"activeNumbers":[],"nextPageToken":null}`,
		"none at all":  `{"activeNumbers":[]}`,
		"no numbers":   `{"totalSize":0}`,
		"null numbers": `{"activeNumbers":null,"nextPageToken":""}`,
	} {
		server := startSinch(t)
		server.ScriptList(1, instead(sinchtest.Raw(200, body)))
		numbers, err := listAll(t, newClient(t, server).Basic(testKey).ActiveNumbers(project, ""))
		if err != nil || len(numbers) > 0 || len(server.Calls()) != 1 {
			t.Errorf("%s: %d calls, %s, %v", name, len(server.Calls()), show(numbers), err)
		}
	}
}

func TestAPageMayBeTenTimesAsLongAsAskedFor(t *testing.T) {
	server := startSinch(t)
	var entries []string
	for i := range 10 * pageSize {
		number := &ActiveNumber{PhoneNumber: fmt.Sprintf("+1202555%04d", i), DisplayName: strings.Repeat("x", 256)}
		entries = append(entries, string(render(t, number)))
	}
	server.ScriptList(1, instead(listOf(strings.Join(entries, ","))))
	numbers, err := listAll(t, newClient(t, server).Basic(testKey).ActiveNumbers(project, ""))
	if err != nil || len(numbers) != len(entries) {
		t.Errorf("%d numbers, %v", len(numbers), err)
	}
}

func TestAListThatDoesNotEndIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		turned int
		want   string
	}{
		"one page is still fine": {mostPages - 1, ""},
		"one page too many":      {mostPages, "the list does not end"},
	} {
		server := startSinch(t)
		server.ScriptList(1, instead(sinchtest.Raw(200, `{"activeNumbers":[],"nextPageToken":"another"}`)))
		listing := newClient(t, server).Basic(testKey).ActiveNumbers(project, "")
		for n := range test.turned {
			listing.used[fmt.Sprint(n)] = true
		}
		_, err := listing.Next(t.Context())
		if test.want != "" {
			wantError(t, err, Malformed, test.want)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFailedPageCanBeAskedForAgain(t *testing.T) {
	server := startSinch(t)
	scriptMany(server, 2*pageSize+1)
	server.ScriptList(2, instead(sinchtest.Raw(429, "", "Retry-After", "7")))
	listing := newClient(t, server).OAuth2(testKey).ActiveNumbers(project, "")
	numbers, err := listAll(t, listing)
	wantError(t, err, Limited, "HTTP 429")
	if _, after := KindOf(err); after != 7*time.Second {
		t.Errorf("wait %s, want 7s", after)
	}
	rest, err := listAll(t, listing)
	if got := len(numbers) + len(rest); err != nil || got != 2*pageSize+1 {
		t.Errorf("%d numbers, %v", got, err)
	}
}

func TestU09ATokenMayExpireBetweenTwoPages(t *testing.T) {
	server := startSinch(t)
	scriptMany(server, pageSize+1)
	listing := newClient(t, server).OAuth2(testKey).ActiveNumbers(project, "")
	if _, err := listing.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.ExpireTokens()
	if _, err := listing.Next(t.Context()); err != nil || !listing.Done() {
		t.Error(err)
	}
	if got := endpoints(server); got != "token list list token list" {
		t.Errorf("asked for %s", got)
	}
}

func TestS02OnlyAProjectIsListed(t *testing.T) {
	server := startSinch(t)
	for _, bad := range []string{"", "..", "../x", "a/b", "a?b", project + "\n", "-a", strings.Repeat("a", 65)} {
		_, err := newClient(t, server).Basic(testKey).ActiveNumbers(bad, "").Next(t.Context())
		wantError(t, err, Rejected, "the project id is not valid; nothing was sent")
	}
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("something was sent: %+v", calls)
	}
}
