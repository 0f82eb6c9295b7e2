// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"testing"
)

const good = `
	// ConditionSynced answers "can the operator see?".
	//
	//	True     Observed
	//	False    AccessDenied, RequestRejected
	ConditionSynced = "Synced"

	// ConditionStalled tells that only a person can help.
	//
	//	True     the reason of Synced if that is False
	ConditionStalled = "Stalled"

	// ReasonObserved: the last look
	// succeeded.
	ReasonObserved = "Observed"
	// ReasonAccessDenied: the key is good, but may not see this number.
	ReasonAccessDenied = "AccessDenied"
	// ReasonRequestRejected: Sinch refuses the question.
	ReasonRequestRejected = "RequestRejected"
`

func TestReasonsKnowWhereTheyMayStand(t *testing.T) {
	conditions, reasons, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := conditions[1].Rows[0].Reasons, []string{"AccessDenied", "RequestRejected"}; !reflect.DeepEqual(got, want) {
		t.Errorf("Stalled borrows %q, want %q", got, want)
	}
	got := map[string]map[string][]string{}
	for _, r := range reasons {
		got[r.Value] = r.Places
	}
	want := map[string]map[string][]string{
		"Observed":        {"True": {"Synced"}},
		"AccessDenied":    {"False": {"Synced"}, "True": {"Stalled"}},
		"RequestRejected": {"False": {"Synced"}, "True": {"Stalled"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the reasons stand at %v, want %v", got, want)
	}
}

func TestACommentIsReadAfterTheName(t *testing.T) {
	conditions, reasons, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := conditions[0].Says, `answers "can the operator see?".`; got != want {
		t.Errorf("Synced says %q, want %q", got, want)
	}
	if got, want := cell(reasons[1].Says), "the last look succeeded."; got != want {
		t.Errorf("Observed says %q, want %q", got, want)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ added, want string }{
		"a constant without a comment": {
			`ReasonNew = "New"`,
			`ReasonNew has no comment that begins with its name and says what it means`,
		},
		"a comment for another constant": {
			"// ReasonOld: it was.\nReasonNew = \"New\"",
			`ReasonNew has no comment that begins with its name and says what it means`,
		},
		"a comment that says nothing": {
			"// ReasonNew:\nReasonNew = \"New\"",
			`ReasonNew has no comment that begins with its name and says what it means`,
		},
		"a constant that repeats another": {
			"// ReasonNew: it is.\nReasonNew",
			`ReasonNew must have a value of its own, in quotes`,
		},
		"a condition without a matrix": {
			"// ConditionNew is new.\nConditionNew = \"New\"",
			`ConditionNew has no matrix: its comment must list the reasons of each status, indented`,
		},
		"a matrix with a status of its own": {
			"// ConditionNew is new.\n//\n//\tMaybe  Observed\nConditionNew = \"New\"",
			`the matrix of ConditionNew: "Maybe  Observed" does not begin with True, False or Unknown`,
		},
		"a reason that no constant has": {
			"// ConditionNew is new.\n//\n//\tTrue  Observed, Imagined\nConditionNew = \"New\"",
			`a matrix names reasons that no constant has: Imagined`,
		},
		"a reason in no matrix": {
			"// ReasonNew: it is.\nReasonNew = \"New\"",
			`ReasonNew stands in no matrix: add it to that of its condition, or remove it`,
		},
		"a matrix that borrows from nowhere": {
			"// ConditionNew is new.\n//\n//\tTrue  the reason of Synced if that is Unknown\nConditionNew = \"New\"",
			`the matrix of ConditionNew: no condition above it is Synced and can be Unknown`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(good + test.added)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// read reads constants that stand in one group.
func read(group string) ([]condition, []reason, error) {
	constants, err := constantsIn("conditions.go", []byte("package v1alpha1\n\nconst (\n"+group+"\n)\n"))
	if err != nil {
		return nil, nil, err
	}
	conditions, err := conditionsOf(constants)
	if err != nil {
		return nil, nil, err
	}
	reasons, err := reasonsOf(constants, conditions)
	return conditions, reasons, err
}
