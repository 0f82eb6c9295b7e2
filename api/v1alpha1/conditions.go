// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// The conditions stand on two axes that never mix: Synced says whether the operator can see, Ready whether the number
// is fit. An outage of Sinch is not an outage of the number. One reading holds for all but the two that kstatus asks
// for: True is fine, False needs a person, Unknown means that time will tell, or that there is nothing to tell.
const (
	// ConditionSynced answers "can the operator see?": whether the last look at Sinch succeeded.
	//
	//	True     Observed
	//	False    CredentialsInvalid, AccessDenied, RequestRejected
	//	Unknown  Pending, RateLimited, ProviderUnavailable, MalformedResponse, Suspended
	ConditionSynced = "Synced"

	// ConditionActive answers "is the number rented?". Its message carries type, region, capabilities and charges.
	//
	//	True     Active, Expiring
	//	False    NotFound
	//	Unknown  Pending
	ConditionActive = "Active"

	// ConditionSMSProvisioned answers "is the number connected to its service plan and campaign?".
	//
	//	True     Provisioned
	//	False    Failed
	//	Unknown  Waiting, InProgress, Unspecified, NotConfigured, NotFound, Pending
	ConditionSMSProvisioned = "SMSProvisioned"

	// ConditionVoiceProvisioned answers "is the number connected to its voice app, trunk or fax service?".
	//
	//	True     Provisioned
	//	False    Failed
	//	Unknown  Waiting, InProgress, Unspecified, NotConfigured, NotFound, Pending
	ConditionVoiceProvisioned = "VoiceProvisioned"

	// ConditionAsExpected answers "is the number what spec.expected declares?".
	//
	//	True     Matches, NothingExpected
	//	False    Drifted
	//	Unknown  Moving, NotFound, Pending
	ConditionAsExpected = "AsExpected"

	// ConditionReady sums up: whether the number is fit for use, as far as the last successful look can tell.
	//
	//	True     Ready
	//	False    NotFound, SMSProvisioningFailed, VoiceProvisioningFailed, Drifted
	//	Unknown  Pending, Stale, Provisioning, Unspecified
	ConditionReady = "Ready"

	// ConditionStalled tells kstatus, and so Flux, that only a person can help. Present only while True.
	//
	//	True     the reason of Synced if that is False, else the reason of Ready if that is False
	ConditionStalled = "Stalled"

	// ConditionReconciling tells kstatus that time will tell. Present only while True.
	//
	//	True     the reason of Ready if that is Unknown and Stalled is absent
	ConditionReconciling = "Reconciling"
)

// Reasons that several conditions share.
const (
	// ReasonPending: Sinch has not been asked yet, or has not answered yet.
	ReasonPending = "Pending"
	// ReasonNotFound: Sinch said twice, at least ten seconds apart, that the project has no such active number.
	ReasonNotFound = "NotFound"
	// ReasonUnspecified: Sinch reports a provisioning job whose status it does not specify, or that is not known here.
	ReasonUnspecified = "Unspecified"
	// ReasonDrifted: the number differs from spec.expected, and no running job will make it match.
	ReasonDrifted = "Drifted"
)

// Reasons of Synced.
const (
	// ReasonObserved: the last look succeeded.
	ReasonObserved = "Observed"
	// ReasonCredentialsInvalid: the Secret is missing, incomplete or unreadable, or Sinch refuses the key in it.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonAccessDenied: the key is good, but may not see this number or project.
	ReasonAccessDenied = "AccessDenied"
	// ReasonRequestRejected: Sinch refuses the question itself, so the project id or phone number is likely wrong.
	ReasonRequestRejected = "RequestRejected"
	// ReasonRateLimited: Sinch asks for fewer requests.
	ReasonRateLimited = "RateLimited"
	// ReasonProviderUnavailable: Sinch cannot be reached, or fails.
	ReasonProviderUnavailable = "ProviderUnavailable"
	// ReasonMalformedResponse: what answered did not answer as Sinch does.
	ReasonMalformedResponse = "MalformedResponse"
	// ReasonSuspended: spec.suspend is true.
	ReasonSuspended = "Suspended"
)

// Reasons of Active.
const (
	// ReasonActive: the project rents the number.
	ReasonActive = "Active"
	// ReasonExpiring: the number has been released and answers until expireAt.
	ReasonExpiring = "Expiring"
)

// Reasons of SMSProvisioned and VoiceProvisioned.
const (
	// ReasonProvisioned: the configuration is in place and no job is under way.
	ReasonProvisioned = "Provisioned"
	// ReasonFailed: Sinch could not do the job; the message names every error code and what to do.
	ReasonFailed = "Failed"
	// ReasonWaiting: Sinch has accepted the job and not begun it.
	ReasonWaiting = "Waiting"
	// ReasonInProgress: Sinch works on the job.
	ReasonInProgress = "InProgress"
	// ReasonNotConfigured: there is neither a configuration nor a job.
	ReasonNotConfigured = "NotConfigured"
)

// Reasons of AsExpected.
const (
	// ReasonMatches: every declared field is as declared.
	ReasonMatches = "Matches"
	// ReasonNothingExpected: spec.expected declares nothing.
	ReasonNothingExpected = "NothingExpected"
	// ReasonMoving: every difference is one that a running job will set right.
	ReasonMoving = "Moving"
)

// Reasons of Ready.
const (
	// ReasonReady: nothing speaks against using the number.
	ReasonReady = "Ready"
	// ReasonSMSProvisioningFailed: SMSProvisioned is False.
	ReasonSMSProvisioningFailed = "SMSProvisioningFailed"
	// ReasonVoiceProvisioningFailed: VoiceProvisioned is False.
	ReasonVoiceProvisioningFailed = "VoiceProvisioningFailed"
	// ReasonStale: the last successful look is too long ago to rely on.
	ReasonStale = "Stale"
	// ReasonProvisioning: a provisioning job is waiting or running.
	ReasonProvisioning = "Provisioning"
)
