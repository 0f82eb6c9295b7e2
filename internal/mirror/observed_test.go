// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// TestNothingIsLost gives every field of Sinch's answer another value, and finds each in the field of the same name.
func TestNothingIsLost(t *testing.T) {
	number := &sinch.ActiveNumber{}
	count := 0
	fill(reflect.ValueOf(number).Elem(), &count)
	said, seen := leaves("", reflect.ValueOf(*number)), leaves("", reflect.ValueOf(*Observed(number)))
	if len(said) != count || count < 25 {
		t.Fatalf("%d fields were filled and %d found: the test is wrong", count, len(said))
	}
	if !slices.Equal(said, seen) {
		t.Errorf("Sinch says\n%q\nthe mirror shows\n%q", said, seen)
	}
}

func TestUnsetStaysUnset(t *testing.T) {
	if got := leaves("", reflect.ValueOf(*Observed(&sinch.ActiveNumber{}))); len(got) > 0 {
		t.Errorf("of a number without any field the mirror shows %q", got)
	}
}

func TestNothingIsShared(t *testing.T) {
	number := &sinch.ActiveNumber{Capability: []string{"SMS"}, PaymentIntervalMonths: new(int32(1))}
	observed := Observed(number)
	number.Capability[0], *number.PaymentIntervalMonths = "VOICE", 2
	if observed.Capability[0] != "SMS" || *observed.PaymentIntervalMonths != 1 {
		t.Error("the mirror changes with the answer that it was made from")
	}
}

// fill gives each leaf below v a value of its own.
func fill(v reflect.Value, count *int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		*count++
		v.Set(reflect.ValueOf(noon.Add(time.Duration(*count) * time.Hour)))
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, count)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), count)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), count)
	case v.Kind() == reflect.String:
		*count++
		v.SetString(fmt.Sprint("text ", *count))
	case v.Kind() == reflect.Int32:
		*count++
		v.SetInt(int64(*count))
	default:
		panic("a kind of field that is new here: " + v.Type().String())
	}
}

// leaves lists path and value of all that is set below v, sorted.
func leaves(path string, v reflect.Value) []string {
	var found []string
	switch {
	case v.Type() == reflect.TypeFor[metav1.Time]():
		return leaves(path, v.FieldByName("Time"))
	case v.IsZero():
		return nil
	case v.Type() == reflect.TypeFor[time.Time]():
		return []string{fmt.Sprint(path, " ", v.Interface())}
	case v.Kind() == reflect.Struct:
		for field, value := range v.Fields() {
			found = append(found, leaves(path+"."+field.Name, value)...)
		}
	case v.Kind() == reflect.Pointer:
		return leaves(path, v.Elem())
	default:
		return []string{fmt.Sprint(path, " ", v.Interface())}
	}
	slices.Sort(found)
	return found
}
