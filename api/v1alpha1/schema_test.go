// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/kubetest"
)

// One control plane serves all tests of the schema; each uses objects of its own.
var (
	plane *kubetest.ControlPlane
	admin client.Client
)

func TestMain(m *testing.M) {
	code, err := runWithControlPlane(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithControlPlane(m *testing.M) (code int, err error) {
	plane, err = kubetest.Run()
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := plane.Stop(); err == nil {
			err = stopErr
		}
	}()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return 1, err
	}
	admin, err = client.New(plane.Admin, client.Options{Scheme: scheme})
	if err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// number returns what a user would write: the fields that are required, and these lines of YAML below spec.
func number(t *testing.T, name, spec string) *unstructured.Unstructured {
	t.Helper()
	fields := map[string]any{"projectId": "51bc3f40-f266-4ca8-8938-a1ed0ff32b9a", "phoneNumber": "+12025550134"}
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": fields}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ActiveNumber"))
	object.SetNamespace("default")
	object.SetName(name)
	return object
}

func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func field(t *testing.T, object *unstructured.Unstructured, path string) any {
	t.Helper()
	value, _, err := unstructured.NestedFieldNoCopy(object.Object, strings.Split(path, ".")...)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTheSchemaAccepts(t *testing.T) {
	tests := map[string]string{
		"only what is required":                      ``,
		"the shortest phone number":                  `phoneNumber: "+1234567"`,
		"the longest phone number":                   `phoneNumber: "+123456789012345"`,
		"a short project id":                         `projectId: p`,
		"a project id of 64 characters":              `projectId: ` + strings.Repeat("a", 64),
		"Basic authentication and a Secret's name":   `auth: {method: Basic, secretRef: {name: team-a.sinch}}`,
		"authentication with a Secret's name only":   `auth: {secretRef: {name: team-a}}`,
		"the shortest interval":                      `interval: 30s`,
		"the longest interval":                       `interval: 24h`,
		"an interval in two units":                   `interval: 1h30m`,
		"an interval with a fraction":                `interval: 1.5h`,
		"a suspended number":                         `suspend: true`,
		"an expectation of nothing":                  `expected: {}`,
		"every documented type":                      `expected: {type: TOLL_FREE}`,
		"one capability":                             `expected: {capability: [VOICE]}`,
		"both capabilities":                          `expected: {capability: [SMS, VOICE]}`,
		"a price":                                    `expected: {money: {currencyCode: USD, amount: "2.00"}}`,
		"a currency without amount":                  `expected: {money: {currencyCode: EUR}}`,
		"an amount without fraction":                 `expected: {money: {amount: "2"}}`,
		"a payment interval":                         `expected: {paymentIntervalMonths: 12}`,
		"a payment interval of none":                 `expected: {paymentIntervalMonths: 0}`,
		"a display name of 256 characters":           `expected: {displayName: ` + strings.Repeat("x", 256) + `}`,
		"a display name with any characters":         `expected: {displayName: "Zoë's Büro ☎"}`,
		"everything that must be unset":              `expected: {displayName: "", callbackUrl: "", smsConfiguration: {servicePlanId: "", campaignId: ""}}`,
		"a voice app":                                `expected: {voiceConfiguration: {type: RTC, appId: app-1}}`,
		"a voice app, whatever the type":             `expected: {voiceConfiguration: {appId: app-1}}`,
		"a SIP trunk":                                `expected: {voiceConfiguration: {type: EST, trunkId: trunk-1}}`,
		"a fax service":                              `expected: {voiceConfiguration: {type: FAX, serviceId: fax-1}}`,
		"a fax service, and that the others are not": `expected: {voiceConfiguration: {type: FAX, serviceId: fax-1, appId: "", trunkId: ""}}`,
		"a callback over https":                      `expected: {callbackUrl: "https://example.com/numbers?a=b"}`,
		"a callback over http":                       `expected: {callbackUrl: "http://example.com"}`,
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			if err := admin.Create(t.Context(), number(t, "accepted", spec), client.DryRunAll, client.FieldValidation("Strict")); err != nil {
				t.Errorf("%s\nwas refused: %v", spec, err)
			}
		})
	}
}

