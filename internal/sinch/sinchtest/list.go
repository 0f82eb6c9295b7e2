// SPDX-License-Identifier: Apache-2.0

package sinchtest

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// defaultPageSize is a guess: Sinch publishes neither the default nor the maximum.
const defaultPageSize = 100

type listed struct {
	number string
	body   json.RawMessage
}

func (s *Server) serveList(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer, refused := s.admit(r)
	if !refused {
		answer = s.changed(page(s.list(r.PathValue("project"), r.URL.Query()), r.URL.Query()))
	}
	s.mu.Unlock()
	s.respond(w, r, ListCall, answer)
}

// changed is what a script makes of a page; its caller holds the lock.
func (s *Server) changed(usual Answer) Answer {
	s.lists++
	change := s.changes[s.lists]
	if change == nil {
		return usual
	}
	return change(usual)
}

// list returns the numbers that a GET would find now, sorted; its caller holds the lock.
func (s *Server) list(project string, filters url.Values) []listed {
	var found []listed
	for is, script := range maps.All(s.scripts) {
		current := script.answers[0]
		if is.project != project || current.status != http.StatusOK {
			continue
		}
		if body := current.body(is); matches(body, filters) {
			found = append(found, listed{is.number, body})
		}
	}
	slices.SortFunc(found, func(a, b listed) int { return cmp.Compare(a.number, b.number) })
	return found
}

// matches reports whether the body is a number that the filters let pass.
func matches(body []byte, filters url.Values) bool {
	var is struct {
		Type, RegionCode string
		Capability       []string
	}
	if json.Unmarshal(body, &is) != nil {
		return false
	}
	for _, capability := range filters["capability"] {
		if !slices.Contains(is.Capability, capability) {
			return false
		}
	}
	return (!filters.Has("type") || is.Type == filters.Get("type")) &&
		(!filters.Has("regionCode") || is.RegionCode == filters.Get("regionCode"))
}

// page cuts out what was asked for. A page token is the place of the page's first number.
func page(found []listed, query url.Values) Answer {
	size, sizeErr := strconv.Atoi(cmp.Or(query.Get("pageSize"), strconv.Itoa(defaultPageSize)))
	first, tokenErr := strconv.Atoi(cmp.Or(query.Get("pageToken"), "0"))
	if sizeErr != nil || tokenErr != nil || size < 1 || first < 0 || first > len(found) {
		return Refusal(http.StatusBadRequest, "INVALID_ARGUMENT")
	}
	last, next := min(first+size, len(found)), ""
	if last < len(found) {
		next = strconv.Itoa(last)
	}
	bodies := make([]json.RawMessage, 0, last-first)
	for _, each := range found[first:last] {
		bodies = append(bodies, each.body)
	}
	return Raw(http.StatusOK, string(encode(map[string]any{"activeNumbers": bodies, "nextPageToken": next, "totalSize": len(found)})))
}
