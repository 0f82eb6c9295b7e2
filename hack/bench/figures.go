// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"math"
)

// number is a figure; NaN, which JSON lacks, stands for one that could not be taken.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// figures are what was measured with one size. Times are in seconds, memory is in bytes.
type figures struct {
	Numbers       int           `json:"numbers"`
	Configuration configuration `json:"configuration"`
	Baseline      baseline      `json:"operatorWithoutNumbers"`
	Before        pace          `json:"bareLoopBefore"`
	FlatOut       pace          `json:"bareLoopFlatOut"`
	After         pace          `json:"bareLoopAfter"`
	Start         started       `json:"start"`
	Edits         delays        `json:"edits"`
	Storm         storm         `json:"storm"`
	Changed       changes       `json:"changedPolls"`
	Restart       restarted     `json:"restart"`
	Steady        steady        `json:"steady"`
	Overload      overload      `json:"overload"`
	Took          number        `json:"took"`
}

// configuration is what the operator was set up with.
type configuration struct {
	Credentials int    `json:"credentials"`
	Workers     int    `json:"workers"`
	Interval    number `json:"interval"`
	Demand      number `json:"demandedLooksPerSecond"`
	Budget      budget `json:"budget"`
	Overload    budget `json:"budgetWhileOverloaded"`
}

// budget is what the operator may ask of Sinch with one credential.
type budget struct {
	Rate  float64 `json:"looksPerSecond"`
	Burst int     `json:"burst"`
}

// baseline is the operator with nothing to do.
type baseline struct {
	LiveHeap number `json:"liveHeap"`
	Resident number `json:"resident"`
}

// pace is what a process did and used during some time.
type pace struct {
	Seconds number `json:"seconds"`
	Looks   int    `json:"looks"`
	CPU     number `json:"cpuPerLook"`
	API     number `json:"apiServerCPUPerSecond"`
}

// started is what it takes until every number is seen for the first time.
type started struct {
	Seen        number `json:"allSeenAfter"`
	Written     number `json:"allWrittenAfter"`
	Rate        number `json:"looksPerSecond"`
	WorkersBusy number `json:"workersBusyShare"`
	APIShare    number `json:"apiServerShareOfWorkersTime"`
	APICores    number `json:"apiServerCores"` // that were busy, on average
	Cores       number `json:"operatorCores"`
	Events      number `json:"eventsWritten"`
	Peak        number `json:"peakResident"` // until the operator ends
	SetBy       string `json:"setBy"`
}

// delays are the times from an edit to its look.
type delays struct {
	Count  int    `json:"count"`
	Median number `json:"p50"`
	P99    number `json:"p99"`
	Max    number `json:"max"`
}

// storm is what happens when every answer is 429 for a moment.
type storm struct {
	Pause  number `json:"pause"`
	During int    `json:"looksDuringPause"`
	Peak   int    `json:"mostLooksInOneSecondAfterwards"`
}

// changes are looks that find something new.
type changes struct {
	Numbers int    `json:"numbers"`
	Looked  int    `json:"looked"`
	Patches number `json:"patches"`
}

// restarted is the time after a restart.
type restarted struct {
	Looks    int    `json:"looks"`
	Peak     int    `json:"mostLooksInTenSeconds"`
	PeakMean number `json:"peakOverMean"`
	Writes   number `json:"statusWrites"`
}

// steady is the time when nothing changes.
type steady struct {
	pace
	Ratio       number `json:"cpuOverBareLoop"`
	Bytes       number `json:"allocatedBytesPerLook"`
	Objects     number `json:"allocatedObjectsPerLook"`
	Requests    number `json:"apiServerRequests"` // but for reads of Secrets and renewed watches
	Writes      number `json:"apiServerWrites"`
	SecretReads number `json:"secretReads"`
	Watches     number `json:"renewedWatches"`
	APICPU      number `json:"apiServerCPUPerLook"` // beyond what it uses without an operator
	Tokens      int    `json:"tokenRequests"`
	Peak        number `json:"peakResident"` // since it was started again
	OwnPages    number `json:"residentOwn"`
	FilePages   number `json:"residentOfProgramFile"`
	LiveHeap    number `json:"liveHeap"`
	PerNumber   number `json:"liveHeapPerNumber"`
	Sockets     [2]int `json:"socketsAtBeginAndEnd"`
	Goroutines  [2]int `json:"goroutinesAtBeginAndEnd"`
}

// overload is the time when the budget is half of the demand.
type overload struct {
	Seconds    number `json:"seconds"`
	Looks      int    `json:"looks"`
	Edits      delays `json:"edits"`
	LongestGap number `json:"longestGap"`
	Overdue    number `json:"mostOverdueByGauge"`
}
