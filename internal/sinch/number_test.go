// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/activenumber-operator/activenumber-operator/internal/sinch/sinchtest"
)

func date(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestRecordedAnswers(t *testing.T) {
	plain := ActiveNumber{
		PhoneNumber: phone, ProjectID: project, RegionCode: "US", Type: "LOCAL", Capability: []string{"SMS", "VOICE"},
		Money: &Money{"EUR", "0.80"}, PaymentIntervalMonths: new(int32(1)),
	}
	callback := "https://my-callback-server.com/numbers"
	provisioned, waiting, moving, failed := plain, plain, plain, plain

	provisioned.Money = &Money{"EUR", "1.00"}
	provisioned.NextChargeDate = date("2023-12-21T17:47:51Z")
	provisioned.SMSConfiguration = &SMSConfiguration{ServicePlanID: "servicePlanIdFromDashboard"}
	provisioned.VoiceConfiguration = &VoiceConfiguration{Type: "RTC"}

	waiting.NextChargeDate = date("2024-06-06T14:42:42Z")
	waiting.SMSConfiguration = &SMSConfiguration{ScheduledProvisioning: &ScheduledProvisioning{
		ServicePlanID: "SpaceMonkeySquadron", Status: "WAITING", LastUpdatedTime: date("2024-06-06T14:42:42Z"),
	}}
	waiting.VoiceConfiguration = &VoiceConfiguration{Type: "RTC", ScheduledVoiceProvisioning: &ScheduledVoiceProvisioning{
		Type: "RTC", AppID: "sunshine-rain-drop-very-beautifulday", Status: "WAITING", LastUpdatedTime: date("2024-06-06T14:42:42Z"),
	}}

	moving.DisplayName, moving.CallbackURL = "Updated description during E2E tests", callback
	moving.NextChargeDate = date("2024-07-06T20:02:20Z")
	moving.SMSConfiguration = &SMSConfiguration{ServicePlanID: "SpaceMonkeySquadron", ScheduledProvisioning: &ScheduledProvisioning{
		ServicePlanID: "SingingMooseSociety", Status: "WAITING", LastUpdatedTime: date("2024-06-06T20:02:20Z"),
	}}
	moving.VoiceConfiguration = &VoiceConfiguration{
		Type: "RTC", AppID: "sunshine-rain-drop-very-beautifulday",
		ScheduledVoiceProvisioning: &ScheduledVoiceProvisioning{
			Type: "FAX", ServiceID: "01W4FFL35P4NC4K35FAXSERVICE", Status: "WAITING", LastUpdatedTime: date("2024-06-06T20:02:20Z"),
		},
	}

	failed.DisplayName, failed.CallbackURL = "Active number #1", callback
	failed.NextChargeDate = date("2024-07-06T14:42:42Z")
	failed.SMSConfiguration = &SMSConfiguration{ScheduledProvisioning: &ScheduledProvisioning{
		ServicePlanID: "SpaceMonkeySquadron",
		Status:        "FAILED", LastUpdatedTime: date("2024-06-06T20:20:02Z"), ErrorCodes: []string{"SMS_PROVISIONING_FAILED"},
	}}
	failed.VoiceConfiguration = &VoiceConfiguration{Type: "EST", TrunkID: "01W4FFL35P4NC4K35SIPTRUNK00"}

	server := startSinch(t)
	session := newClient(t, server).OAuth2(testKey)
	for name, want := range map[string]ActiveNumber{
		"provisioned-sms-voice-unset": provisioned, "waiting-both": waiting,
		"moving-sms-rtc-to-fax": moving, "failed-sms-voice-est": failed,
	} {
		server.Script(project, phone, sinchtest.Recorded(name))
		got, err := session.ActiveNumber(t.Context(), project, phone)
		if err != nil || !reflect.DeepEqual(got, &want) {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, show(got), show(&want))
		}
	}
}

func show(value any) string {
	text, err := json.Marshal(value)
	return fmt.Sprintf("%s %v", text, err)
}

// read decodes as a look does.
func read(body string) (*ActiveNumber, error) {
	whole, err := decode([]byte(body), mostValues)
	if err != nil {
		return nil, err
	}
	return whole.number(project, phone)
}

