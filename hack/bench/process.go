// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// grace is how long a process may take to end once it was asked to.
const grace = 15 * time.Second

// tick is the unit of processor time in /proc: a hundredth of a second on every Linux that Go runs on.
const tick = time.Second / 100

// process is a program that the bench runs beside itself.
type process struct {
	command *exec.Cmd
	ended   chan struct{} // closed when it has ended
	failure error         // how; nil if it ended in order
}

// launch starts a program in a process group of its own, so that Ctrl-C in the terminal reaches it through end only.
func launch(command *exec.Cmd) (*process, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, ended: make(chan struct{})}
	go func() {
		p.failure = command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// self prepares another process of this program, with the given arguments.
func self(arguments ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	command := exec.Command(program, arguments...)
	command.Stderr = os.Stderr
	return command, err
}

func (p *process) pid() int { return p.command.Process.Pid }

// end asks the process to end, and fails unless it ended in order.
func (p *process) end(ask func() error) error {
	if err := ask(); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, os.ErrClosed) {
		return err
	}
	select {
	case <-p.ended:
		return p.failure
	case <-time.After(grace):
		_ = p.command.Process.Kill() // it may end just now
		<-p.ended
		return fmt.Errorf("%s had not ended after %s: %w", filepath.Base(p.command.Path), grace, p.failure)
	}
}

// cpuTime is the processor time that a process has used since it began.
func cpuTime(pid int) (time.Duration, error) {
	fields, err := stat(pid)
	if err != nil {
		return 0, err
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// stat are the fields of /proc/PID/stat from the third on: the second is the program's name, which may hold anything.
func stat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	return statFields(string(text))
}

func statFields(text string) ([]string, error) {
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:])
	if len(fields) < 13 {
		return nil, fmt.Errorf("/proc/PID/stat reads %q", text)
	}
	return fields, nil
}

// memory is a figure of /proc/PID/status such as VmHWM, the most that was ever resident, in bytes.
func memory(pid int, name string) (number, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return statusBytes(string(text), name)
}

func statusBytes(text, name string) (number, error) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			kibibytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return number(kibibytes * kibibyte), err
		}
	}
	return 0, fmt.Errorf("/proc/PID/status has no %s", name)
}

// sockets counts the sockets that a process holds open.
func sockets(pid int) (int, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	count := 0
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "socket:") {
			count++
		}
	}
	return count, err
}

// childNamed finds the process that this one started from a program whose name begins so.
func childNamed(name string) (int, error) {
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	for _, command := range commands {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(command)))
		if err != nil {
			continue
		}
		text, err := os.ReadFile(command)
		program, _, _ := strings.Cut(string(text), "\x00")
		if err != nil || !strings.HasPrefix(filepath.Base(program), name) {
			continue
		}
		if fields, err := stat(pid); err == nil && fields[1] == strconv.Itoa(os.Getpid()) {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("there is no process %s", name)
}

// processor is the model of this machine's processor, "" if it does not say.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
