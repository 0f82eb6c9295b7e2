// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"fmt"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Sinch's statuses of a provisioning job. There is none for success: a job that succeeded is gone.
const (
	jobWaiting    = "WAITING"
	jobInProgress = "IN_PROGRESS"
	jobFailed     = "FAILED"
)

// judgeSMS says whether the number is connected for SMS: by its job if there is one, else by its service plan.
func judgeSMS(configuration *v1alpha1.SMSConfiguration) verdict {
	switch {
	case configuration == nil:
	case configuration.ScheduledProvisioning != nil:
		job := configuration.ScheduledProvisioning
		return judgeJob("SMS", smsTarget(job.ServicePlanID, job.CampaignID), job.Status, smsFailure(job.ErrorCodes))
	case configuration.ServicePlanID != "":
		return yes(v1alpha1.ReasonProvisioned, "Connected to "+smsTarget(configuration.ServicePlanID, configuration.CampaignID))
	}
	return unknown(v1alpha1.ReasonNotConfigured, "The number is connected to no service plan, and no job is under way")
}

// judgeVoice says whether the number is connected for voice: by its job if there is one, else by the id of its type.
func judgeVoice(configuration *v1alpha1.VoiceConfiguration) verdict {
	if configuration != nil {
		if job := configuration.ScheduledVoiceProvisioning; job != nil {
			return judgeJob("Voice", voiceTarget(job.Type, job.AppID, job.TrunkID, job.ServiceID), job.Status, voiceFailure)
		}
		if target := voiceTarget(configuration.Type, configuration.AppID, configuration.TrunkID, configuration.ServiceID); target != "" {
			return yes(v1alpha1.ReasonProvisioned, "Connected to "+target)
		}
	}
	return unknown(v1alpha1.ReasonNotConfigured, "The number is connected to no voice app, trunk or fax service, and no job is under way")
}

// judgeJob says how a job stands. target is what it will connect the number to, failure what to say if it failed.
func judgeJob(channel, target, status, failure string) verdict {
	purpose := channel + " provisioning"
	if target != "" {
		purpose += " to " + target
	}
	switch status {
	case jobWaiting:
		return unknown(v1alpha1.ReasonWaiting, purpose+" waits: Sinch has not begun it")
	case jobInProgress:
		return unknown(v1alpha1.ReasonInProgress, purpose+" is in progress")
	case jobFailed:
		return no(v1alpha1.ReasonFailed, purpose+" failed. "+failure)
	case "":
		status = "without a status"
	}
	return unknown(v1alpha1.ReasonUnspecified, fmt.Sprintf("%s is %s, which tells neither progress nor failure: ask Sinch support if this lasts", purpose, status))
}

// jobRuns says whether a job waits or is in progress, so that looking again soon is worth it.
func jobRuns(observed *v1alpha1.Observed) bool {
	runs := func(status string) bool { return status == jobWaiting || status == jobInProgress }
	sms, voice := observed.SMSConfiguration, observed.VoiceConfiguration
	return sms != nil && sms.ScheduledProvisioning != nil && runs(sms.ScheduledProvisioning.Status) ||
		voice != nil && voice.ScheduledVoiceProvisioning != nil && runs(voice.ScheduledVoiceProvisioning.Status)
}

func smsTarget(servicePlan, campaign string) string {
	var parts []string
	if servicePlan != "" {
		parts = append(parts, "service plan "+servicePlan)
	}
	if campaign != "" {
		parts = append(parts, "campaign "+campaign)
	}
	return strings.Join(parts, " and ")
}

// voiceTarget names the id that belongs to the type, "" if that is unset. A type that is not known here has any of them.
func voiceTarget(kind, app, trunk, service string) string {
	named := func(what, id string) string {
		if id == "" {
			return ""
		}
		return what + " " + id
	}
	switch kind {
	case "", "RTC":
		return named("voice app", app)
	case "EST":
		return named("trunk", trunk)
	case "FAX":
		return named("fax service", service)
	}
	return named(kind+" connection", app+trunk+service)
}