func TestU14ABodyThatTwoReadersCouldReadInTwoWaysIsRefused(t *testing.T) {
	start := `{"phoneNumber":"` + phone + `"`
	for name, bad := range map[string]struct{ body, cause string }{
		"U14 truncated":                    {start, "the answer is not JSON"},
		"U14 trailing garbage":             {start + "} x", "the answer is not JSON"},
		"U14 two objects":                  {start + "}" + start + "}", "the answer is not JSON"},
		"U14 NUL":                          {start + "}\x00", "the answer is not JSON"},
		"U14 a raw NUL in a text":          {start + ",\"displayName\":\"\x00\"}", "the answer is not JSON"},
		"U14 invalid UTF-8":                {start + ",\"displayName\":\"\xff\"}", "the answer is not JSON"},
		"U14 a byte order mark":            {"\ufeff" + start + "}", "the answer is not JSON"},
		"U14 1e5 lists in one another":     {start + `,"new":` + strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5) + "}", "the answer is not JSON"},
		"U14 33 levels":                    {start + `,"new":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "}", "the answer is nested too deeply"},
		"U14 a megabyte of lists":          {start + `,"new":[` + strings.Repeat("[],", 3e5) + "[]]}", "the answer has too many values"},
		"U14 a field twice":                {start + `,"type":"LOCAL","type":"MOBILE"}`, "the answer gives a field twice"},
		"U14 an inner field twice":         {start + `,"new":[{"a":1,"\u0061":2}]}`, "the answer gives a field twice"},
		"U14 1e400":                        {start + `,"new":1e400}`, "the answer has a number that is too large"},
		"U14 NaN":                          {start + `,"new":NaN}`, "the answer is not JSON"},
		"U17 a name in other letters only": {`{"PhoneNumber":"` + phone + `"}`, "the answer is about another number, or about none"},
		"U17 a number without its plus":    {`{"phoneNumber":"` + phone[1:] + `"}`, "the answer is about another number, or about none"},
		"U17 a number as a number":         {`{"phoneNumber":` + phone[1:] + `}`, "the answer is about another number, or about none"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(bad.body)
			wantError(t, err, Malformed, bad.cause)
		})
	}
	if _, err := read(start + `,"new":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + "}"); err != nil {
		t.Errorf("32 levels: %v", err)
	}
}

