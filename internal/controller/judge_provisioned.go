// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
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
			return judgeJob("Voice", voiceTarget(mirror.JobConnection(job)), job.Status, voiceFailure)
		}
		if target := voiceTarget(mirror.VoiceConnection(configuration)); target != "" {
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
	case mirror.JobWaiting:
		return unknown(v1alpha1.ReasonWaiting, purpose+" waits: Sinch has not begun it")
	case mirror.JobInProgress:
		return unknown(v1alpha1.ReasonInProgress, purpose+" is in progress")
	case mirror.JobFailed:
		return no(v1alpha1.ReasonFailed, purpose+" failed. "+failure)
	case "":
		status = "without a status"
	}
	return unknown(v1alpha1.ReasonUnspecified, fmt.Sprintf("%s is %s, which tells neither progress nor failure: ask Sinch support if this lasts", purpose, status))
}

// jobRuns says whether a job waits or is in progress, so that looking again soon is worth it.
func jobRuns(observed *v1alpha1.Observed) bool {
	sms, voice := observed.SMSConfiguration, observed.VoiceConfiguration
	return sms != nil && sms.ScheduledProvisioning != nil && mirror.JobRuns(sms.ScheduledProvisioning.Status) ||
		voice != nil && voice.ScheduledVoiceProvisioning != nil && mirror.JobRuns(voice.ScheduledVoiceProvisioning.Status)
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

// voiceNouns are what the types of connections lead to.
var voiceNouns = map[string]string{mirror.VoiceRTC: "voice app", mirror.VoiceEST: "trunk", mirror.VoiceFAX: "fax service"}

// voiceTarget names a connection, "" if there is none.
func voiceTarget(to mirror.Connection) string {
	if to.ID == "" {
		return ""
	}
	return cmp.Or(voiceNouns[to.Type], to.Type+" connection") + " " + to.ID
}
