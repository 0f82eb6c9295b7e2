// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PollRequestedAtAnnotation asks for a look now: any new value of at most 64 characters, by custom a time stamp, is
// answered by one look and then repeated in status.lastHandledPollRequest.
const PollRequestedAtAnnotation = "numbers.sinch.com/poll-requested-at"

// The keys of the Secret that spec.auth.secretRef names.
const (
	// SecretKeyID is the key of the Secret that holds the id of the Sinch access key.
	SecretKeyID = "keyId"
	// SecretKeySecret is the key of the Secret that holds the secret of the Sinch access key.
	SecretKeySecret = "keySecret"
)

// AuthMethod is a way to show Sinch who asks.
// +kubebuilder:validation:Enum=OAuth2;Basic
type AuthMethod string

const (
	// AuthOAuth2 exchanges the key for a token that lives about an hour.
	AuthOAuth2 AuthMethod = "OAuth2"
	// AuthBasic sends the key with every request. Sinch documents it as for testing only, and limits it heavily.
	AuthBasic AuthMethod = "Basic"
)

// ActiveNumberSpec says which number to look at, how, and what to expect.
type ActiveNumberSpec struct {
	// projectId is the id of the Sinch project that rents the number (Sinch dashboard, Settings, Projects): letters,
	// digits and hyphens, at most 64. It cannot be changed.
	// +required
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9-]{0,63}$')",message="projectId must be the id of a Sinch project: 1 to 64 letters, digits and hyphens, such as 51bc3f40-f266-4ca8-8938-a1ed0ff32b9a"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="projectId cannot be changed: create another ActiveNumber for the other project"
	ProjectID string `json:"projectId"`

	// phoneNumber is the number in E.164 format: a plus sign, the country code and the number, 7 to 15 digits in all.
	// It cannot be changed.
	// +required
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^\+[1-9][0-9]{6,14}$`
	// +kubebuilder:validation:XValidation:rule="self.matches('^[+][1-9][0-9]{6,14}$')",message="phoneNumber must be in E.164 format: a plus sign and 7 to 15 digits without spaces, in quotes, such as \"+12025550134\""
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="phoneNumber cannot be changed: create another ActiveNumber for the other number"
	PhoneNumber string `json:"phoneNumber"`

	// auth says how the operator shows Sinch who asks.
	// +optional
	// +kubebuilder:default={}
	Auth Auth `json:"auth,omitzero"`

	// interval is the time from one look to the next: a duration from 30s to 24h, such as 10m or 1h30m.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$') && duration(self) >= duration('30s') && duration(self) <= duration('24h')",message="interval must be a duration from 30s to 24h, such as 10m or 1h30m"
	Interval metav1.Duration `json:"interval,omitzero"`

	// suspend stops the looks until it is false again. What was seen stays.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// expected declares what the number should be. Only the fields that are given are compared with what is observed, and
	// every difference is told. Nothing is ever changed at Sinch.
	// +optional
	Expected *Expected `json:"expected,omitempty"`
}

// Auth says how the operator shows Sinch who asks.
type Auth struct {
	// method is OAuth2 (a token that lives about an hour) or Basic (the key with every request; Sinch documents it as
	// for testing only).
	// +optional
	// +kubebuilder:default=OAuth2
	Method AuthMethod `json:"method,omitempty"`

	// secretRef names the Secret that holds the Sinch access key.
	// +optional
	// +kubebuilder:default={}
	SecretRef SecretReference `json:"secretRef,omitzero"`
}

// SecretReference names a Secret in the namespace of the ActiveNumber.
type SecretReference struct {
	// name of the Secret, in the same namespace. It has the keys keyId and keySecret. The operator may read Secrets
	// named sinch-credentials; its role must be given any other name.
	// +optional
	// +kubebuilder:default=sinch-credentials
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="name must be the name of a Secret in the same namespace: lower-case letters, digits, hyphens and dots"
	Name string `json:"name,omitempty"`
}

// Expected is what Git declares of a number, under Sinch's own names. An absent field is not compared; displayName,
// callbackUrl and the ids may be "", which says that the field must be unset.
type Expected struct {
	// displayName is the name that the number bears at Sinch, at most 256 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	DisplayName *string `json:"displayName,omitempty"`

	// regionCode is the country of the number: ISO 3166-1 alpha-2, such as US.
	// +optional
	// +kubebuilder:validation:MaxLength=2
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{2}$')",message="regionCode must be two capital letters (ISO 3166-1 alpha-2), such as US"
	RegionCode string `json:"regionCode,omitempty"`

	// type of the number: MOBILE, LOCAL or TOLL_FREE.
	// +optional
	// +kubebuilder:validation:Enum=MOBILE;LOCAL;TOLL_FREE
	Type string `json:"type,omitempty"`

	// capability lists what the number must be capable of at least: SMS, VOICE.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:items:Enum=SMS;VOICE
	// +kubebuilder:validation:items:MaxLength=5
	Capability []string `json:"capability,omitempty"`

	// money is what each payment interval costs.
	// +optional
	Money *ExpectedMoney `json:"money,omitempty"`

	// paymentIntervalMonths is how often the price is charged, in months.
	// +optional
	// +kubebuilder:validation:Minimum=0
	PaymentIntervalMonths *int32 `json:"paymentIntervalMonths,omitempty"`

	// smsConfiguration is what the number should be connected to for SMS.
	// +optional
	SMSConfiguration *ExpectedSMSConfiguration `json:"smsConfiguration,omitempty"`

	// voiceConfiguration is what the number should be connected to for voice.
	// +optional
	VoiceConfiguration *ExpectedVoiceConfiguration `json:"voiceConfiguration,omitempty"`

	// callbackUrl is where Sinch reports provisioning: an http or https URL of at most 256 characters, or "".
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="size(self) == 0 || self.matches('^https?://[^ ]+$')",message="callbackUrl must be an http or https URL, or empty if none may be set"
	CallbackURL *string `json:"callbackUrl,omitempty"`
}

// ExpectedMoney is a price to expect.
// +kubebuilder:validation:MinProperties=1
type ExpectedMoney struct {
	// currencyCode is the currency: ISO 4217, such as USD.
	// +optional
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{3}$')",message="currencyCode must be three capital letters (ISO 4217), such as USD"
	CurrencyCode string `json:"currencyCode,omitempty"`

	// amount is a decimal in quotes, such as "2.00". It is compared as a decimal: 2.0 equals 2.00.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]+([.][0-9]+)?$')",message="amount must be a decimal in quotes, such as \"2.00\""
	Amount string `json:"amount,omitempty"`
}

// ExpectedSMSConfiguration is the SMS connection to expect.
type ExpectedSMSConfiguration struct {
	// servicePlanId is the service plan that carries the number's messages, or "" for none.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	ServicePlanID *string `json:"servicePlanId,omitempty"`

	// campaignId is the 10DLC campaign (US numbers only), or "" for none.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	CampaignID *string `json:"campaignId,omitempty"`
}

// ExpectedVoiceConfiguration is the voice connection to expect. appId goes with type RTC, trunkId with EST, serviceId
// with FAX.
// +kubebuilder:validation:XValidation:rule="!has(self.appId) || size(self.appId) == 0 || !has(self.type) || self.type == 'RTC'",message="appId goes with type RTC only: leave it out, or change type"
// +kubebuilder:validation:XValidation:rule="!has(self.trunkId) || size(self.trunkId) == 0 || !has(self.type) || self.type == 'EST'",message="trunkId goes with type EST only: leave it out, or change type"
// +kubebuilder:validation:XValidation:rule="!has(self.serviceId) || size(self.serviceId) == 0 || !has(self.type) || self.type == 'FAX'",message="serviceId goes with type FAX only: leave it out, or change type"
// +kubebuilder:validation:XValidation:rule="(has(self.appId) && size(self.appId) > 0 ? 1 : 0) + (has(self.trunkId) && size(self.trunkId) > 0 ? 1 : 0) + (has(self.serviceId) && size(self.serviceId) > 0 ? 1 : 0) <= 1",message="a number has one voice connection: give only one of appId (RTC), trunkId (EST) and serviceId (FAX)"
type ExpectedVoiceConfiguration struct {
	// type of the connection: RTC (a voice app), EST (a SIP trunk) or FAX (a fax service). A number that is connected to
	// nothing has no type.
	// +optional
	// +kubebuilder:validation:Enum=RTC;EST;FAX
	Type string `json:"type,omitempty"`

	// appId is the voice app, for type RTC, or "" for none.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	AppID *string `json:"appId,omitempty"`

	// trunkId is the SIP trunk, for type EST, or "" for none.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	TrunkID *string `json:"trunkId,omitempty"`

	// serviceId is the fax service, for type FAX, or "" for none.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	ServiceID *string `json:"serviceId,omitempty"`
}

// ActiveNumberStatus is what was seen at Sinch, and what to make of it.
type ActiveNumberStatus struct {
	// observedGeneration is the generation of the spec that the last look was made for, whatever it found.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// observed is Sinch's last good answer, under Sinch's own names. Absent until there was one.
	// +optional
	Observed *Observed `json:"observed,omitempty"`

	// drift lists every difference between spec.expected and observed, sorted by field, also those that a provisioning job
	// is about to end.
	// +optional
	// +listType=map
	// +listMapKey=field
	Drift []Difference `json:"drift,omitempty"`

	// lastSyncTime is the time of the last successful look, as of the last time that this status was written. While
	// nothing changes it is written once per heartbeat only (the operator's flag --heartbeat).
	// +optional
	LastSyncTime *metav1.Time `json:"lastSyncTime,omitempty"`

	// lastHandledPollRequest is the last value of the annotation numbers.sinch.com/poll-requested-at that was
	// answered.
	// +optional
	LastHandledPollRequest string `json:"lastHandledPollRequest,omitempty"`

	// conditions say whether the operator can see (Synced), whether the number is fit (Ready), and why.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Observed is Sinch's answer. It is bounded when it is read (ids 128 characters, texts 256, lists 32 entries, words such as
// type and status UNKNOWN if they are not words), and nothing else is refused: Sinch may add values at any time.
type Observed struct {
	// phoneNumber is the number in E.164 format.
	// +optional
	PhoneNumber string `json:"phoneNumber,omitempty"`
	// projectId is the project that rents the number.
	// +optional
	ProjectID string `json:"projectId,omitempty"`
	// displayName is the name that a person gave the number.
	// +optional
	DisplayName string `json:"displayName,omitempty"`
	// regionCode is the country of the number: ISO 3166-1 alpha-2.
	// +optional
	RegionCode string `json:"regionCode,omitempty"`
	// type of the number: MOBILE, LOCAL, TOLL_FREE, or what Sinch may add.
	// +optional
	Type string `json:"type,omitempty"`
	// capability lists what the number is capable of, sorted: SMS, VOICE, or what Sinch may add.
	// +optional
	// +listType=atomic
	Capability []string `json:"capability,omitempty"`
	// money is what each payment interval costs.
	// +optional
	Money *Money `json:"money,omitempty"`
	// paymentIntervalMonths is how often the price is charged, in months.
	// +optional
	PaymentIntervalMonths *int32 `json:"paymentIntervalMonths,omitempty"`
	// nextChargeDate is when the price is charged next.
	// +optional
	NextChargeDate *metav1.Time `json:"nextChargeDate,omitempty"`
	// expireAt is when the number stops being rented; set once it has been released.
	// +optional
	ExpireAt *metav1.Time `json:"expireAt,omitempty"`
	// smsConfiguration is what the number is connected to for SMS.
	// +optional
	SMSConfiguration *SMSConfiguration `json:"smsConfiguration,omitempty"`
	// voiceConfiguration is what the number is connected to for voice.
	// +optional
	VoiceConfiguration *VoiceConfiguration `json:"voiceConfiguration,omitempty"`
	// callbackUrl is where Sinch reports provisioning.
	// +optional
	CallbackURL string `json:"callbackUrl,omitempty"`
}

// Money is a price.
type Money struct {
	// currencyCode is the currency: ISO 4217.
	// +optional
	CurrencyCode string `json:"currencyCode,omitempty"`
	// amount is a decimal with the precision that Sinch gave.
	// +optional
	Amount string `json:"amount,omitempty"`
}

// SMSConfiguration is what a number is connected to for SMS.
type SMSConfiguration struct {
	// servicePlanId is the service plan that carries the number's messages.
	// +optional
	ServicePlanID string `json:"servicePlanId,omitempty"`
	// campaignId is the 10DLC campaign (US numbers only).
	// +optional
	CampaignID string `json:"campaignId,omitempty"`
	// scheduledProvisioning is the ongoing or failed job; absent once it has succeeded.
	// +optional
	ScheduledProvisioning *ScheduledProvisioning `json:"scheduledProvisioning,omitempty"`
}

// ScheduledProvisioning is an ongoing or failed job that connects a number for SMS.
type ScheduledProvisioning struct {
	// servicePlanId is the service plan that the job will set; empty in a job for a campaign only.
	// +optional
	ServicePlanID string `json:"servicePlanId,omitempty"`
	// campaignId is the 10DLC campaign that the job will set.
	// +optional
	CampaignID string `json:"campaignId,omitempty"`
	// status of the job: WAITING, IN_PROGRESS, FAILED, PROVISIONING_STATUS_UNSPECIFIED, or what Sinch may add.
	// +optional
	Status string `json:"status,omitempty"`
	// lastUpdatedTime is when the status last changed.
	// +optional
	LastUpdatedTime *metav1.Time `json:"lastUpdatedTime,omitempty"`
	// errorCodes say why the job failed, sorted.
	// +optional
	// +listType=atomic
	ErrorCodes []string `json:"errorCodes,omitempty"`
}

// VoiceConfiguration is what a number is connected to for voice.
type VoiceConfiguration struct {
	// type of the connection: RTC (appId counts), EST (trunkId), FAX (serviceId), or what Sinch may add. Absent means RTC.
	// +optional
	Type string `json:"type,omitempty"`
	// appId is the voice app.
	// +optional
	AppID string `json:"appId,omitempty"`
	// trunkId is the SIP trunk.
	// +optional
	TrunkID string `json:"trunkId,omitempty"`
	// serviceId is the fax service.
	// +optional
	ServiceID string `json:"serviceId,omitempty"`
	// lastUpdatedTime is when the configuration last changed.
	// +optional
	LastUpdatedTime *metav1.Time `json:"lastUpdatedTime,omitempty"`
	// scheduledVoiceProvisioning is the ongoing or failed job; absent once it has succeeded.
	// +optional
	ScheduledVoiceProvisioning *ScheduledVoiceProvisioning `json:"scheduledVoiceProvisioning,omitempty"`
}

// ScheduledVoiceProvisioning is an ongoing or failed job that connects a number for voice. Sinch gives no error codes
// for it.
type ScheduledVoiceProvisioning struct {
	// type of the connection that the job will set; it may differ from the present one.
	// +optional
	Type string `json:"type,omitempty"`
	// appId is the voice app that the job will set.
	// +optional
	AppID string `json:"appId,omitempty"`
	// trunkId is the SIP trunk that the job will set.
	// +optional
	TrunkID string `json:"trunkId,omitempty"`
	// serviceId is the fax service that the job will set.
	// +optional
	ServiceID string `json:"serviceId,omitempty"`
	// status of the job: WAITING, IN_PROGRESS, FAILED, PROVISIONING_STATUS_UNSPECIFIED, or what Sinch may add.
	// +optional
	Status string `json:"status,omitempty"`
	// lastUpdatedTime is when the status last changed.
	// +optional
	LastUpdatedTime *metav1.Time `json:"lastUpdatedTime,omitempty"`
}

// Difference is one field that is not as declared.
type Difference struct {
	// field is the path below spec.expected and status.observed, such as smsConfiguration.servicePlanId.
	// +required
	Field string `json:"field"`
	// expected is the declared value as text.
	// +optional
	Expected string `json:"expected"`
	// observed is the value that was seen as text.
	// +optional
	Observed string `json:"observed"`
}

// ActiveNumber is a phone number that a project rents from Sinch, as Sinch last described it. The operator only ever
// looks: nothing that is written here changes anything at Sinch.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=an,categories=sinch
// +kubebuilder:selectablefield:JSONPath=`.spec.projectId`
// +kubebuilder:selectablefield:JSONPath=`.spec.phoneNumber`
// +kubebuilder:printcolumn:name="Phone Number",type=string,JSONPath=`.spec.phoneNumber`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.status.observed.type`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.status.observed.regionCode`
// +kubebuilder:printcolumn:name="SMS",type=string,JSONPath=`.status.conditions[?(@.type=="SMSProvisioned")].reason`
// +kubebuilder:printcolumn:name="Voice",type=string,JSONPath=`.status.conditions[?(@.type=="VoiceProvisioned")].reason`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].reason`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Capability",type=string,priority=1,JSONPath=`.status.observed.capability`
// +kubebuilder:printcolumn:name="Charge",type=string,priority=1,JSONPath=`.status.observed.money.amount`
// +kubebuilder:printcolumn:name="Currency",type=string,priority=1,JSONPath=`.status.observed.money.currencyCode`
// +kubebuilder:printcolumn:name="Next Charge",type=string,priority=1,JSONPath=`.status.observed.nextChargeDate`
// +kubebuilder:printcolumn:name="Expires",type=string,priority=1,JSONPath=`.status.observed.expireAt`
// +kubebuilder:printcolumn:name="Last Sync",type=date,priority=1,JSONPath=`.status.lastSyncTime`
// +kubebuilder:printcolumn:name="Project",type=string,priority=1,JSONPath=`.spec.projectId`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type ActiveNumber struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec says which number to look at, how, and what to expect.
	// +required
	Spec ActiveNumberSpec `json:"spec"`

	// status is what was seen at Sinch. Only the operator writes it.
	// +optional
	// +kubebuilder:default={conditions: {{type: "Synced", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Active", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "SMSProvisioned", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "VoiceProvisioned", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "AsExpected", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Ready", status: "Unknown", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Reconciling", status: "True", reason: "Pending", message: "Sinch has not been asked yet", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status ActiveNumberStatus `json:"status,omitzero"`
}

// ActiveNumberList is a list of ActiveNumbers.
// +kubebuilder:object:root=true
type ActiveNumberList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []ActiveNumber `json:"items"`
}