func TestU16AFieldCostsAtMostItself(t *testing.T) {
	long := strings.Repeat("ä", 1<<12)
	for name, field := range map[string]struct {
		json string
		want ActiveNumber
	}{
		"U16 a new field":                   {`"new":{"a":[1,"b",null,true]}`, ActiveNumber{}},
		"U16 an unknown type is kept":       {`"type":"SATELLITE_2"`, ActiveNumber{Type: "SATELLITE_2"}},
		"U16 a type that is no word":        {`"type":"local number"`, ActiveNumber{Type: "UNKNOWN"}},
		"U16 a type of 65 letters":          {`"type":"` + strings.Repeat("A", 65) + `"`, ActiveNumber{Type: "UNKNOWN"}},
		"U16 a type with a line feed":       {`"type":"LOCAL\n"`, ActiveNumber{Type: "UNKNOWN"}},
		"U16 a type as a number":            {`"type":7`, ActiveNumber{}},
		"U16 capability null":               {`"capability":null`, ActiveNumber{}},
		"U16 capability empty":              {`"capability":[]`, ActiveNumber{}},
		"U16 capability as a text":          {`"capability":"SMS"`, ActiveNumber{}},
		"U16 capability in any order":       {`"capability":["VOICE","SMS","VOICE",7,null,"","fax!"]`, ActiveNumber{Capability: []string{"SMS", "UNKNOWN", "VOICE"}}},
		"U16 money as a number":             {`"money":0.8`, ActiveNumber{}},
		"U16 money null":                    {`"money":null`, ActiveNumber{}},
		"U16 money empty":                   {`"money":{}`, ActiveNumber{}},
		"U16 an amount as a number":         {`"money":{"amount":0.80}`, ActiveNumber{Money: &Money{Amount: "0.80"}}},
		"U16 an amount as a word":           {`"money":{"currencyCode":"USD","amount":"two"}`, ActiveNumber{Money: &Money{CurrencyCode: "USD"}}},
		"U16 an amount with an exponent":    {`"money":{"currencyCode":"USD","amount":2e0}`, ActiveNumber{Money: &Money{CurrencyCode: "USD"}}},
		"U16 an amount of 65 digits":        {`"money":{"amount":"` + strings.Repeat("1", 65) + `"}`, ActiveNumber{}},
		"U16 months as a text":              {`"paymentIntervalMonths":"12"`, ActiveNumber{PaymentIntervalMonths: new(int32(12))}},
		"U16 no months":                     {`"paymentIntervalMonths":0`, ActiveNumber{PaymentIntervalMonths: new(int32(0))}},
		"U16 months below zero":             {`"paymentIntervalMonths":-1`, ActiveNumber{}},
		"U16 months beyond an int32":        {`"paymentIntervalMonths":2147483648`, ActiveNumber{}},
		"U16 a date with nanoseconds":       {`"expireAt":"2026-12-21T23:59:59.999999999+01:00"`, ActiveNumber{ExpireAt: date("2026-12-21T22:59:59Z")}},
		"U16 a date without a zone":         {`"expireAt":"2026-12-21T23:59:59"`, ActiveNumber{}},
		"U16 a date that is none":           {`"expireAt":"soon"`, ActiveNumber{}},
		"U16 a date as a number":            {`"expireAt":1766358000`, ActiveNumber{}},
		"U16 a date in the year 10000 UTC":  {`"expireAt":"9999-12-31T23:59:59-01:00"`, ActiveNumber{}},
		"U16 a date in the year 0 UTC":      {`"expireAt":"0001-01-01T00:00:00+01:00"`, ActiveNumber{}},
		"U16 a name of a megabyte":          {`"displayName":"` + long + `"`, ActiveNumber{DisplayName: long[:512]}},
		"U16 a name that paints":            {`"displayName":"\u001b[31mred\u0000\u202e\ud800"`, ActiveNumber{DisplayName: "\ufffd[31mred\ufffd\ufffd\ufffd"}},
		"U16 a name with a family":          {`"displayName":"👨‍👩‍👧 Café"`, ActiveNumber{DisplayName: "👨‍👩‍👧 Café"}},
		"U16 an SMS configuration of nulls": {`"smsConfiguration":{"servicePlanId":null,"campaignId":"","scheduledProvisioning":{}}`, ActiveNumber{}},
		"U16 an id of a kilobyte":           {`"smsConfiguration":{"servicePlanId":"` + long + `"}`, ActiveNumber{SMSConfiguration: &SMSConfiguration{ServicePlanID: long[:256]}}},
		"U16 a voice configuration as text": {`"voiceConfiguration":"RTC"`, ActiveNumber{}},
		"U16 an unknown voice type": {
			`"voiceConfiguration":{"type":"WEBRTC_2","scheduledVoiceProvisioning":[]}`,
			ActiveNumber{VoiceConfiguration: &VoiceConfiguration{Type: "WEBRTC_2"}},
		},
		"a project that is no UUID": {`"projectId":"projectIdFromDashboard"`, ActiveNumber{ProjectID: "projectIdFromDashboard"}},
		"the project in capitals":   {`"projectId":"` + strings.ToUpper(project) + `"`, ActiveNumber{ProjectID: strings.ToUpper(project)}},
	} {
		t.Run(name, func(t *testing.T) {
			want := field.want
			want.PhoneNumber, want.CallbackURL = phone, "https://example.com/kept"
			got, err := read(`{"phoneNumber":"` + phone + `",` + field.json + `,"callbackUrl":"https://example.com/kept"}`)
			if err != nil || !reflect.DeepEqual(got, &want) {
				t.Errorf("%v\n got %s\nwant %s", err, show(got), show(&want))
			}
		})
	}
}

func TestU17OnlyTwoUUIDsCanDiffer(t *testing.T) {
	whole, err := decode([]byte(`{"phoneNumber":"`+phone+`","projectId":"`+project+`"}`), mostValues)
	if err != nil {
		t.Fatal(err)
	}
	if number, err := whole.number("my-project", phone); err != nil || number.ProjectID != project {
		t.Errorf("a UUID for a project asked for by another name: %s, %v", show(number), err)
	}
}

