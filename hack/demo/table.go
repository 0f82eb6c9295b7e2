// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// table is what kubectl prints of the numbers.
type table struct {
	cluster *cluster
	began   time.Time
	printed string // last, without the ages
}

// watch prints the table whenever it changes, until the context ends; or until the samples are as they should be.
func (t *table) watch(ctx context.Context, operator *operator, untilRight bool) error {
	for {
		if err := t.print(ctx); err != nil {
			return err
		}
		if err := t.cluster.correct(ctx); err != nil {
			return err
		}
		wrong, err := t.cluster.wrong(ctx)
		if err != nil || untilRight && len(wrong) == 0 {
			return err
		}
		select {
		case <-t.cluster.changed:
		case <-operator.ended:
			return errors.New("the operator ended by itself")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *table) print(ctx context.Context) error {
	text, err := t.cluster.kubectl(ctx, "get", "activenumbers", "-A")
	if err != nil || ageless(text) == t.printed {
		return err
	}
	t.printed = ageless(text)
	fmt.Printf("\nafter %.0f s: kubectl get activenumbers -A\n%s", time.Since(t.began).Seconds(), text)
	return nil
}

// ageless cuts off the last column, AGE, which changes by itself.
func ageless(text string) string {
	lines := strings.Split(text, "\n")
	width := strings.LastIndex(lines[0], "AGE")
	for i, line := range lines {
		if width >= 0 && len(line) > width {
			lines[i] = line[:width]
		}
	}
	return strings.Join(lines, "\n")
}
