// Guests of machines: real programs in namespaces of their own, with a real file system as /data. 'guest' makes one; from outside
// it is made, looked into and taken away under /lab/guest.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// program: one that was started, for as long as the guest is there.
type program struct {
	pid   int64
	owner string
	line  string
	began time.Time
	ended time.Time
	code  int
	done  bool
}

type guest struct {
	dir      string
	init     *exec.Cmd
	mu       sync.Mutex
	programs map[int64]*program
}

type guests struct {
	f       *front
	dir     string
	busybox string // empty: there can be none
	script  string
	mu      sync.Mutex
	all     map[string]*guest // by machine
	files   map[string]file   // by token
	seq     int64
}

type file struct {
	guest *guest
	user  string
	path  string
}

var guestUsers = map[string]string{"root": "guest-passw0rd", "web": "web-passw0rd"}

func newGuests(f *front, dir, busybox, script string) *guests {
	return &guests{f: f, dir: filepath.Join(dir, "guests"), busybox: busybox, script: script, all: map[string]*guest{}, files: map[string]file{}}
}

// up: the machine's guest, made anew.
func (g *guests) up(vm string) (*guest, error) {
	g.down(vm)
	if g.busybox == "" {
		return nil, fmt.Errorf("no guests here: busybox-static could not be had, or nobody is root")
	}
	dir := filepath.Join(g.dir, fmt.Sprintf("%s-%d", vm, atomic.AddInt64(&g.seq, 1)))
	if err := os.MkdirAll(dir, 0755); err != nil {
		return nil, err
	}
	c := exec.Command("/bin/sh", g.script, dir, g.busybox)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC, Setsid: true}
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		return nil, err
	}
	defer said.Close()
	c.Stderr = said
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	x := &guest{dir: dir, init: c, programs: map[int64]*program{}}
	if strings.TrimSpace(line) != "ready" {
		x.end()
		why, _ := os.ReadFile(filepath.Join(dir, "said"))
		return nil, fmt.Errorf("the guest did not come up: %s", why)
	}
	// 'down' looks for these when this process is gone.
	_ = os.WriteFile(filepath.Join(dir, "pid"), []byte(strconv.Itoa(c.Process.Pid)), 0644)
	g.mu.Lock()
	g.all[vm] = x
	g.mu.Unlock()
	return x, nil
}

// down: as when the machine loses its power.
func (g *guests) down(vm string) {
	g.mu.Lock()
	x := g.all[vm]
	delete(g.all, vm)
	g.mu.Unlock()
	if x != nil {
		x.end()
	}
}

func (g *guests) downAll() {
	g.mu.Lock()
	var l []string
	for vm := range g.all {
		l = append(l, vm)
	}
	g.mu.Unlock()
	for _, vm := range l {
		g.down(vm)
	}
}

// end: a file system that stands still would outlive all who know of it.
func (x *guest) end() {
	thaw := x.command("root", "fsfreeze --unfreeze /data")
	_ = thaw.Run()
	_ = x.init.Process.Kill()
	_ = x.init.Wait()
	_ = os.RemoveAll(x.dir)
}

// command runs a shell line inside, with nothing of this process's own.
func (x *guest) command(user, line string) *exec.Cmd {
	id := "0"
	if user != "root" {
		id = "1000"
	}
	c := exec.Command("nsenter", "--target", strconv.Itoa(x.init.Process.Pid), "--mount", "--pid", "--uts", "--ipc", "--root", "--wd=/", "-S", id, "-G", id, "--", "/bin/sh", "-c", line)
	c.Env = []string{"PATH=/bin"}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

func (g *guests) find(vm string) *guest {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all[vm]
}

// control: POST {"ref":"vm-57"} makes a guest, DELETE takes it away; the answer tells how to look into it from outside.
func (g *guests) control(w http.ResponseWriter, r *http.Request) {
	var q struct{ Ref string }
	b, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(b, &q)
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodDelete {
		g.down(q.Ref)
		_ = json.NewEncoder(w).Encode(map[string]interface{}{})
		return
	}
	x, err := g.up(q.Ref)
	if err != nil {
		_ = json.NewEncoder(w).Encode(map[string]interface{}{"problem": err.Error()})
		return
	}
	// A clone knows nothing of tools before somebody says so.
	if vm := vmOf(types.ManagedObjectReference{Type: "VirtualMachine", Value: q.Ref}); vm != nil {
		simulator.Map.WithLock(vm, func() { tools(vm, true) })
	}
	_ = json.NewEncoder(w).Encode(map[string]interface{}{"pid": x.init.Process.Pid})
}