const (
	phoneNumberSentence = `phoneNumber must be in E.164 format: a plus sign and 7 to 15 digits without spaces, in quotes, such as "+12025550134"`
	projectIDSentence   = `projectId must be the id of a Sinch project: 1 to 64 letters, digits and hyphens, such as 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a`
	secretSentence      = `name must be the name of a Secret in the same namespace: lower-case letters, digits, hyphens and dots`
	intervalSentence    = `interval must be a duration from 30s to 24h, such as 10m or 1h30m`
	amountSentence      = `amount must be a decimal in quotes, such as "2.00"`
	currencySentence    = `currencyCode must be three capital letters (ISO 4217), such as USD`
	regionSentence      = `regionCode must be two capital letters (ISO 3166-1 alpha-2), such as US`
	callbackSentence    = `callbackUrl must be an http or https URL, or empty if none may be set`
)

func TestTheSchemaRefuses(t *testing.T) {
	tests := map[string]struct{ spec, sentence string }{
		"no phone number":               {`phoneNumber:`, `spec.phoneNumber: Required value`},
		"an empty phone number":         {`phoneNumber: ""`, phoneNumberSentence},
		"a phone number without plus":   {`phoneNumber: "12025550134"`, phoneNumberSentence},
		"a phone number without quotes": {`phoneNumber: 12025550134`, `spec.phoneNumber: Invalid value: "integer"`},
		"a phone number with spaces":    {`phoneNumber: "+1 202 555 01"`, phoneNumberSentence},
		"a number that begins with 0":   {`phoneNumber: "+0012025550"`, phoneNumberSentence},
		"a phone number of 6 digits":    {`phoneNumber: "+123456"`, phoneNumberSentence},
		"a phone number of 16 digits":   {`phoneNumber: "+1234567890123456"`, `spec.phoneNumber: Too long: may not be more than 16 `},

		"no project id":                   {`projectId:`, `spec.projectId: Required value`},
		"an empty project id":             {`projectId: ""`, projectIDSentence},
		"a project id that starts with -": {`projectId: -p`, projectIDSentence},
		"a project id of 65 characters":   {`projectId: ` + strings.Repeat("a", 65), `spec.projectId: Too long: may not be more than 64 `},

		"an unknown way to authenticate": {`auth: {method: OAuth1}`, `spec.auth.method: Unsupported value: "OAuth1": supported values: "OAuth2", "Basic"`},
		"a Secret's name in capitals":    {`auth: {secretRef: {name: Sinch}}`, secretSentence},
		"an empty Secret's name":         {`auth: {secretRef: {name: ""}}`, secretSentence},
		"S01 a Secret elsewhere by path": {`auth: {secretRef: {name: kube-system/token}}`, secretSentence},
		"S01 a Secret elsewhere by ..":   {`auth: {secretRef: {name: ../kube-system/secrets/token}}`, secretSentence},
		"S01 a Secret's namespace":       {`auth: {secretRef: {namespace: kube-system}}`, `unknown field "spec.auth.secretRef.namespace"`},
		"S03 another host for Sinch":     {`apiUrl: https://example.com`, `unknown field "spec.apiUrl"`},
		"an interval without unit":       {`interval: "600"`, intervalSentence},
		"an interval that is a number":   {`interval: 600`, `spec.interval: Invalid value: "integer"`},
		"an interval in days":            {`interval: 1d`, intervalSentence},
		"an empty interval":              {`interval: ""`, intervalSentence},
		"a negative interval":            {`interval: -10m`, intervalSentence},
		"an interval just too short":     {`interval: 29999ms`, intervalSentence},
		"an interval just too long":      {`interval: 24h0m1s`, intervalSentence},
		"S07 an interval of 1ms":         {`interval: 1ms`, intervalSentence},
		"an interval beyond all bounds":  {`interval: 99999999999999999999h`, intervalSentence},
		"an interval of 33 characters":   {`interval: ` + strings.Repeat("1m", 16) + `1`, `spec.interval: Too long: may not be more than 32 `},
		"an unknown type":                {`expected: {type: local}`, `spec.expected.type: Unsupported value: "local": supported values: "MOBILE", "LOCAL", "TOLL_FREE"`},
		"a region by its name":           {`expected: {regionCode: usa}`, `spec.expected.regionCode: Too long: may not be more than 2 `},
		"a region in small letters":      {`expected: {regionCode: us}`, regionSentence},
		"an empty region":                {`expected: {regionCode: ""}`, regionSentence},
		"an unknown capability":          {`expected: {capability: [FAX]}`, `spec.expected.capability[0]: Unsupported value: "FAX": supported values: "SMS", "VOICE"`},
		"no capability at all":           {`expected: {capability: []}`, `spec.expected.capability in body should have at least 1 items`},
		"a capability twice":             {`expected: {capability: [SMS, SMS]}`, `spec.expected.capability[1]: Duplicate value: "SMS"`},
		"an empty price":                 {`expected: {money: {}}`, `spec.expected.money in body should have at least 1 properties`},
		"a currency by its sign":         {`expected: {money: {currencyCode: $}}`, currencySentence},
		"a currency in small letters":    {`expected: {money: {currencyCode: usd}}`, currencySentence},
		"an amount without quotes":       {`expected: {money: {amount: 2.5}}`, `spec.expected.money.amount: Invalid value: "number"`},
		"an amount with a comma":         {`expected: {money: {amount: "2,00"}}`, amountSentence},
		"a negative amount":              {`expected: {money: {amount: "-2.00"}}`, amountSentence},
		"an amount that begins with a .": {`expected: {money: {amount: ".50"}}`, amountSentence},
		"an amount of 65 digits":         {`expected: {money: {amount: "` + strings.Repeat("9", 65) + `"}}`, `spec.expected.money.amount: Too long: may not be more than 64 `},
		"a negative payment interval":    {`expected: {paymentIntervalMonths: -1}`, `spec.expected.paymentIntervalMonths in body should be greater than or equal to 0`},
		"a display name of 257":          {`expected: {displayName: ` + strings.Repeat("x", 257) + `}`, `spec.expected.displayName: Too long: may not be more than 256 `},
		"a service plan id of 129":       {`expected: {smsConfiguration: {servicePlanId: ` + strings.Repeat("x", 129) + `}}`, `servicePlanId: Too long: may not be more than 128 `},
		"a campaign id of 129":           {`expected: {smsConfiguration: {campaignId: ` + strings.Repeat("x", 129) + `}}`, `campaignId: Too long: may not be more than 128 `},
		"an app id of 129":               {`expected: {voiceConfiguration: {appId: ` + strings.Repeat("x", 129) + `}}`, `appId: Too long: may not be more than 128 `},
		"a trunk id of 129":              {`expected: {voiceConfiguration: {trunkId: ` + strings.Repeat("x", 129) + `}}`, `trunkId: Too long: may not be more than 128 `},
		"a fax service id of 129":        {`expected: {voiceConfiguration: {serviceId: ` + strings.Repeat("x", 129) + `}}`, `serviceId: Too long: may not be more than 128 `},
		"an unknown voice connection":    {`expected: {voiceConfiguration: {type: SIP}}`, `spec.expected.voiceConfiguration.type: Unsupported value: "SIP": supported values: "RTC", "EST", "FAX"`},
		"a voice app on a SIP trunk":     {`expected: {voiceConfiguration: {type: EST, appId: a}}`, `appId goes with type RTC only: leave it out, or change type`},
		"a trunk on a voice app":         {`expected: {voiceConfiguration: {type: RTC, trunkId: t}}`, `trunkId goes with type EST only: leave it out, or change type`},
		"a fax service on a voice app":   {`expected: {voiceConfiguration: {type: RTC, serviceId: s}}`, `serviceId goes with type FAX only: leave it out, or change type`},
		"two voice connections":          {`expected: {voiceConfiguration: {appId: a, trunkId: t}}`, `a number has one voice connection: give only one of appId (RTC), trunkId (EST) and serviceId (FAX)`},
		"a callback that is no URL":      {`expected: {callbackUrl: example.com}`, callbackSentence},
		"a callback over ftp":            {`expected: {callbackUrl: "ftp://example.com"}`, callbackSentence},
		"a callback with a space":        {`expected: {callbackUrl: "https://example.com/a b"}`, callbackSentence},
		"a callback of 257 characters":   {`expected: {callbackUrl: "https://` + strings.Repeat("x", 249) + `"}`, `spec.expected.callbackUrl: Too long: may not be more than 256 `},
		"a misspelt field":               {`expected: {displayname: Support}`, `unknown field "spec.expected.displayname"`},
		"something that Sinch has not":   {`expected: {voiceConfiguration: {lastUpdatedTime: "2026-01-01T00:00:00Z"}}`, `unknown field "spec.expected.voiceConfiguration.lastUpdatedTime"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := admin.Create(t.Context(), number(t, "refused", test.spec), client.DryRunAll, client.FieldValidation("Strict"))
			if err == nil || !strings.Contains(err.Error(), test.sentence) {
				t.Errorf("%s\ngot  %v\nwant %s", test.spec, err, test.sentence)
			}
		})
	}
}

// S02: what would lead a request elsewhere never becomes part of one.
func TestTheSchemaRefusesWhatIsNoPathSegment(t *testing.T) {
	tests := map[string]string{
		"the parent folder":           `../../admin`,
		"the parent folder, encoded":  `%2e%2e%2fadmin`,
		"a slash, encoded twice":      `a%252fb`,
		"a query":                     `a?b=c`,
		"a fragment":                  `a#b`,
		"a custom method":             `+12025550134:release`,
		"a line break":                "+12025550134\r\nHost: example.com",
		"a line break at the end":     "+12025550134\n",
		"a NUL":                       "+1202555\x000134",
		"digits of another script":    `+١٢٠٢٥٥٥٠١٣٤`,
		"full-width digits":           `+１２０２５５５０１３４`,
		"ten thousand characters":     "+" + strings.Repeat("1", 10_000),
		"an invisible space":          "+1202555\u200b0134",
		"a right-to-left override":    "+1202555\u202e0134",
		"another host":                `@example.com/`,
		"a dot and nothing else":      `.`,
		"two dots and nothing else":   `..`,
		"a backslash":                 `a\b`,
		"a semicolon with parameters": `a;b=c`,
	}
	for name, value := range tests {
		for _, field := range []string{"phoneNumber", "projectId"} {
			t.Run("S02 "+name+" as "+field, func(t *testing.T) {
				object := number(t, "refused", "")
				if err := unstructured.SetNestedField(object.Object, value, "spec", field); err != nil {
					t.Fatal(err)
				}
				if err := admin.Create(t.Context(), object, client.DryRunAll); !apierrors.IsInvalid(err) {
					t.Errorf("%q is not refused as invalid: %v", value, err)
				}
			})
		}
	}
}

func TestWhichNumberItIsCannotBeChanged(t *testing.T) {
	tests := map[string]struct{ field, value, sentence string }{
		"another project": {"projectId", "another", "projectId cannot be changed: create another ActiveNumber for the other project"},
		"another number":  {"phoneNumber", "+12025550135", "phoneNumber cannot be changed: create another ActiveNumber for the other number"},
	}
	object := number(t, "unchangeable", "")
	create(t, object)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			changed := object.DeepCopy()
			if err := unstructured.SetNestedField(changed.Object, test.value, "spec", test.field); err != nil {
				t.Fatal(err)
			}
			if err := admin.Update(t.Context(), changed); err == nil || !strings.Contains(err.Error(), test.sentence) {
				t.Errorf("got  %v\nwant %s", err, test.sentence)
			}
		})
	}
}

