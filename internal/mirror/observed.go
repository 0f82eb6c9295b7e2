// SPDX-License-Identifier: Apache-2.0

// Package mirror puts what Sinch says into the API's types. It is pure, and serves whoever has an answer of Sinch and
// wants to see it as Kubernetes does.
package mirror

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/sinch"
)

// Observed is Sinch's answer as status.observed shows it. Nothing is shared with the answer.
func Observed(number *sinch.ActiveNumber) *v1alpha1.Observed {
	observed := &v1alpha1.Observed{
		PhoneNumber:        number.PhoneNumber,
		ProjectID:          number.ProjectID,
		DisplayName:        number.DisplayName,
		RegionCode:         number.RegionCode,
		Type:               number.Type,
		Capability:         append([]string(nil), number.Capability...),
		NextChargeDate:     moment(number.NextChargeDate),
		ExpireAt:           moment(number.ExpireAt),
		SMSConfiguration:   sms(number.SMSConfiguration),
		VoiceConfiguration: voice(number.VoiceConfiguration),
		CallbackURL:        number.CallbackURL,
	}
	if money := number.Money; money != nil {
		observed.Money = &v1alpha1.Money{CurrencyCode: money.CurrencyCode, Amount: money.Amount}
	}
	if months := number.PaymentIntervalMonths; months != nil {
		observed.PaymentIntervalMonths = new(*months)
	}
	return observed
}

func sms(configuration *sinch.SMSConfiguration) *v1alpha1.SMSConfiguration {
	if configuration == nil {
		return nil
	}
	seen := &v1alpha1.SMSConfiguration{
		ServicePlanID: configuration.ServicePlanID,
		CampaignID:    configuration.CampaignID,
	}
	if job := configuration.ScheduledProvisioning; job != nil {
		seen.ScheduledProvisioning = &v1alpha1.ScheduledProvisioning{
			ServicePlanID:   job.ServicePlanID,
			CampaignID:      job.CampaignID,
			Status:          job.Status,
			LastUpdatedTime: moment(job.LastUpdatedTime),
			ErrorCodes:      append([]string(nil), job.ErrorCodes...),
		}
	}
	return seen
}

func voice(configuration *sinch.VoiceConfiguration) *v1alpha1.VoiceConfiguration {
	if configuration == nil {
		return nil
	}
	seen := &v1alpha1.VoiceConfiguration{
		Type:            configuration.Type,
		AppID:           configuration.AppID,
		TrunkID:         configuration.TrunkID,
		ServiceID:       configuration.ServiceID,
		LastUpdatedTime: moment(configuration.LastUpdatedTime),
	}
	if job := configuration.ScheduledVoiceProvisioning; job != nil {
		seen.ScheduledVoiceProvisioning = &v1alpha1.ScheduledVoiceProvisioning{
			Type:            job.Type,
			AppID:           job.AppID,
			TrunkID:         job.TrunkID,
			ServiceID:       job.ServiceID,
			Status:          job.Status,
			LastUpdatedTime: moment(job.LastUpdatedTime),
		}
	}
	return seen
}

func moment(at time.Time) *metav1.Time {
	if at.IsZero() {
		return nil
	}
	return &metav1.Time{Time: at.Local()} // as the API's decoder has it, so that equal times are equal bytes
}
