// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// Sinch says how long to wait when it is asked too often. It is waited for this often for a page, and this long at most.
const (
	mostWaits   = 3
	longestWait = time.Minute
	usualWait   = 5 * time.Second // where Sinch does not say
)

// questions are the types that Sinch is asked for. Older documents of Sinch have it answer about MOBILE when no type is
// given, and a type that is new is in no list; together they miss nothing.
var questions = []string{"MOBILE", "LOCAL", "TOLL_FREE", ""}

// numbers are all that the project has, each once, sorted.
func (a *access) numbers(ctx context.Context) ([]*v1alpha1.Observed, error) {
	session, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	progress := newProgress(a.streams.ErrOut, "asking Sinch for the numbers of project "+a.project)
	defer progress.end()
	found := map[string]*v1alpha1.Observed{}
	for _, numberType := range questions {
		for listing := session.ActiveNumbers(a.project, numberType); !listing.Done(); {
			page, err := turn(ctx, listing, progress)
			if err != nil {
				return nil, a.explain(err)
			}
			for _, number := range page {
				found[number.PhoneNumber] = mirror.Observed(number)
			}
			progress.say("asking Sinch for the numbers of project %s: %d so far", a.project, len(found))
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *v1alpha1.Observed) int {
		return strings.Compare(a.PhoneNumber, b.PhoneNumber)
	}), nil
}

// turn gets the next page, and waits for it if Sinch says so.
func turn(ctx context.Context, listing *sinch.Listing, progress *progress) ([]*sinch.ActiveNumber, error) {
	for waits := 0; ; waits++ {
		page, err := listing.Next(ctx)
		kind, after := sinch.KindOf(err)
		after = cmp.Or(after, usualWait)
		if kind != sinch.Limited || waits == mostWaits || after > longestWait {
			return page, err
		}
		progress.say("Sinch asks for fewer requests: waiting %s", after)
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// explain says what to do about an answer that is no list.
func (a *access) explain(err error) error {
	key := "the access key in " + idVariable + " and " + keyVariable
	if a.secret != "" {
		key = fmt.Sprintf("the access key in Secret %q", a.secret)
	}
	switch kind, after := sinch.KindOf(err); kind {
	case sinch.KeyRefused:
		return fmt.Errorf("%s is refused by Sinch: check it against the access keys in the Sinch dashboard (Settings, Access keys)", key)
	case sinch.Unauthorized:
		return fmt.Errorf("%s is refused by Sinch for project %s: check it against the access keys of that project in the Sinch dashboard (Settings, Access keys)", key, a.project)
	case sinch.Denied:
		return fmt.Errorf("%s may not see project %s: check in the Sinch dashboard that it belongs to that project, and that the account is not a trial", key, a.project)
	case sinch.NotFound:
		return fmt.Errorf("project %s is not known to Sinch: check --project in the Sinch dashboard (Settings, Projects)", a.project)
	case sinch.Rejected:
		return fmt.Errorf("the list of numbers of project %s is refused by Sinch (%w): check --project in the Sinch dashboard (Settings, Projects)", a.project, err)
	case sinch.Limited:
		return fmt.Errorf("too many requests: Sinch asks to wait, so try again in %s", cmp.Or(after, longestWait))
	case sinch.Malformed:
		return fmt.Errorf("the answer is not one that Sinch gives (%w): check the network, --sinch-api-url, and for a proxy in between, then try again", err)
	case sinch.Unavailable:
		return fmt.Errorf("no answer from Sinch that can be used (%w): check the network, HTTPS_PROXY and https://status.sinch.com, then try again", err)
	}
	return err
}