func TestWhatIsLeftOutGetsItsDefault(t *testing.T) {
	tests := map[string]string{
		"nothing but the number":       ``,
		"an empty auth":                `auth: {}`,
		"an auth with a method":        `auth: {method: OAuth2}`,
		"an auth with an empty Secret": `auth: {secretRef: {}}`,
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			object := number(t, "defaulted", spec)
			if err := admin.Create(t.Context(), object, client.DryRunAll); err != nil {
				t.Fatal(err)
			}
			for path, want := range map[string]any{
				"spec.auth.method":         "OAuth2",
				"spec.auth.secretRef.name": "sinch-credentials",
				"spec.interval":            "10m",
			} {
				if got := field(t, object, path); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			}
		})
	}
}

// S01: a client that does not ask for strict validation is not refused, but what it asked for is gone.
func TestASecretsNamespaceIsDropped(t *testing.T) {
	object := number(t, "pruned", `auth: {secretRef: {name: token, namespace: kube-system}}`)
	if err := admin.Create(t.Context(), object, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"name": "token"}
	if got := field(t, object, "spec.auth.secretRef"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("spec.auth.secretRef is %v, want %v", got, want)
	}
}

// The typed client must not send zero values that the schema would refuse or that would defeat its defaults.
func TestATypedClientGetsTheDefaultsToo(t *testing.T) {
	object := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "typed"},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "p", PhoneNumber: "+12025550134"},
	}
	create(t, object)

	want := v1alpha1.ActiveNumberSpec{
		ProjectID:   "p",
		PhoneNumber: "+12025550134",
		Auth:        v1alpha1.Auth{Method: v1alpha1.AuthOAuth2, SecretRef: v1alpha1.SecretReference{Name: "sinch-credentials"}},
		Interval:    metav1.Duration{Duration: 10 * time.Minute},
	}
	if object.Spec != want {
		t.Errorf("spec is %+v, want %+v", object.Spec, want)
	}
	if err := admin.Update(t.Context(), object); err != nil {
		t.Errorf("what was read cannot be written back: %v", err)
	}
}

