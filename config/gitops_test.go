// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
	"github.com/activenumber-operator/activenumber-operator/internal/mirror"
)

func TestGitOps(t *testing.T) {
	c := newCluster(t)
	c.apply(t, "config/crd")
	awaitKind(t, c)
	if err := c.admin.Create(t.Context(), number("before")); err != nil {
		t.Fatal(err)
	}
	t.Run("a policy requires a declaration", func(t *testing.T) { requiredDeclaration(t, c) })
	for _, environment := range []string{"staging", "production"} {
		t.Run("a team's numbers in "+environment, func(t *testing.T) { teamsNumbers(t, c, environment) })
	}
	t.Run("Argo CD's health check", func(t *testing.T) { healthCheck(t, c) })
}

// awaitKind waits until the API server has taken the CRD up, which takes a moment.
func awaitKind(t *testing.T, c *cluster) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		last = c.admin.List(ctx, &v1alpha1.ActiveNumberList{})
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("there are no ActiveNumbers: %v, %v", err, last)
	}
}

// requiredDeclaration installs the policy while there is a number that does not obey it.
func requiredDeclaration(t *testing.T, c *cluster) {
	c.script(t, pageScript(t, c, "require-expected.yaml"))
	awaitRefusal(t, c)
	for name, expected := range map[string]*v1alpha1.Expected{
		"nothing declared":           nil,
		"no connection declared":     {Type: "LOCAL"},
		"only a campaign declared":   {SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{CampaignID: new("C1")}},
		"nothing but a name, unset":  {DisplayName: new("")},
		"an empty SMS configuration": {SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{}},
		"an empty voice connection":  {VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{}},
	} {
		refuses(t, c, "a number with "+name, create(declaring("refused", expected)))
	}
	refuses(t, c, "another spec of an older number", patchSpec(number("before")))
	mayAll(t, c.admin, map[string]attempt{
		"write an older number's status": patchStatus(number("before")),
		"ask for a look at it":           merge(number("before"), `{"metadata":{"annotations":{"numbers.sinch.com/poll-requested-at":"1"}}}`),
	})
	mayAll(t, c.admin, map[string]attempt{
		"declare a service plan":     create(declaring("sms", servicePlan("sp-1"))),
		"declare that there is none": create(declaring("none", servicePlan(""))),
		"declare a voice app":        create(declaring("voice", &v1alpha1.Expected{VoiceConfiguration: &v1alpha1.ExpectedVoiceConfiguration{AppID: new("app-1")}})),
		"make an older number obey":  merge(number("before"), `{"spec":{"expected":{"smsConfiguration":{"servicePlanId":"sp-1"}}}}`),
	})
	refuses(t, c, "to take a declaration back", merge(number("sms"), `{"spec":{"expected":null}}`))
	mayAll(t, c.admin, map[string]attempt{"delete a number": remove(number("sms"))})
}

func declaring(name string, expected *v1alpha1.Expected) *v1alpha1.ActiveNumber {
	object := number(name)
	object.Spec.Expected = expected
	return object
}

func servicePlan(id string) *v1alpha1.Expected {
	return &v1alpha1.Expected{SMSConfiguration: &v1alpha1.ExpectedSMSConfiguration{ServicePlanID: &id}}
}

func merge(object client.Object, body string) attempt {
	return func(ctx context.Context, c client.WithWatch) error { return c.Patch(ctx, object, patch(body)) }
}

func refuses(t *testing.T, c *cluster, what string, try attempt) {
	t.Helper()
	t.Run("refuses "+what, func(t *testing.T) {
		if err := try(t.Context(), c.admin); !refusedByPolicy(err) {
			t.Errorf("it is not refused, or not with the message: %v", err)
		}
	})
}

// awaitRefusal waits until the API server has taken the policy up, which takes a moment.
func awaitRefusal(t *testing.T, c *cluster) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		return refusedByPolicy(c.admin.Create(ctx, number("refused"), client.DryRunAll)), nil
	})
	if err != nil {
		t.Fatalf("the policy refuses nothing: %v", err)
	}
}

func refusedByPolicy(err error) bool {
	return apierrors.IsInvalid(err) && strings.Contains(err.Error(), "spec.expected must declare what the number is connected to")
}