func TestAListHasAtMost32Entries(t *testing.T) {
	var codes []string
	for i := range 100 {
		codes = append(codes, fmt.Sprintf("%q", fmt.Sprintf("CODE_%02d", 99-i)))
	}
	number, err := read(`{"phoneNumber":"` + phone + `","capability":[` + strings.Join(codes, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := number.Capability; len(got) != 32 || got[0] != "CODE_00" || got[31] != "CODE_31" {
		t.Errorf("got %q", got)
	}
}

func recordings(tb testing.TB) map[string][]byte {
	tb.Helper()
	files, err := filepath.Glob("sinchtest/testdata/*.json")
	if err != nil || len(files) == 0 {
		tb.Fatalf("%d files: %v", len(files), err)
	}
	bodies := map[string][]byte{}
	for _, file := range files {
		if bodies[file], err = os.ReadFile(file); err != nil {
			tb.Fatal(err)
		}
	}
	return bodies
}

// FuzzDecode holds that whatever is accepted is bounded, can be printed, and says the same when it is read again.
func FuzzDecode(f *testing.F) {
	for _, body := range recordings(f) {
		f.Add(body)
	}
	f.Add([]byte(`{"phoneNumber":"+1","displayName":"\u001b\ud800","capability":["b","A"],"money":{"amount":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		whole, err := decode(body, mostValues)
		if err != nil {
			if kind, _ := KindOf(err); kind != Malformed || whole != nil {
				t.Fatalf("%v, %v", whole, err)
			}
			return
		}
		if plain := generic(t, body); !reflect.DeepEqual(plainly(whole), plain) {
			t.Fatalf("read as %v, encoding/json reads %v", whole, plain)
		}
		asked := whole.raw("phoneNumber")
		number, err := whole.number("a-project", asked)
		if err != nil {
			t.Fatal(err)
		}
		number.PhoneNumber = "" // the one field that is as asked for
		checkBounds(t, reflect.ValueOf(*number))
		number.PhoneNumber = asked
		again, err := decode(render(t, number), mostValues)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := again.number("a-project", asked); err != nil || !reflect.DeepEqual(same, number) {
			t.Errorf("%v\nonce  %s\ntwice %s", err, show(number), show(same))
		}
	})
}

// generic is the body as encoding/json reads it.
func generic(t *testing.T, body []byte) (value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// plainly is a value with encoding/json's type for objects.
func plainly(value any) any {
	switch value := value.(type) {
	case object:
		fields := map[string]any{}
		for name, inner := range value {
			fields[name] = plainly(inner)
		}
		return fields
	case []any:
		list := []any{}
		for _, inner := range value {
			list = append(list, plainly(inner))
		}
		return list
	}
	return value
}

func checkBounds(t *testing.T, value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		text := value.String()
		spoils := func(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }
		if utf8.RuneCountInString(text) > 256 || !utf8.ValidString(text) || strings.ContainsFunc(text, spoils) {
			t.Errorf("%q", text)
		}
	case reflect.Slice:
		if words := value.Interface().([]string); len(words) > 32 || !slices.IsSorted(words) {
			t.Errorf("%q", words)
		}
	case reflect.Pointer:
		if !value.IsNil() && value.Elem().Kind() == reflect.Struct && value.Elem().IsZero() {
			t.Errorf("nothing is set in %v", value.Type())
		}
		checkBounds(t, value.Elem())
	case reflect.Struct:
		if at, ok := reflect.TypeAssert[time.Time](value); ok {
			if at.Location() != time.UTC || at.Nanosecond() != 0 || at.Year() < 1 || at.Year() > 9999 {
				t.Errorf("%v", at)
			}
			return
		}
		for _, field := range value.Fields() {
			checkBounds(t, field)
		}
	}
}

// render writes a number as Sinch would.
func render(t *testing.T, number *ActiveNumber) []byte {
	t.Helper()
	var fields func(reflect.Value) any
	fields = func(value reflect.Value) any {
		if value.Kind() == reflect.Pointer {
			if value = value.Elem(); !value.IsValid() {
				return nil
			}
		}
		if _, isTime := reflect.TypeAssert[time.Time](value); isTime || value.Kind() != reflect.Struct {
			return value.Interface()
		}
		object := map[string]any{}
		for field, inner := range value.Fields() {
			object[sinchName(field.Name)] = fields(inner)
		}
		return object
	}
	text, err := json.Marshal(fields(reflect.ValueOf(number)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var initials = strings.NewReplacer("SMS", "sms", "ID", "Id", "URL", "Url")

func sinchName(name string) string {
	name = initials.Replace(name)
	return strings.ToLower(name[:1]) + name[1:]
}

func BenchmarkDecode(b *testing.B) {
	for name, body := range recordings(b) {
		b.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				whole, err := decode(body, mostValues)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = whole.number("a-project", whole.raw("phoneNumber"))
			}
		})
	}
	b.Run("a megabyte of lists", func(b *testing.B) {
		body := []byte("[" + strings.Repeat("[],", bodyLimit/3-1) + "[]]")
		b.ReportAllocs()
		for b.Loop() {
			_, _ = decode(body, mostValues)
		}
	})
}
