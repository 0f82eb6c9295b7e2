// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"context"
	"net/url"
	"strconv"
)

// pageSize is how many numbers a page should have. Sinch publishes neither its own choice nor the most that it gives, so
// page leaves room for ten times as many of usual size, in case it does as it likes.
const pageSize = 100

var page = size{bytes: 8 << 20, values: 100_000}

// These keep a listing from going on for ever, whatever the answers say.
const (
	mostPages        = 10_000
	longestPageToken = 4 << 10 // it becomes part of a URL
)

// Listing goes through the numbers of a project, a page at a time. It is not safe for concurrent use.
type Listing struct {
	session    *Session
	projectID  string
	numberType string
	token      string          // of the next page
	used       map[string]bool // the tokens so far
	done       bool
}

// ActiveNumbers begins with the first page of a project's numbers: of those of one type, such as MOBILE, or of all if the
// type is "".
func (s *Session) ActiveNumbers(projectID, numberType string) *Listing {
	return &Listing{session: s, projectID: projectID, numberType: numberType, used: map[string]bool{}}
}

// Done reports whether there are no more pages.
func (l *Listing) Done() bool { return l.done }

// Next asks for the next page. Any error is an *Error, and leaves the listing where it was: who calls again asks for the
// same page again.
func (l *Listing) Next(ctx context.Context) ([]*ActiveNumber, error) {
	if !IsProjectID(l.projectID) {
		return nil, invalidProject()
	}
	body, err := l.session.ask(ctx, l.at(), page)
	if err != nil {
		return nil, err
	}
	numbers, err := body.numbers(l.projectID)
	if err != nil {
		return nil, err
	}
	if err := l.turn(body); err != nil {
		return nil, err
	}
	return numbers, nil
}

func (l *Listing) at() *url.URL {
	query := url.Values{"pageSize": {strconv.Itoa(pageSize)}}
	if l.numberType != "" {
		query.Set("type", l.numberType)
	}
	if l.token != "" {
		query.Set("pageToken", l.token)
	}
	at := l.session.client.activeNumbers(l.projectID)
	at.RawQuery = query.Encode()
	return at
}

// turn goes on to the page after this one.
func (l *Listing) turn(body object) error {
	next, isText := body["nextPageToken"].(string)
	switch {
	case !isText && body["nextPageToken"] != nil, len(next) > longestPageToken:
		return malformed("the answer has no usable page token")
	case next == "":
		l.done = true
		return nil
	case l.used[next]:
		return malformed("the list goes in a circle: a page token came twice")
	case len(l.used) >= mostPages:
		return malformed("the list does not end")
	}
	l.used[next], l.token = true, next
	return nil
}

// numbers reads the numbers of a page. Unlike a field of a number, none of them may be left out for being odd: a list that
// is short of one says that it is gone.
func (o object) numbers(projectID string) ([]*ActiveNumber, error) {
	entries, listed := o["activeNumbers"].([]any)
	if !listed && (o["activeNumbers"] != nil || !o.has("nextPageToken") && !o.has("totalSize")) {
		return nil, malformed("the answer is not a list of numbers")
	}
	numbers := make([]*ActiveNumber, 0, len(entries))
	for _, entry := range entries {
		fields, _ := entry.(object)
		phoneNumber := fields.raw("phoneNumber")
		if !phoneNumbers.MatchString(phoneNumber) {
			return nil, malformed("the answer lists something that is not a number in E.164 format")
		}
		number, err := fields.number(projectID, phoneNumber)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

func (o object) has(name string) bool {
	_, found := o[name]
	return found
}
