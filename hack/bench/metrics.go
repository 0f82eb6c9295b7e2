// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// sample is what a process says of itself at one moment, by the names of its metrics.
type sample map[string][]series

// series is one value: of a histogram, its sum.
type series struct {
	labels map[string]string
	value  float64
}

func scrape(ctx context.Context, with *http.Client, url string) (sample, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := with.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	taken := sample{}
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			one := series{labels: map[string]string{}}
			for _, pair := range metric.GetLabel() {
				one.labels[pair.GetName()] = pair.GetValue()
			}
			// All but one of these are absent, and so 0.
			one.value = metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + metric.GetHistogram().GetSampleSum()
			taken[name] = append(taken[name], one)
		}
	}
	return taken, nil
}

// sum adds up the series that have all these labels, such as verb=PATCH. It is NaN if there is no such metric at all.
func (s sample) sum(name string, labels ...string) float64 {
	all, known := s[name]
	if !known {
		return math.NaN()
	}
	total := 0.0
	for _, one := range all {
		if one.has(labels) {
			total += one.value
		}
	}
	return total
}

func (s series) has(labels []string) bool {
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		if s.labels[name] != value {
			return false
		}
	}
	return true
}
