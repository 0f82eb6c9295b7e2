// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// suggestions are what to try from another terminal, and how.
func (c *cluster) suggestions(operator *operator) string {
	return fmt.Sprintf(`
The demo stays until Ctrl-C, and prints every change. There is an API server here, and no node: the operator runs as a
process beside it. To look, edit and delete from another terminal:

  export KUBECONFIG=%q PATH=%q:"$PATH"

  # all that is known; what failed and what to do; what happened
  kubectl get activenumbers -A -o wide
  kubectl describe activenumber -n telephony marketing-us
  kubectl events -n telephony

  # the metrics that alerts are made of
  curl -s %s | grep activenumber_

  # look at a number now
  kubectl annotate --overwrite activenumber -n telephony support-us %s="$(date)"

  # resume a number, correct a key (which is tried once a minute), delete a number, declare all again (and hotline-us
  # as wrong as it was at first)
  kubectl patch activenumber -n telephony seasonal-us --type=merge -p '{"spec":{"suspend":false}}'
  kubectl patch secret -n trial sinch-credentials -p '{"stringData":{"%s":"%s"}}'
  kubectl delete activenumber -n telephony retired-us
  kubectl apply -k %q
`, c.admin, filepath.Dir(c.plane.KubectlPath), operator.metrics, v1alpha1.PollRequestedAtAnnotation, v1alpha1.SecretKeySecret, keySecret,
		filepath.Join(c.plane.Root, "config", "samples"))
}
