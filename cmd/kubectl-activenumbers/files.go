// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/activenumber-operator/activenumber-operator/api/v1alpha1"
)

// manifestFiles is how the files of a folder end that are read, as kubectl has it.
var manifestFiles = []string{".json", ".yaml", ".yml"}

// files reads declarations from files and folders. It is as strict as the API server about fields, since a misspelled one
// declares nothing; objects of other kinds, and documents without a kind, are passed over.
type files struct {
	decoder   runtime.Decoder
	recursive bool
	in        io.Reader // what - stands for
	found     []declaration
}

func newFiles(recursive bool, in io.Reader) (*files, error) {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(schema.GroupVersionKind{Version: "v1", Kind: "List"}, &metav1.List{})
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	strict := json.SerializerOptions{Yaml: true, Strict: true}
	return &files{json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, strict), recursive, in, nil}, nil
}

// read reads a file, a folder, or standard input.
func (f *files) read(name string) error {
	if name == "-" {
		return f.documents("standard input", f.in)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return fmt.Errorf("-f: %w", err)
	case info.IsDir():
		return f.folder(name)
	}
	return f.file(name)
}

func (f *files) folder(path string) error {
	return fs.WalkDir(os.DirFS(path), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("-f: %w", err)
		case entry.IsDir() && name != "." && !f.recursive:
			return fs.SkipDir
		case entry.IsDir() || !slices.Contains(manifestFiles, filepath.Ext(name)):
			return nil
		}
		return f.file(filepath.Join(path, filepath.FromSlash(name)))
	})
}

func (f *files) file(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("-f: %w", err)
	}
	defer func() { _ = file.Close() }()
	return f.documents(path, file)
}

func (f *files) documents(from string, in io.Reader) error {
	for reader := yaml.NewYAMLReader(bufio.NewReader(in)); ; {
		text, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", from, err)
		}
		if err := f.document(from, text); err != nil {
			return err
		}
	}
}

// document reads one object, or a list of them.
func (f *files) document(from string, text []byte) error {
	object, kind, err := f.decoder.Decode(text, nil, nil)
	switch {
	case runtime.IsMissingKind(err), runtime.IsNotRegisteredError(err):
		return nil
	case runtime.IsMissingVersion(err):
		return fmt.Errorf("%s: an object of kind %s has no apiVersion", from, kind.Kind)
	case err != nil:
		return fmt.Errorf("%s: %s", from, withoutValues(err))
	}
	return f.take(from, object)
}

// quotedValues are what a parser repeats of a text.
var quotedValues = regexp.MustCompile("(?s)\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")

// withoutValues tells what is wrong without the values that are quoted: the text may be anything, a Secret too. A strict
// error quotes fields only.
func withoutValues(err error) string {
	if runtime.IsStrictDecodingError(err) {
		return err.Error()
	}
	return quotedValues.ReplaceAllString(err.Error(), `"..."`)
}

func (f *files) take(from string, object runtime.Object) error {
	switch object := object.(type) {
	case *v1alpha1.ActiveNumber:
		f.found = append(f.found, declaration{from + ": " + object.Name, object.Spec})
	case *v1alpha1.ActiveNumberList:
		for _, number := range object.Items {
			f.found = append(f.found, declaration{from + ": " + number.Name, number.Spec})
		}
	case *metav1.List:
		for _, item := range object.Items {
			if err := f.document(from, item.Raw); err != nil {
				return err
			}
		}
	}
	return nil
}
