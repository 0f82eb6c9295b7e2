// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// errNoPrograms is what a newcomer reads who runs go test before make.
var errNoPrograms = errors.New("etcd, kube-apiserver and kubectl are not here yet: run `make controlplane` once, " +
	"or set KUBEBUILDER_ASSETS to the folder that holds them")

// findRoot returns the nearest folder above the current one that holds a go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("this is not run inside the repository: no folder above this one has a go.mod")
		}
		dir = parent
	}
	return dir, nil
}

// findPrograms returns the folder of the control plane's programs: the one that KUBEBUILDER_ASSETS names, else the one
// that hack/controlplane/ensure.sh prepared last.
func findPrograms(root string) (string, error) {
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		if !holdsPrograms(dir) {
			return "", fmt.Errorf("KUBEBUILDER_ASSETS is %s, which lacks etcd, kube-apiserver or kubectl: "+
				"correct it, or unset it and run `make controlplane`", dir)
		}
		return filepath.Abs(dir)
	}
	dirs, err := filepath.Glob(filepath.Join(root, ".cache", "controlplane", "*"))
	if err != nil {
		return "", err
	}
	var newest string
	var made time.Time
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && holdsPrograms(dir) && info.ModTime().After(made) {
			newest, made = dir, info.ModTime()
		}
	}
	if newest == "" {
		return "", errNoPrograms
	}
	return newest, nil
}

func holdsPrograms(dir string) bool {
	return exists(filepath.Join(dir, "etcd")) &&
		exists(filepath.Join(dir, "kube-apiserver")) &&
		exists(filepath.Join(dir, "kubectl"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