func TestANumberIsPendingFromBirth(t *testing.T) {
	object := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "newborn"},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "p", PhoneNumber: "+12025550134"},
	}
	create(t, object)

	want := map[string]metav1.ConditionStatus{
		v1alpha1.ConditionSynced:           metav1.ConditionUnknown,
		v1alpha1.ConditionActive:           metav1.ConditionUnknown,
		v1alpha1.ConditionSMSProvisioned:   metav1.ConditionUnknown,
		v1alpha1.ConditionVoiceProvisioned: metav1.ConditionUnknown,
		v1alpha1.ConditionAsExpected:       metav1.ConditionUnknown,
		v1alpha1.ConditionReady:            metav1.ConditionUnknown,
		v1alpha1.ConditionReconciling:      metav1.ConditionTrue,
	}
	if len(object.Status.Conditions) != len(want) {
		t.Errorf("there are %d conditions, want %d", len(object.Status.Conditions), len(want))
	}
	for condition, status := range want {
		got := meta.FindStatusCondition(object.Status.Conditions, condition)
		if got == nil || got.Status != status || got.Reason != v1alpha1.ReasonPending {
			t.Errorf("condition %s is %+v, want %s/%s", condition, got, status, v1alpha1.ReasonPending)
		}
	}
}

func TestStatusIsWrittenApartFromSpec(t *testing.T) {
	object := number(t, "apart", "")
	object.Object["status"] = map[string]any{"lastHandledPollRequest": "from a manifest"}
	create(t, object)
	if got := field(t, object, "status.lastHandledPollRequest"); got != nil {
		t.Errorf("a manifest wrote status: lastHandledPollRequest is %v", got)
	}
	if got := len(field(t, object, "status.conditions").([]any)); got != 7 {
		t.Errorf("a manifest with a status has %d conditions at birth, want 7", got)
	}
}

