// SPDX-License-Identifier: Apache-2.0

package sinch

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ActiveNumber is Sinch's answer, under Sinch's names. What is missing, null, "", [] or {} is the zero value. Everything
// is bounded: ids are cut to LongestID characters and texts to LongestText, all printable; words such as types and statuses
// are capital letters, digits and underscores, else UNKNOWN; lists are sorted, without repeats, 32 entries at most.
type ActiveNumber struct {
	PhoneNumber           string
	ProjectID             string
	DisplayName           string
	RegionCode            string
	Type                  string
	Capability            []string
	Money                 *Money
	PaymentIntervalMonths *int32
	NextChargeDate        time.Time // this and all times: UTC, whole seconds
	ExpireAt              time.Time
	SMSConfiguration      *SMSConfiguration
	VoiceConfiguration    *VoiceConfiguration
	CallbackURL           string
}

// These are how many characters are kept of an id, and of a text: whatever has as many may have been cut.
const (
	LongestID   = 128
	LongestText = 256
)

// Money is a price. Amount is a decimal as Sinch wrote it, with at most 64 characters.
type Money struct{ CurrencyCode, Amount string }

// SMSConfiguration is what carries the number's messages.
type SMSConfiguration struct {
	ServicePlanID         string
	CampaignID            string
	ScheduledProvisioning *ScheduledProvisioning
}

// ScheduledProvisioning is an SMS job under way or failed; one that succeeded is gone.
type ScheduledProvisioning struct {
	ServicePlanID   string
	CampaignID      string
	Status          string
	LastUpdatedTime time.Time
	ErrorCodes      []string
}

// VoiceConfiguration is what takes the number's calls.
type VoiceConfiguration struct {
	Type                       string
	AppID                      string
	TrunkID                    string
	ServiceID                  string
	LastUpdatedTime            time.Time
	ScheduledVoiceProvisioning *ScheduledVoiceProvisioning
}

// ScheduledVoiceProvisioning is a voice job under way or failed; Sinch gives no reason for a failure.
type ScheduledVoiceProvisioning struct {
	Type            string
	AppID           string
	TrunkID         string
	ServiceID       string
	Status          string
	LastUpdatedTime time.Time
}

// number reads the fields, each leniently, but makes sure that it is the number that was asked for.
func (o object) number(projectID, phoneNumber string) (*ActiveNumber, error) {
	if o.raw("phoneNumber") != phoneNumber {
		return nil, malformed("the answer is about another number, or about none")
	}
	if got := o.raw("projectId"); uuids.MatchString(got) && uuids.MatchString(projectID) && !strings.EqualFold(got, projectID) {
		return nil, malformed("the answer is about another project")
	}
	money := o.object("money")
	return &ActiveNumber{
		PhoneNumber:           phoneNumber,
		ProjectID:             o.id("projectId"),
		DisplayName:           o.text("displayName"),
		RegionCode:            o.word("regionCode"),
		Type:                  o.word("type"),
		Capability:            o.words("capability"),
		Money:                 orNil(Money{money.word("currencyCode"), money.decimal("amount")}),
		PaymentIntervalMonths: o.count("paymentIntervalMonths"),
		NextChargeDate:        o.date("nextChargeDate"),
		ExpireAt:              o.date("expireAt"),
		SMSConfiguration:      o.object("smsConfiguration").sms(),
		VoiceConfiguration:    o.object("voiceConfiguration").voice(),
		CallbackURL:           o.text("callbackUrl"),
	}, nil
}

func (o object) sms() *SMSConfiguration {
	job := o.object("scheduledProvisioning")
	return orNil(SMSConfiguration{
		ServicePlanID: o.id("servicePlanId"),
		CampaignID:    o.id("campaignId"),
		ScheduledProvisioning: orNil(ScheduledProvisioning{
			ServicePlanID:   job.id("servicePlanId"),
			CampaignID:      job.id("campaignId"),
			Status:          job.word("status"),
			LastUpdatedTime: job.date("lastUpdatedTime"),
			ErrorCodes:      job.words("errorCodes"),
		}),
	})
}

func (o object) voice() *VoiceConfiguration {
	job := o.object("scheduledVoiceProvisioning")
	return orNil(VoiceConfiguration{
		Type:            o.word("type"),
		AppID:           o.id("appId"),
		TrunkID:         o.id("trunkId"),
		ServiceID:       o.id("serviceId"),
		LastUpdatedTime: o.date("lastUpdatedTime"),
		ScheduledVoiceProvisioning: orNil(ScheduledVoiceProvisioning{
			Type:            job.word("type"),
			AppID:           job.id("appId"),
			TrunkID:         job.id("trunkId"),
			ServiceID:       job.id("serviceId"),
			Status:          job.word("status"),
			LastUpdatedTime: job.date("lastUpdatedTime"),
		}),
	})
}

// orNil is nil for an object of which nothing is set.
func orNil[T any](value T) *T {
	if reflect.ValueOf(value).IsZero() {
		return nil
	}
	return &value
}

