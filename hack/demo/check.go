// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// wrong says of each sample that is not as it should be what differs.
func (c *cluster) wrong(ctx context.Context) ([]string, error) {
	numbers, err := c.numbers(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		sample := samples[name]
		wanted, correction := sample.wanted, sample.correction
		if correction != nil && c.corrected[name] {
			wanted = correction.wanted
		}
		if differs := difference(wanted, numbers[name]); differs != "" {
			wrong = append(wrong, name+": "+differs)
		} else if correction != nil && !c.corrected[name] {
			wrong = append(wrong, name+": not corrected yet")
		}
	}
	return wrong, nil
}

// difference says what the conditions of a number lack and what they have too much, "" if nothing.
func difference(wanted string, number v1alpha1.ActiveNumber) string {
	want, got := strings.Fields(wanted), conditions(number)
	missing, surplus := without(want, got), without(got, want)
	if len(missing)+len(surplus) == 0 {
		return ""
	}
	return fmt.Sprintf("wanted %s, got %s", missing, surplus)
}

// correct makes the corrections whose time has come.
func (c *cluster) correct(ctx context.Context) error {
	numbers, err := c.numbers(ctx)
	if err != nil {
		return err
	}
	for name, sample := range samples {
		if sample.correction == nil || c.corrected[name] || difference(sample.wanted, numbers[name]) != "" {
			continue
		}
		say("correcting what is declared of %s: %s", name, sample.correction.patch)
		namespace, object, _ := strings.Cut(name, "/")
		if _, err := c.kubectl(ctx, "patch", "activenumber", object, "-n", namespace, "--type=merge", "-p", sample.correction.patch); err != nil {
			return err
		}
		c.corrected[name] = true
	}
	return nil
}

// conditions are such as Ready=False/NotFound.
func conditions(number v1alpha1.ActiveNumber) []string {
	var all []string
	for _, is := range number.Status.Conditions {
		all = append(all, fmt.Sprintf("%s=%s/%s", is.Type, is.Status, is.Reason))
	}
	return all
}

// without returns the words that are not among the others.
func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(others, word) })
}
