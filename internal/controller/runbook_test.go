// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestTheRunbookSaysOfEveryErrorCodeWhatItsConditionSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/runbooks/ActiveNumberProvisioningFailed.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for code, says := range errorCodes {
		if section := "### " + code + "\n\nSays the condition: " + says + ".\n"; !strings.Contains(text, section) {
			t.Errorf("the runbook lacks this section:\n%s", section)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)^### ([A-Z0-9_]+)$`).FindAllStringSubmatch(text, -1) {
		if _, known := errorCodes[found[1]]; !known && found[1] != "ERROR_CODE_UNSPECIFIED" {
			t.Errorf("the runbook is about %s, which errorcodes.go does not know", found[1])
		}
	}
	if !strings.Contains(text, undocumented) {
		t.Errorf("the runbook does not say of other codes: %s", undocumented)
	}
}