// object is a JSON object as it came. Its methods read one field each; one of the wrong type counts as unset, and costs
// only itself.
type object map[string]any

func (o object) object(name string) object {
	inner, _ := o[name].(object)
	return inner
}

// raw is a string as it came: to compare, not to keep.
func (o object) raw(name string) string {
	text, _ := o[name].(string)
	return text
}

// scalar is a string or a number, as text.
func (o object) scalar(name string) string {
	if number, ok := o[name].(json.Number); ok {
		return number.String()
	}
	return o.raw(name)
}

func (o object) id(name string) string   { return printable(o.raw(name), LongestID) }
func (o object) text(name string) string { return printable(o.raw(name), LongestText) }

// printable cuts, and replaces what a terminal might obey. The two joiners stay, since scripts and emoji need them.
func printable(text string, most int) string {
	var kept strings.Builder
	for _, r := range text {
		if most--; most < 0 {
			break
		}
		if !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' {
			r = utf8.RuneError
		}
		kept.WriteRune(r)
	}
	return kept.String()
}

var (
	wordForm = regexp.MustCompile(`^[A-Z0-9_]{1,64}$`)
	decimals = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	uuids    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

func (o object) word(name string) string { return word(o.raw(name)) }

func word(text string) string {
	if text == "" || wordForm.MatchString(text) {
		return text
	}
	return "UNKNOWN"
}

func (o object) words(name string) []string {
	entries, _ := o[name].([]any)
	var found []string
	for _, entry := range entries {
		if text, _ := entry.(string); text != "" {
			found = append(found, word(text))
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), 32)]
}

// decimal is never cut: a shorter price would be another price.
func (o object) decimal(name string) string {
	if text := o.scalar(name); len(text) <= 64 && decimals.MatchString(text) {
		return text
	}
	return ""
}

func (o object) count(name string) *int32 {
	n, err := strconv.ParseUint(o.scalar(name), 10, 31)
	if err != nil {
		return nil
	}
	return new(int32(n))
}

func (o object) date(name string) time.Time {
	text := o.raw(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if at = at.UTC(); err != nil || at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}
	}
	return at.Truncate(time.Second)
}

// An answer about one number has some 60 values, 4 deep. These bounds keep a hostile one from costing much more than its
// size.
const (
	mostValues = 10_000
	mostDepth  = 32
)

// decode reads one JSON object of at most so many values, and is strict where two readers could come to different results.
func decode(body []byte, values int) (object, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, malformed("the answer is not JSON")
	}
	w := &walker{string(body), values}
	value, err := w.value(mostDepth)
	if err != nil {
		return nil, err
	}
	whole, ok := value.(object)
	if !ok {
		return nil, malformed("the answer is not a JSON object")
	}
	return whole, nil
}

// walker reads JSON that is known to be valid, value by value. It costs a fifth of what json.Decoder's tokens do.
type walker struct {
	rest string
	left int
}

func (w *walker) value(depth int) (any, error) {
	if w.left--; w.left < 0 {
		return nil, malformed("the answer has too many values")
	}
	switch first := w.peek(); first {
	case '"':
		return w.text(), nil
	case '{', '[':
		if depth == 0 {
			return nil, malformed("the answer is nested too deeply")
		}
		w.take(1)
		if first == '[' {
			return w.list(depth - 1)
		}
		return w.object(depth - 1)
	}
	switch plain := w.take(strings.IndexAny(w.rest, ", \t\r\n]}")); plain {
	case "true", "false":
		return plain == "true", nil
	case "null":
		return nil, nil
	default:
		if _, err := strconv.ParseFloat(plain, 64); err != nil {
			return nil, malformed("the answer has a number that is too large")
		}
		return json.Number(plain), nil
	}
}

// peek is the first byte of the next value, or what follows the last one.
func (w *walker) peek() byte {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n,:")
	return w.rest[0]
}

// take cuts off so many bytes, all if there are fewer.
func (w *walker) take(n int) string {
	if n < 0 {
		n = len(w.rest)
	}
	taken := w.rest[:n]
	w.rest = w.rest[n:]
	return taken
}

func (w *walker) text() string {
	end := 1
	for w.rest[end] != '"' {
		if w.rest[end] == '\\' {
			end++
		}
		end++
	}
	quoted := w.take(end + 1)
	if !strings.Contains(quoted, `\`) {
		return quoted[1:end]
	}
	var text string
	_ = json.Unmarshal([]byte(quoted), &text) // it is valid
	return text
}

func (w *walker) list(depth int) (any, error) {
	list := []any{}
	for w.peek() != ']' {
		entry, err := w.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, entry)
	}
	w.take(1)
	return list, nil
}

func (w *walker) object(depth int) (any, error) {
	fields := object{}
	for w.peek() != '}' {
		name := w.text()
		if _, twice := fields[name]; twice {
			return nil, malformed("the answer gives a field twice")
		}
		value, err := w.value(depth)
		if err != nil {
			return nil, err
		}
		fields[name] = value
	}
	w.take(1)
	return fields, nil
}
