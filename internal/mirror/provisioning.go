// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"cmp"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// Sinch's statuses of a provisioning job. There is none for success: a job that succeeded is gone.
const (
	JobWaiting    = "WAITING"
	JobInProgress = "IN_PROGRESS"
	JobFailed     = "FAILED"
)

// JobRuns says whether a job with this status waits or is in progress, and so will end by itself.
func JobRuns(status string) bool { return status == JobWaiting || status == JobInProgress }

// Sinch's types of voice connections.
const (
	VoiceRTC = "RTC" // to a voice app
	VoiceEST = "EST" // to a SIP trunk
	VoiceFAX = "FAX" // to a fax service
)

// Connection is what a number is connected to for voice: the type, and the one id that belongs to it. It is the zero value
// if there is none.
type Connection struct{ Type, ID string }

// VoiceConnection is the connection of a number.
func VoiceConnection(is *v1alpha1.VoiceConfiguration) Connection {
	if is == nil {
		return Connection{}
	}
	return connection(is.Type, is.AppID, is.TrunkID, is.ServiceID)
}

// JobConnection is the connection that a job will make.
func JobConnection(job *v1alpha1.ScheduledVoiceProvisioning) Connection {
	if job == nil {
		return Connection{}
	}
	return connection(job.Type, job.AppID, job.TrunkID, job.ServiceID)
}

// connection takes the id that counts. Sinch leaves RTC unsaid, and fills in the ids of other types, too; a type that is
// not known here has any of them.
func connection(kind, app, trunk, service string) Connection {
	kind = cmp.Or(kind, VoiceRTC)
	id := ""
	switch kind {
	case VoiceRTC:
		id = app
	case VoiceEST:
		id = trunk
	case VoiceFAX:
		id = service
	default:
		id = cmp.Or(app, trunk, service)
	}
	if id == "" {
		return Connection{}
	}
	return Connection{kind, id}
}

// id is the id of a connection that has this type, else "".
func (c Connection) id(kind string) string {
	if c.Type != kind {
		return ""
	}
	return c.ID
}