// teamsNumbers applies what an engine would apply; the policy is in force.
func teamsNumbers(t *testing.T, c *cluster, environment string) {
	namespace := "telephony-" + environment
	c.kubectl(t, "create", "namespace", namespace)
	c.apply(t, "config/samples/gitops/team/overlays/"+environment, "--server-side", "--dry-run=server")
	c.apply(t, "config/samples/gitops/team/overlays/"+environment, "--server-side")
	var list v1alpha1.ActiveNumberList
	if err := c.admin.List(t.Context(), &list, client.InNamespace(namespace)); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, each := range list.Items {
		names = append(names, each.Name)
		if each.Spec.Expected.RegionCode != "US" || !strings.HasSuffix(*each.Spec.Expected.SMSConfiguration.ServicePlanID, environment) {
			t.Errorf("%s has %v, which is not of both the base and the overlay", each.Name, each.Spec.Expected)
		}
		if each.Name == "alerts" {
			mustNotRing(t, each.Spec.Expected.VoiceConfiguration)
		}
	}
	if want := []string{"alerts", "support"}; !slices.Equal(names, want) {
		t.Errorf("there are %s, want %s", names, want)
	}
}

// mustNotRing wants a declaration that nothing takes calls, whatever could.
func mustNotRing(t *testing.T, declared *v1alpha1.ExpectedVoiceConfiguration) {
	t.Helper()
	for _, voice := range []*v1alpha1.VoiceConfiguration{{AppID: "a"}, {Type: "EST", TrunkID: "t"}, {Type: "FAX", ServiceID: "s"}} {
		compared := mirror.Compare(&v1alpha1.Expected{VoiceConfiguration: declared}, &v1alpha1.Observed{VoiceConfiguration: voice})
		if len(mirror.Drift(compared)) == 0 {
			t.Errorf("a number may be connected to %v", *voice)
		}
	}
}

// healthCheck puts the script into Argo CD's ConfigMap in both ways that the page tells, and into nothing else.
func healthCheck(t *testing.T, c *cluster) {
	const key = "resource.customizations.health.numbers.sinch.com_ActiveNumber"
	script, err := os.ReadFile(filepath.Join(c.Root, "config", "argocd", "health.lua"))
	if err != nil {
		t.Fatal(err)
	}
	c.kubectl(t, "create", "namespace", "argocd")
	want := map[string]string{"url": "https://argocd.example.com", key: string(script)}
	for name, install := range map[string]func(*testing.T){
		"by a patch":     func(t *testing.T) { c.script(t, pageScript(t, c, "argocd-cm")) },
		"by a component": func(t *testing.T) { c.apply(t, argoWithComponent(t, c), "--server-side") },
	} {
		t.Run(name, func(t *testing.T) {
			c.kubectl(t, "create", "configmap", "argocd-cm", "-n", "argocd", "--from-literal=url="+want["url"])
			install(t)
			var got corev1.ConfigMap
			if err := c.admin.Get(t.Context(), client.ObjectKey{Namespace: "argocd", Name: "argocd-cm"}, &got); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got.Data, want) {
				t.Errorf("the ConfigMap holds %v", got.Data)
			}
			c.kubectl(t, "delete", "configmap", "argocd-cm", "-n", "argocd")
		})
	}
}

// argoWithComponent is a folder that deploys Argo CD's ConfigMap with the component.
func argoWithComponent(t *testing.T, c *cluster) string {
	t.Helper()
	folder := t.TempDir()
	component, err := filepath.Rel(folder, filepath.Join(c.Root, "config", "argocd"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"argocd-cm.yaml":     "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm}, data: {url: 'https://argocd.example.com'}}",
		"kustomization.yaml": "{namespace: argocd, resources: [argocd-cm.yaml], components: [" + component + "]}",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// pageScript is the one script of docs/gitops.md that has this word.
func pageScript(t *testing.T, c *cluster, word string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(c.Root, "docs", "gitops.md"))
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	for block := range strings.SplitSeq(string(page), "\n```sh\n") {
		if script, _, ended := strings.Cut(block, "\n```\n"); ended && strings.Contains(script, word) {
			scripts = append(scripts, script)
		}
	}
	if len(scripts) != 1 {
		t.Fatalf("docs/gitops.md has %d scripts with %s, want 1", len(scripts), word)
	}
	return scripts[0]
}

// script runs what a page tells people to type, in the root folder of the repository, as the administrator.
func (c *cluster) script(t *testing.T, text string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", text)
	command.Dir = c.Root
	path := filepath.Dir(c.KubectlPath) + string(os.PathListSeparator) + os.Getenv("PATH")
	command.Env = append(c.Kubectl(t.Context(), c.kubeconfig).Env, "PATH="+path)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
}
