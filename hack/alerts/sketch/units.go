// SPDX-License-Identifier: Apache-2.0

package sketch

import (
	"math"
	"strconv"
	"time"

	"github.com/activenumber-operator/activenumber-operator/config/grafana"
)

// step is a unit that is so many of the smallest.
type step struct {
	size float64
	name string
}

// scales are the units, each with its multiples from the largest to the smallest.
var scales = map[string][]step{
	"short": {{1e9, "Bil"}, {1e6, "Mil"}, {1e3, "K"}, {1, ""}},
	"s":     {{86400, "days"}, {3600, "hours"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}},
	"bytes": {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}},
	"reqps": {{1, "req/s"}},
	"ops":   {{1, "ops/s"}},
}

// show is a value as its field shows it.
func show(value float64, field grafana.Field) string {
	if field.Unit == "dateTimeAsIso" {
		return time.UnixMilli(int64(value)).UTC().Format("2006-01-02 15:04")
	}
	scale, known := scales[field.Unit]
	if !known {
		scale = scales["short"]
	}
	unit := unitOf(math.Abs(value), scale)
	text := digits(value/unit.size, field.Decimals)
	if unit.name != "" {
		text += " " + unit.name
	}
	return text
}

// unitOf is the largest unit that the value has one of. Nought is counted in the unit of the scale.
func unitOf(value float64, scale []step) step {
	for _, unit := range scale {
		if value >= unit.size || value == 0 && unit.size == 1 {
			return unit
		}
	}
	return scale[len(scale)-1]
}

// digits are as many as are asked for, else three that count.
func digits(value float64, decimals *int) string {
	if decimals != nil {
		return strconv.FormatFloat(value, 'f', *decimals, 64)
	}
	places := 2
	for size := math.Abs(value); places > 0 && size >= 10; size /= 10 {
		places--
	}
	rounding := math.Pow10(places)
	return strconv.FormatFloat(math.Round(value*rounding)/rounding, 'f', -1, 64)
}

// ticks are about four round values from nought to at least the highest value.
func ticks(highest float64, unit string) []float64 {
	if highest <= 0 {
		highest = 1
	}
	width := roundUp(highest/4, unit)
	var all []float64
	for i := 0; ; i++ {
		all = append(all, float64(i)*width)
		if float64(i)*width >= highest {
			return all
		}
	}
}

// roundUp is the next round value: of minutes for a time, of powers of two for bytes.
func roundUp(value float64, unit string) float64 {
	if unit == "s" && value > 10 {
		for _, round := range []float64{15, 30, 60, 120, 300, 600, 1800, 3600} {
			if value <= round {
				return round
			}
		}
	}
	size := 1.0
	if unit == "bytes" {
		size = unitOf(value, scales[unit]).size
	}
	power := math.Pow10(int(math.Floor(math.Log10(value / size))))
	for _, round := range []float64{1, 2, 2.5, 5} {
		if unit == "short" && power <= 1 && round*power != math.Trunc(round*power) {
			continue // there are no halves of a number
		}
		if value <= round*power*size {
			return round * power * size
		}
	}
	return 10 * power * size
}