func TestWhatSinchMayAddFitsIntoStatus(t *testing.T) {
	object := observed(t, "future")
	object.Status.Observed.Type = "SATELLITE"
	object.Status.Observed.Capability = []string{"FAX", "TELEPATHY"}
	object.Status.Observed.VoiceConfiguration = &v1alpha1.VoiceConfiguration{
		Type:                       "QUIC",
		ScheduledVoiceProvisioning: &v1alpha1.ScheduledVoiceProvisioning{Status: "ON_HOLD"},
	}
	want := object.DeepCopy()
	if err := admin.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if got := object.Status.Observed; got.Type != want.Status.Observed.Type ||
		!slices.Equal(got.Capability, want.Status.Observed.Capability) ||
		got.VoiceConfiguration.ScheduledVoiceProvisioning.Status != "ON_HOLD" {
		t.Errorf("observed is %+v, want %+v", got, want.Status.Observed)
	}
}

func TestNumbersAreFoundByProjectAndPhoneNumber(t *testing.T) {
	for name, spec := range map[string]string{
		"found-a": `{projectId: found, phoneNumber: "+12025550101"}`,
		"found-b": `{projectId: found, phoneNumber: "+12025550102"}`,
	} {
		create(t, number(t, name, spec))
	}
	tests := map[string]struct {
		fields client.MatchingFields
		want   []string
	}{
		"all of a project": {client.MatchingFields{"spec.projectId": "found"}, []string{"found-a", "found-b"}},
		"one phone number": {client.MatchingFields{"spec.phoneNumber": "+12025550102"}, []string{"found-b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var list v1alpha1.ActiveNumberList
			if err := admin.List(t.Context(), &list, client.InNamespace("default"), test.fields); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, item := range list.Items {
				got = append(got, item.Name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

// observed creates a number and returns it with a status that has everything a table shows.
func observed(t *testing.T, name string) *v1alpha1.ActiveNumber {
	t.Helper()
	object := &v1alpha1.ActiveNumber{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       v1alpha1.ActiveNumberSpec{ProjectID: "p-1", PhoneNumber: "+12025550134"},
	}
	create(t, object)
	object.Status.Observed = &v1alpha1.Observed{
		Type:           "LOCAL",
		RegionCode:     "US",
		Capability:     []string{"SMS", "VOICE"},
		Money:          &v1alpha1.Money{CurrencyCode: "USD", Amount: "2.00"},
		NextChargeDate: new(metav1.Date(2026, 12, 21, 14, 0, 0, 0, time.UTC)),
		ExpireAt:       new(metav1.Date(2027, 1, 21, 14, 0, 0, 0, time.UTC)),
	}
	object.Status.LastSyncTime = new(metav1.Now())
	for condition, reason := range map[string]string{
		v1alpha1.ConditionSynced:           v1alpha1.ReasonObserved,
		v1alpha1.ConditionSMSProvisioned:   v1alpha1.ReasonProvisioned,
		v1alpha1.ConditionVoiceProvisioned: v1alpha1.ReasonProvisioned,
		v1alpha1.ConditionReady:            v1alpha1.ReasonReady,
	} {
		meta.SetStatusCondition(&object.Status.Conditions, metav1.Condition{
			Type: condition, Status: metav1.ConditionTrue, Reason: reason, Message: "the number is fit for use",
		})
	}
	return object
}

func TestKubectlPrintsTheTable(t *testing.T) {
	object := observed(t, "printed")
	if err := admin.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	short := []column{
		{"NAME", "printed"},
		{"PHONE NUMBER", "+12025550134"},
		{"TYPE", "LOCAL"},
		{"REGION", "US"},
		{"SMS", "Provisioned"},
		{"VOICE", "Provisioned"},
		{"SYNCED", "Observed"},
		{"READY", "True"},
		{"REASON", "Ready"},
		{"AGE", "*"},
	}
	wide := append(slices.Clone(short), []column{
		{"CAPABILITY", `["SMS","VOICE"]`},
		{"CHARGE", "2.00"},
		{"CURRENCY", "USD"},
		{"NEXT CHARGE", "2026-12-21T14:00:00Z"},
		{"EXPIRES", "2027-01-21T14:00:00Z"},
		{"LAST SYNC", "*"},
		{"PROJECT", "p-1"},
		{"MESSAGE", "the number is fit for use"},
	}...)
	tests := map[string]struct {
		args []string
		want []column
	}{
		"the kind":       {[]string{"get", "activenumbers", "printed"}, short},
		"the short name": {[]string{"get", "an", "printed"}, short},
		"the category":   {[]string{"get", "sinch", "--field-selector=metadata.name=printed"}, short},
		"all there is":   {[]string{"get", "activenumber", "printed", "-o", "wide"}, wide},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			compare(t, kubectl(t, test.args...), test.want)
		})
	}
}

// column is a head and what stands below it; * is anything.
type column struct{ head, value string }

func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	kubeconfig, err := plane.Kubeconfig("admin", plane.Admin)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plane.Kubectl(t.Context(), kubeconfig, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// compare cuts the table where its heads begin, as an eye does.
func compare(t *testing.T, table string, want []column) {
	t.Helper()
	heads, row, _ := strings.Cut(strings.TrimSuffix(table, "\n"), "\n")
	for i, column := range want {
		end := len(heads)
		if i+1 < len(want) {
			end = strings.Index(heads, "   "+want[i+1].head) + 3
		}
		if end < 3 || strings.TrimSpace(heads[:end]) != column.head {
			t.Fatalf("column %d is not %s, or the next one is missing:\n%s", i+1, column.head, table)
		}
		cut := min(end, len(row))
		if i+1 == len(want) {
			cut = len(row)
		}
		if got := strings.TrimSpace(row[:cut]); column.value != "*" && got != column.value {
			t.Errorf("%s is %q, want %q", column.head, got, column.value)
		}
		heads, row = heads[end:], row[cut:]
	}
	if heads != "" {
		t.Errorf("there are more columns than wanted: %s", heads)
	}
}
