// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// keeper sees to it that nothing outlives the process that started a control plane. It is a shell at the end of a pipe:
// when the pipe closes, and even a killed process closes it, the shell ends the programs and removes their folder.
type keeper struct {
	dir   string
	pipe  io.Closer
	shell *exec.Cmd
}

const (
	// clean is what the shell does; $1 is the folder.
	clean = `read -r _
for pid in "$1"/*.pid; do
	[ -e "$pid" ] && kill -9 "$(cat "$pid")"
done
rm -rf "$1"`

	// launch starts a program under a process id that it has written down first.
	launch = `#!/bin/sh
echo $$ >"$0.pid"
exec "$0.program" "$@"
`
)

func newKeeper() (*keeper, error) {
	dir, err := os.MkdirTemp("", "controlplane-")
	if err != nil {
		return nil, err
	}
	shell := exec.Command("/bin/sh", "-c", clean, "keeper", dir)
	// In a process group of its own, so that Ctrl-C in the terminal does not end it before its work.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	return &keeper{dir: dir, pipe: pipe, shell: shell}, nil
}

// keep returns a path under which the program starts as one that the keeper ends.
func (k *keeper) keep(program string) (string, error) {
	path := filepath.Join(k.dir, filepath.Base(program))
	if err := os.Symlink(program, path+".program"); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte(launch), 0o700)
}

// folder makes a folder that the keeper removes, and returns its path.
func (k *keeper) folder(name string) (string, error) {
	path := filepath.Join(k.dir, name)
	return path, os.Mkdir(path, 0o700)
}

// release lets the keeper clean up now, and waits until it has.
func (k *keeper) release() error {
	return errors.Join(k.pipe.Close(), k.shell.Wait())
}
