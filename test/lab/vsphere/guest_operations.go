// The guest operations of a vCenter: start a program, list, end one, fetch and send files, under users of the guest.
package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// enter: who asks may work in the guest, or a fault is sent as a real one's.
func (g *guests) enter(w http.ResponseWriter, r *http.Request, ref types.ManagedObjectReference, auth types.BaseGuestAuthentication) (*guest, string) {
	if !g.f.authed(w, r) {
		return nil, ""
	}
	vm := vmOf(ref)
	if vm == nil {
		sendFault(w, "ManagedObjectNotFound", "The object "+ref.Value+" has already been deleted or has not been completely created")
		return nil, ""
	}
	if st := vm.Runtime.PowerState; st != types.VirtualMachinePowerStatePoweredOn {
		sendFault(w, "InvalidPowerState", "The attempted operation cannot be performed in the current state ("+powerText(st)+").")
		return nil, ""
	}
	x := g.find(ref.Value)
	if x == nil || vm.Guest == nil || vm.Guest.ToolsRunningStatus != "guestToolsRunning" {
		sendFault(w, "GuestOperationsUnavailable", "The guest operations agent could not be contacted.")
		return nil, ""
	}
	p, ok := auth.(*types.NamePasswordAuthentication)
	if !ok || guestUsers[p.Username] == "" || guestUsers[p.Username] != p.Password {
		sendFault(w, "InvalidGuestLogin", "Failed to authenticate with the guest operating system using the supplied credentials.")
		return nil, ""
	}
	return x, p.Username
}

// operation does one of the guest's; false: it is none.
func (g *guests) operation(w http.ResponseWriter, r *http.Request, name string, m *simulator.Method, body []byte) bool {
	switch q := m.Body.(type) {
	case *types.StartProgramInGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			g.start(w, x, user, q.Spec.GetGuestProgramSpec(), body)
		}
	case *types.ListProcessesInGuest:
		if x, _ := g.enter(w, r, q.Vm, q.Auth); x != nil {
			x.list(w, q.Pids)
		}
	case *types.TerminateProcessInGuest:
		if x, _ := g.enter(w, r, q.Vm, q.Auth); x != nil {
			x.mu.Lock()
			p := x.programs[q.Pid]
			x.mu.Unlock()
			if p == nil || p.done {
				sendFault(w, "GuestProcessNotFound", "The process was not found.")
			} else {
				_ = syscall.Kill(-int(q.Pid), syscall.SIGKILL)
				sendReturn(w, name, "")
			}
		}
	case *types.ReadEnvironmentVariableInGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			out, _ := x.command(user, "env").Output()
			var l string
			for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
				l += "<returnval>" + esc(line) + "</returnval>"
			}
			sendReturn(w, name, l)
		}
	case *types.InitiateFileTransferFromGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			out, err := x.command(user, "stat -c %s "+quoted(q.GuestFilePath)+" && [ -r "+quoted(q.GuestFilePath)+" ]").Output()
			if err != nil {
				sendFault(w, "FileNotFound", "File "+q.GuestFilePath+" was not found")
				return true
			}
			sendReturn(w, name, fmt.Sprintf(`<returnval><attributes xsi:type="GuestPosixFileAttributes"></attributes><size>%s</size><url>%s</url></returnval>`, strings.TrimSpace(string(out)), g.address(x, user, q.GuestFilePath)))
		}
	case *types.InitiateFileTransferToGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			sendReturn(w, name, "<returnval>"+g.address(x, user, q.GuestFilePath)+"</returnval>")
		}
	case *types.DeleteFileInGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			done(w, name, x.command(user, "rm "+quoted(q.FilePath)), q.FilePath)
		}
	case *types.DeleteDirectoryInGuest:
		if x, user := g.enter(w, r, q.Vm, q.Auth); x != nil {
			how := "rmdir "
			if q.Recursive {
				how = "[ -d " + quoted(q.DirectoryPath) + " ] && rm -r "
			}
			done(w, name, x.command(user, how+quoted(q.DirectoryPath)), q.DirectoryPath)
		}
	default:
		return false
	}
	return true
}

func done(w http.ResponseWriter, name string, c *exec.Cmd, path string) {
	if c.Run() != nil {
		sendFault(w, "FileNotFound", "File "+path+" was not found")
		return
	}
	sendReturn(w, name, "")
}

// start: as the tools do it, by a shell. One that is to be stuck never ends by itself.
func (g *guests) start(w http.ResponseWriter, x *guest, user string, spec *types.GuestProgramSpec, body []byte) {
	line := `"` + spec.ProgramPath + `" ` + spec.Arguments
	if g.f.match("StartProgramInGuest", string(body), "stuck") != nil {
		line = "exec sleep 100000"
	}
	c := x.command(user, line)
	c.Env = append(c.Env, spec.EnvVariables...)
	if err := c.Start(); err != nil {
		sendFault(w, "GuestOperationsFault", err.Error())
		return
	}
	p := &program{pid: int64(c.Process.Pid), owner: user, line: spec.ProgramPath, began: time.Now()}
	x.mu.Lock()
	x.programs[p.pid] = p
	x.mu.Unlock()
	go func() {
		err := c.Wait()
		x.mu.Lock()
		defer x.mu.Unlock()
		p.done, p.ended = true, time.Now()
		if e, ok := err.(*exec.ExitError); ok {
			p.code = e.ExitCode()
		} else if err != nil {
			p.code = -1
		}
	}()
	sendReturn(w, "StartProgramInGuest", fmt.Sprintf("<returnval>%d</returnval>", p.pid))
}

func (x *guest) list(w http.ResponseWriter, pids []int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var l string
	for _, pid := range pids {
		p := x.programs[pid]
		if p == nil {
			continue
		}
		end := ""
		if p.done {
			end = fmt.Sprintf("<endTime>%s</endTime><exitCode>%d</exitCode>", p.ended.UTC().Format(time.RFC3339Nano), p.code)
		}
		l += fmt.Sprintf("<returnval><name>sh</name><pid>%d</pid><owner>%s</owner><cmdLine>%s</cmdLine><startTime>%s</startTime>%s</returnval>", p.pid, p.owner, esc(p.line), p.began.UTC().Format(time.RFC3339Nano), end)
	}
	sendReturn(w, "ListProcessesInGuest", l)
}

// address: the host is whoever was asked, as with leases.
func (g *guests) address(x *guest, user, path string) string {
	token := fmt.Sprintf("token-%d-%d", time.Now().UnixNano(), atomic.AddInt64(&g.seq, 1))
	g.mu.Lock()
	g.files[token] = file{guest: x, user: user, path: path}
	g.mu.Unlock()
	return esc("https://*/lab-guest/" + token)
}

// transfer: bytes of a file, once for each address.
func (g *guests) transfer(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.URL.Path, "/lab-guest/")
	g.mu.Lock()
	at, ok := g.files[token]
	delete(g.files, token)
	g.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	if x := g.f.match("guest-file", at.path, "http drop"); x != nil {
		if x.Kind == "http" {
			http.Error(w, x.Message, x.Status)
			return
		}
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
		return
	}
	if r.Method == http.MethodPut {
		c := at.guest.command(at.user, "umask 077; cat >"+quoted(at.path))
		c.Stdin = r.Body
		if c.Run() != nil {
			http.Error(w, "it cannot be written", 500)
		}
		return
	}
	out, err := at.guest.command(at.user, "cat "+quoted(at.path)).Output()
	if err != nil {
		http.Error(w, "it cannot be read", 500)
		return
	}
	_, _ = w.Write(out)
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
