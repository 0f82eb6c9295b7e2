// SPDX-License-Identifier: Apache-2.0

package engines_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// health is what Argo CD takes from a health check.
type health struct{ status, message string }

// argoHealth runs the health check as Argo CD does: with the object in the global obj, for a second at most. A script in
// argocd-cm finds the libraries package, base and table there (and two functions of os, which this one does without), a
// script that is part of Argo CD finds all. Both must say the same.
func argoHealth(t *testing.T, number *unstructured.Unstructured) health {
	t.Helper()
	script := contents(t, "../../config/argocd/health.lua")
	sandboxed, builtIn := runLua(t, string(script), number.Object, false), runLua(t, string(script), number.Object, true)
	if sandboxed != builtIn {
		t.Errorf("in argocd-cm the health check says %v, as part of Argo CD %v", sandboxed, builtIn)
	}
	return sandboxed
}

func runLua(t *testing.T, script string, object map[string]any, allLibraries bool) health {
	t.Helper()
	l := lua.NewState(lua.Options{SkipOpenLibs: !allLibraries})
	defer l.Close()
	if !allLibraries {
		openFew(t, l)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	l.SetContext(ctx)
	l.SetGlobal("obj", luaValue(t, l, object))
	if err := l.DoString(script); err != nil {
		t.Fatal(err)
	}
	result, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the health check returns a %s", l.Get(-1).Type())
	}
	return health{lua.LVAsString(result.RawGetString("status")), lua.LVAsString(result.RawGetString("message"))}
}

func openFew(t *testing.T, l *lua.LState) {
	t.Helper()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage},
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
	} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(library.open), Protect: true}, lua.LString(library.name)); err != nil {
			t.Fatal(err)
		}
	}
}

// luaValue is a value of an object as Lua sees it: null is as if it were not there.
func luaValue(t *testing.T, l *lua.LState, value any) lua.LValue {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return lua.LNil
	case bool:
		return lua.LBool(value)
	case string:
		return lua.LString(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case []any:
		list := l.NewTable()
		for _, item := range value {
			list.Append(luaValue(t, l, item))
		}
		return list
	case map[string]any:
		table := l.NewTable()
		for key, item := range value {
			table.RawSetString(key, luaValue(t, l, item))
		}
		return table
	}
	t.Fatalf("an object cannot hold a %T", value)
	return nil
}

func TestTheHealthCheckBearsWhatIsMissing(t *testing.T) {
	tests := map[string]map[string]any{
		"everything":            {},
		"metadata and status":   {"spec": map[string]any{"suspend": false}},
		"the status":            {"metadata": map[string]any{"generation": int64(1)}, "spec": map[string]any{}},
		"the status, being nil": {"metadata": map[string]any{"generation": int64(1)}, "status": nil},
		"the conditions": {
			"metadata": map[string]any{"generation": int64(1)}, "status": map[string]any{"observedGeneration": int64(1)},
		},
		"all of a condition": {"status": map[string]any{"conditions": []any{map[string]any{}}}},
		"all but the status of a condition": {
			"status": map[string]any{"conditions": []any{map[string]any{"status": "True"}}},
		},
		"the message of a condition": {
			"status": map[string]any{"conditions": []any{map[string]any{"type": "Reconciling", "status": "True"}}},
		},
	}
	for name, object := range tests {
		t.Run(name, func(t *testing.T) {
			got := argoHealth(t, &unstructured.Unstructured{Object: object})
			if got.status != "Progressing" || got.message == "" {
				t.Errorf("says %v", got)
			}
		})
	}
}

// application has those fields of Argo CD's kind that the sample uses. The type itself would take all of Argo CD, and
// its dependencies, so this proves no more than that the sample says what was meant.
type application struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Project string `json:"project"`
		Source  struct {
			RepoURL        string `json:"repoURL"`
			TargetRevision string `json:"targetRevision"`
			Path           string `json:"path"`
		} `json:"source"`
		Destination struct {
			Server    string `json:"server"`
			Namespace string `json:"namespace"`
		} `json:"destination"`
		SyncPolicy struct {
			Automated struct {
				Prune    bool `json:"prune"`
				SelfHeal bool `json:"selfHeal"`
			} `json:"automated"`
		} `json:"syncPolicy"`
	} `json:"spec"`
}

func TestTheArgoSampleFitsTogether(t *testing.T) {
	var app application
	read(t, filepath.Join(gitops, "argocd", "application.yaml"), &app)
	if app.APIVersion != "argoproj.io/v1alpha1" || app.Kind != "Application" {
		t.Errorf("it is a %s of %s", app.Kind, app.APIVersion)
	}
	hasKustomization(t, app.Spec.Source.Path)
	var overlay struct {
		Namespace string `json:"namespace"`
	}
	readSome(t, filepath.Join(gitops, "team", app.Spec.Source.Path, "kustomization.yaml"), &overlay)
	if app.Spec.Destination.Namespace != overlay.Namespace {
		t.Errorf("it deploys to %s what belongs to %s", app.Spec.Destination.Namespace, overlay.Namespace)
	}
	source, _ := fluxSample(t)
	if app.Spec.Source.RepoURL != source.Spec.URL {
		t.Errorf("it deploys from %s, Flux from %s", app.Spec.Source.RepoURL, source.Spec.URL)
	}
}
