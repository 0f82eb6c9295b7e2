// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// kustomizations are the names under which kustomize finds its file. It refuses to choose if there are two.
var kustomizations = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// folder is where an import goes. The files that it writes begin with a line that says so, and it replaces no others.
type folder struct {
	path string
	mark string
}

// openFolder refuses a folder that cannot take the import, before anybody is asked.
func openFolder(path, project string) (*folder, error) {
	f := &folder{path, "# Written by kubectl activenumbers import, for project " + project + ".\n"}
	if path == "" {
		return f, nil
	}
	for _, name := range kustomizations {
		if err := f.free(name); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// free says whether a file can be written: there is none, or it is of an earlier import of the same project.
func (f *folder) free(name string) error {
	text, err := os.ReadFile(filepath.Join(f.path, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--output-dir: %w", err)
	case !bytes.HasPrefix(text, []byte(f.mark)):
		return fmt.Errorf("--output-dir: %s is not of an earlier import of this project, and is not replaced: move it away, or choose another folder", filepath.Join(f.path, name))
	}
	return nil
}

// write writes all manifests, and the kustomization that lists them.
func (f *folder) write(manifests []manifest, streams genericiooptions.IOStreams) error {
	var names []string
	var files []manifest
	for _, each := range manifests {
		name := each.name + ".yaml"
		if err := f.free(name); err != nil {
			return err
		}
		names, files = append(names, name), append(files, manifest{name, each.text})
	}
	files = append(files, manifest{kustomizations[0], kustomization(names)})
	if err := os.MkdirAll(f.path, 0o755); err != nil { //nolint:gosec // manifests are for everybody who works here
		return fmt.Errorf("--output-dir: %w", err)
	}
	if err := f.replace(files); err != nil {
		return fmt.Errorf("--output-dir: %w", err)
	}
	say(streams.Out, "%s and %s written to %s", counted(len(names), "number"), kustomizations[0], f.path)
	return f.tellLeftOver(names, streams)
}

func kustomization(names []string) []byte {
	list := "resources: []\n"
	if len(names) > 0 {
		list = "resources:\n- " + strings.Join(names, "\n- ") + "\n"
	}
	return []byte("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + list)
}

// replace puts the files in their places, in this order, once all of them are complete under names that nobody looks for.
func (f *folder) replace(files []manifest) error {
	var temporary []string
	defer func() {
		for _, path := range temporary {
			_ = os.Remove(path) // it is gone already if all went well
		}
	}()
	for _, file := range files {
		path, err := f.temporary(file)
		temporary = append(temporary, path)
		if err != nil {
			return err
		}
	}
	for n, file := range files {
		if err := os.Rename(temporary[n], filepath.Join(f.path, file.name)); err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) temporary(of manifest) (string, error) {
	file, err := os.CreateTemp(f.path, "."+of.name+".*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(slices.Concat([]byte(f.mark), of.text))
	return file.Name(), errors.Join(err, file.Chmod(0o644), file.Close())
}

// tellLeftOver names the files of earlier imports whose numbers are gone.
func (f *folder) tellLeftOver(names []string, streams genericiooptions.IOStreams) error {
	present, err := os.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("--output-dir: %w", err)
	}
	for _, each := range present {
		name := each.Name()
		if strings.HasPrefix(name, namePrefix) && !slices.Contains(names, name) && f.free(name) == nil {
			say(streams.ErrOut, "%s is of a number that the project has no more: it is not listed any longer, and can be deleted", filepath.Join(f.path, name))
		}
	}
	return nil
}
