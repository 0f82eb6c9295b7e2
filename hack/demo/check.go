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
		wanted, got := strings.Fields(samples[name].wanted), conditions(numbers[name])
		missing, surplus := without(wanted, got), without(got, wanted)
		if len(missing)+len(surplus) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: wanted %s, got %s", name, missing, surplus))
		}
	}
	return wrong, nil
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
