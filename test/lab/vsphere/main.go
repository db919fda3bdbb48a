// labvcenter: a vCenter to test against, made from govmomi's simulator package (Debian's
// golang-github-vmware-govmomi-dev, which ships the library without the vcsim and govc commands).
//
// On top of the simulator it adds what that version lacks and a backup plugin needs:
// tasks that take time, report progress and can be cancelled; snapshot power states, revert that
// really goes back; suspend's power-state rule; ExportVm/ExportSnapshot with an NFC lease that can be
// downloaded; QueryChangedDiskAreas; guest tools and quick statistics; and faults on demand (/lab/...).
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/namespace/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// rule: what goes wrong, for the next Times calls (0: always) of Method (empty: any) whose body holds Match.
type rule struct {
	Method  string `json:"method"`
	Match   string `json:"match"`
	Kind    string `json:"kind"` // fault (the call), task-fault (its task), http, drop (before the effect), drop-after, hang, hang-after, delay
	Fault   string `json:"fault"`
	Message string `json:"message"`
	Status  int    `json:"status"`
	DelayMs int    `json:"delayMs"`
	Times   int    `json:"times"`
	Skip    int    `json:"skip"` // calls let through first
	Hits    int    `json:"hits"`
	seen    int
}

type front struct {
	mux      http.Handler
	host     string
	thumb    string
	mu       sync.Mutex
	rules    []*rule
	calls    map[string]int
	log      []string
	taskMs   int
	cancel   map[string]bool
	leases   map[string]*lease
	diskMB   int
	leaseTTL time.Duration
	pieces   map[string]string // machine -> what becomes of its disks when a snapshot goes: "left", "stuck"
	disks    map[string][]byte // machine/file -> what was uploaded
	seq      int64
	active   int64
	maxAct   int64
	now      map[string]int
	most     map[string]int
	ended    map[string]bool
	cloning  sync.Mutex
	guests   *guests
}

const env = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
	`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>`

func esc(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

func sendFault(w http.ResponseWriter, name, msg string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, env, fmt.Sprintf(`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault>`, esc(msg), name, name, name))
}

func sendReturn(w http.ResponseWriter, method, inner string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(w, env, fmt.Sprintf(`<%sResponse xmlns="urn:vim25">%s</%sResponse>`, method, inner, method))
}

func sendRef(w http.ResponseWriter, method string, ref types.ManagedObjectReference) {
	sendReturn(w, method, fmt.Sprintf(`<returnval type="%s">%s</returnval>`, ref.Type, ref.Value))
}

// newFault makes a fault of a named vim25 type; unknown names give a MethodFault's closest, GenericVmConfigFault.
func newFault(name string) types.BaseMethodFault {
	if t, ok := types.TypeFunc()(name); ok {
		if f, ok := reflect.New(t).Interface().(types.BaseMethodFault); ok {
			return f
		}
	}
	return &types.GenericVmConfigFault{Reason: name}
}

func (f *front) match(method, body, kinds string) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !strings.Contains(kinds, r.Kind) || r.Method != "" && r.Method != method || r.Match != "" && !strings.Contains(body, r.Match) {
			continue
		}
		if r.Times > 0 && r.Hits >= r.Times {
			continue
		}
		if r.seen++; r.seen <= r.Skip {
			continue
		}
		r.Hits++
		c := *r
		return &c
	}
	return nil
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/lab/guest":
		f.guests.control(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab/"):
		f.control(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab-guest/"):
		f.guests.transfer(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab-nfc/"):
		f.download(w, r)
	case r.Method == http.MethodPost && (r.URL.Path == "/sdk" || strings.HasPrefix(r.URL.Path, "/sdk/")):
		f.sdk(w, r)
	default:
		f.mu.Lock()
		f.calls[r.Method+" "+r.URL.Path]++
		f.mu.Unlock()
		f.mux.ServeHTTP(w, r)
	}
}

// inner runs one request against the simulator and gives its answer.
func (f *front) inner(r *http.Request, body []byte) (rec *httptest.ResponseRecorder) {
	rec = httptest.NewRecorder()
	q := r.Clone(r.Context())
	q.Body = io.NopCloser(bytes.NewReader(body))
	defer func() { // a bug of the simulator's: a fault, as a real one would answer, and a line in the log
		if e := recover(); e != nil {
			fmt.Fprintf(os.Stderr, "simulator panic: %v\n%s\n", e, debug.Stack())
			rec = httptest.NewRecorder()
			sendFault(rec, "SystemError", fmt.Sprint("simulator: ", e))
		}
	}()
	f.mux.ServeHTTP(rec, q)
	return rec
}

func relay(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

var (
	bodyRe  = regexp.MustCompile(`(?s)<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)`)
	faultRe = regexp.MustCompile(`xsi:type="(\w+)"`)
	retRe   = regexp.MustCompile(`<returnval type="Task"[^>]*>([^<]+)</returnval>`)
)

func (f *front) sdk(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	name := "?"
	if m := bodyRe.FindSubmatch(body); m != nil {
		name = string(m[1])
	}
	f.sessions(r)
	n := atomic.AddInt64(&f.active, 1)
	defer atomic.AddInt64(&f.active, -1)
	defer func() {
		f.mu.Lock()
		f.now[name]--
		f.mu.Unlock()
	}()
	f.mu.Lock()
	if n > f.maxAct {
		f.maxAct = n
	}
	f.calls[name]++
	if f.now[name]++; f.now[name] > f.most[name] {
		f.most[name] = f.now[name]
	}
	if f.log = append(f.log, name); len(f.log) > 2000 {
		f.log = f.log[1000:]
	}
	f.mu.Unlock()

	if x := f.match(name, string(body), "fault http drop-after hang-after delay"); x != nil {
		if x.DelayMs > 0 {
			time.Sleep(time.Duration(x.DelayMs) * time.Millisecond)
		}
		switch x.Kind {
		case "fault":
			sendFault(w, x.Fault, x.Message)
			return
		case "http":
			if x.Status == 503 || x.Status == 429 {
				w.Header().Set("Retry-After", "1")
			}
			http.Error(w, x.Message, x.Status)
			return
		case "drop", "drop-after", "hang", "hang-after":
			if strings.HasSuffix(x.Kind, "-after") { // it takes effect, and nobody hears of it
				f.answer(httptest.NewRecorder(), r, body, name)
				f.mu.Lock()
				f.calls[x.Kind]++
				f.mu.Unlock()
			}
			if strings.HasPrefix(x.Kind, "hang") {
				<-r.Context().Done()
				return
			}
			if h, ok := w.(http.Hijacker); ok {
				if c, _, err := h.Hijack(); err == nil {
					if t, ok := c.(*tls.Conn); ok {
						if tc, ok := t.NetConn().(*net.TCPConn); ok {
							_ = tc.SetLinger(0)
						}
					}
					_ = c.Close()
				}
			}
			return
		}
	}
	if name == "WaitForUpdatesEx" { // the simulator goes on waiting for who has left
		rec, done := httptest.NewRecorder(), make(chan struct{})
		go func() {
			f.answer(rec, r, body, name)
			close(done)
		}()
		select {
		case <-done:
			relay(w, rec)
		case <-r.Context().Done():
		}
		return
	}
	f.answer(w, r, body, name)
}

// answer does what was asked, as far as the simulator lacks it here, else there.
func (f *front) answer(w http.ResponseWriter, r *http.Request, body []byte, name string) {
	m, err := simulator.UnmarshalBody(types.TypeFunc(), body)
	if err != nil {
		relay(w, f.inner(r, body))
		return
	}
	switch name {
	case "CancelTask":
		f.mu.Lock()
		f.cancel[m.This.Value] = true
		f.mu.Unlock()
		sendReturn(w, name, "")
	case "ExportVm", "ExportSnapshot":
		f.export(w, r, m, name)
	case "CreateDescriptor":
		if f.authed(w, r) {
			descriptor(w, m)
		}
	case "ImportVApp":
		f.imported(w, r, body, m)
	case "QueryPerfCounter":
		if f.authed(w, r) {
			counters(w, m)
		}
	case "QueryChangedDiskAreas":
		if f.authed(w, r) {
			f.changed(w, m)
		}
	default:
		if f.guests.operation(w, r, name, m, body) {
			return
		}
		if strings.HasSuffix(name, "_Task") {
			f.task(w, r, body, m, name)
			return
		}
		relay(w, f.inner(r, body))
	}
}

// sessions: a request of a session that was ended on demand goes on without it.
func (f *front) sessions(r *http.Request) {
	c, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended, known := f.ended[c.Value]; ended {
		r.Header.Del("Cookie")
	} else if !known {
		f.ended[c.Value] = false
	}
}

const currentTime = `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime></Body></Envelope>`

// authed answers with the simulator's own NotAuthenticated fault when the request has no live session.
func (f *front) authed(w http.ResponseWriter, r *http.Request) bool {
	rec := f.inner(r, []byte(currentTime))
	if rec.Code != http.StatusOK {
		relay(w, rec)
		return false
	}
	return true
}

func vmOf(ref types.ManagedObjectReference) *simulator.VirtualMachine {
	switch o := simulator.Map.Get(ref).(type) {
	case *simulator.VirtualMachine:
		return o
	case *simulator.VirtualMachineSnapshot:
		vm, _ := simulator.Map.Get(o.Vm).(*simulator.VirtualMachine)
		return vm
	}
	return nil
}

func findTree(l []types.VirtualMachineSnapshotTree, ref types.ManagedObjectReference) *types.VirtualMachineSnapshotTree {
	for i := range l {
		if l[i].Snapshot == ref {
			return &l[i]
		}
		if t := findTree(l[i].ChildSnapshotList, ref); t != nil {
			return t
		}
	}
	return nil
}

// before: rules of a real vCenter that the simulator does not keep. after: effects it leaves out.
func before(m *simulator.Method, name string) (types.BaseMethodFault, string) {
	vm := vmOf(m.This)
	if vm == nil {
		return nil, ""
	}
	st := vm.Runtime.PowerState
	if name == "SuspendVM_Task" && st != types.VirtualMachinePowerStatePoweredOn {
		return &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStateSuspended, ExistingState: st}, "The attempted operation cannot be performed in the current state (" + powerText(st) + ")."
	}
	if name == "RevertToSnapshot_Task" || name == "RemoveSnapshot_Task" {
		if vm.Snapshot == nil || findTree(vm.Snapshot.RootSnapshotList, m.This) == nil {
			return &types.NotFound{}, "The object or item referred to could not be found."
		}
	}
	return nil, ""
}

func powerText(s types.VirtualMachinePowerState) string {
	return map[types.VirtualMachinePowerState]string{"poweredOn": "Powered on", "poweredOff": "Powered off", "suspended": "Suspended"}[s]
}

func after(m *simulator.Method, name string, result types.AnyType) {
	vm := vmOf(m.This)
	if vm == nil {
		return
	}
	set := func(s types.VirtualMachinePowerState) {
		simulator.Map.Update(vm, []types.PropertyChange{{Name: "runtime.powerState", Val: s}, {Name: "summary.runtime.powerState", Val: s}})
	}
	back := func(ref types.ManagedObjectReference, keepOff *bool) {
		t := findTree(vm.Snapshot.RootSnapshotList, ref)
		s, _ := simulator.Map.Get(ref).(*simulator.VirtualMachineSnapshot)
		if t == nil || s == nil {
			return
		}
		c := s.Config
		simulator.Map.Update(vm, []types.PropertyChange{{Name: "config", Val: &c}})
		if st := t.State; keepOff != nil && *keepOff && st == types.VirtualMachinePowerStatePoweredOn {
			set(types.VirtualMachinePowerStatePoweredOff)
		} else {
			set(st)
		}
	}
	simulator.Map.WithLock(vm, func() {
		switch q := m.Body.(type) {
		case *types.CreateSnapshot_Task:
			ref, ok := result.(types.ManagedObjectReference)
			if !ok || vm.Snapshot == nil {
				return
			}
			if t := findTree(vm.Snapshot.RootSnapshotList, ref); t != nil {
				on := vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
				if on && !q.Memory {
					t.State = types.VirtualMachinePowerStatePoweredOff // as a real one: without memory it comes back powered off
				}
				t.Quiesced = q.Quiesce && on && !q.Memory && vm.Guest != nil && vm.Guest.ToolsRunningStatus == "guestToolsRunning"
				simulator.Map.Update(vm, []types.PropertyChange{{Name: "snapshot.rootSnapshotList", Val: vm.Snapshot.RootSnapshotList}})
			}
		case *types.RevertToSnapshot_Task:
			back(m.This, q.SuppressPowerOn)
		case *types.RevertToCurrentSnapshot_Task:
			if vm.Snapshot != nil && vm.Snapshot.CurrentSnapshot != nil {
				back(*vm.Snapshot.CurrentSnapshot, q.SuppressPowerOn)
			}
		}
	})
}

// removeSnapshot: the simulator's own panics when the current snapshot has no parent.
func removeSnapshot(ref types.ManagedObjectReference, children bool) {
	vm := vmOf(ref)
	simulator.Map.WithLock(vm, func() {
		gone := map[types.ManagedObjectReference]bool{}
		var parent *types.ManagedObjectReference
		var all func(l []types.VirtualMachineSnapshotTree)
		all = func(l []types.VirtualMachineSnapshotTree) {
			for i := range l {
				gone[l[i].Snapshot] = true
				all(l[i].ChildSnapshotList)
			}
		}
		var prune func(l []types.VirtualMachineSnapshotTree, p *types.ManagedObjectReference) []types.VirtualMachineSnapshotTree
		prune = func(l []types.VirtualMachineSnapshotTree, p *types.ManagedObjectReference) []types.VirtualMachineSnapshotTree {
			var o []types.VirtualMachineSnapshotTree
			for i := range l {
				t := l[i]
				if t.Snapshot != ref {
					self := t.Snapshot
					t.ChildSnapshotList = prune(t.ChildSnapshotList, &self)
					o = append(o, t)
					continue
				}
				parent, gone[ref] = p, true
				if children {
					all(t.ChildSnapshotList)
				} else {
					o = append(o, t.ChildSnapshotList...)
				}
			}
			return o
		}
		tree := prune(vm.Snapshot.RootSnapshotList, nil)
		cur := vm.Snapshot.CurrentSnapshot
		if cur != nil && gone[*cur] {
			cur = parent
		}
		var val interface{}
		if len(tree) > 0 {
			val = types.VirtualMachineSnapshotInfo{CurrentSnapshot: cur, RootSnapshotList: tree}
		}
		simulator.Map.Update(vm, []types.PropertyChange{{Name: "snapshot", Val: val}})
		if vm.Layout != nil {
			var o []types.VirtualMachineFileLayoutSnapshotLayout
			for _, x := range vm.Layout.Snapshot {
				if !gone[x.Key] {
					o = append(o, x)
				}
			}
			vm.Layout.Snapshot = o
		}
		if vm.LayoutEx != nil {
			var o []types.VirtualMachineFileLayoutExSnapshotLayout
			for _, x := range vm.LayoutEx.Snapshot {
				if !gone[x.Key] {
					o = append(o, x)
				}
			}
			vm.LayoutEx.Snapshot = o
		}
		for g := range gone {
			simulator.Map.Remove(g)
		}
	})
}

func (f *front) piecesOf(vm *simulator.VirtualMachine) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pieces[vm.Name]
}

func (f *front) inPieces(vm *simulator.VirtualMachine, are bool) {
	simulator.Map.WithLock(vm, func() {
		simulator.Map.Update(vm, []types.PropertyChange{{Name: "runtime.consolidationNeeded", Val: are}})
	})
}

// task: with no task time the simulator's own (already finished) task; else one that runs.
func (f *front) task(w http.ResponseWriter, r *http.Request, body []byte, m *simulator.Method, name string) {
	x := f.match(name, string(body), "task-fault")
	f.mu.Lock()
	ms := f.taskMs
	f.mu.Unlock()
	if x != nil && x.DelayMs > 0 {
		ms = x.DelayMs
	}
	pre, msg := before(m, name)
	if !f.authed(w, r) {
		return
	}
	if simulator.Map.Get(m.This) == nil {
		relay(w, f.inner(r, body))
		return
	}
	id := strings.ToLower(name[:1]) + strings.TrimSuffix(name[1:], "_Task")
	t := simulator.CreateTask(m.This, id, nil)
	up := func(c ...types.PropertyChange) { simulator.Map.WithLock(t, func() { simulator.Map.Update(t, c) }) }
	now := time.Now()
	t.Info.Cancelable = ms > 0
	if vm := vmOf(m.This); vm != nil {
		t.Info.EntityName = vm.Name
	}
	if e, ok := simulator.Map.Get(m.This).(mo.Entity); ok { // what it is busy with
		simulator.Map.WithLock(e, func() {
			recent := append(e.Entity().RecentTask[:len(e.Entity().RecentTask):len(e.Entity().RecentTask)], t.Self)
			if len(recent) > 5 {
				recent = recent[len(recent)-5:]
			}
			e.Entity().RecentTask = recent
		})
	}
	up(types.PropertyChange{Name: "info.startTime", Val: now}, types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateRunning})
	end := func(fault types.BaseMethodFault, text string, res types.AnyType) {
		c := []types.PropertyChange{{Name: "info.completeTime", Val: time.Now()}}
		if fault != nil {
			c = append(c, types.PropertyChange{Name: "info.error", Val: types.LocalizedMethodFault{Fault: fault, LocalizedMessage: text}}, types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateError})
		} else {
			c = append(c, types.PropertyChange{Name: "info.result", Val: res}, types.PropertyChange{Name: "info.progress", Val: int32(100)}, types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateSuccess})
		}
		up(c...)
	}
	run := func() {
		const steps = 10
		for i := 0; ms > 0 && i < steps; i++ {
			time.Sleep(time.Duration(ms) * time.Millisecond / steps)
			f.mu.Lock()
			c := f.cancel[t.Self.Value]
			f.mu.Unlock()
			if c {
				end(&types.RequestCanceled{}, "The task was canceled by a user.", nil)
				return
			}
			if x != nil && i == steps/2 {
				break
			}
			up(types.PropertyChange{Name: "info.progress", Val: int32((i + 1) * 100 / steps)})
		}
		switch {
		case x != nil:
			end(newFault(x.Fault), x.Message, nil)
			return
		case pre != nil:
			end(pre, msg, nil)
			return
		}
		if q, ok := m.Body.(*types.RemoveSnapshot_Task); ok {
			vm := vmOf(m.This)
			removeSnapshot(m.This, q.RemoveChildren)
			f.inPieces(vm, f.piecesOf(vm) != "")
			end(nil, "", nil)
			return
		}
		if name == "ConsolidateVMDisks_Task" { // the simulator has none
			if vm := vmOf(m.This); vm != nil {
				f.inPieces(vm, f.piecesOf(vm) == "stuck")
			}
			end(nil, "", nil)
			return
		}
		if name == "CloneVM_Task" { // the simulator's clones share the disks they are made from, and trip over each other
			f.cloning.Lock()
			defer f.cloning.Unlock()
		}
		rec := f.inner(r, body)
		g := retRe.FindSubmatch(rec.Body.Bytes())
		if rec.Code != http.StatusOK || g == nil {
			n := "SystemError"
			if q := faultRe.FindSubmatch(rec.Body.Bytes()); q != nil {
				n = string(q[1])
			}
			end(newFault(n), n, nil)
			return
		}
		ref := types.ManagedObjectReference{Type: "Task", Value: string(g[1])}
		it, ok := simulator.Map.Get(ref).(*simulator.Task)
		if !ok {
			end(&types.SystemError{Reason: "task lost"}, "task lost", nil)
			return
		}
		for it.Info.State == types.TaskInfoStateRunning || it.Info.State == types.TaskInfoStateQueued {
			time.Sleep(5 * time.Millisecond)
		}
		simulator.Map.Remove(ref)
		if it.Info.Error != nil {
			end(it.Info.Error.Fault, it.Info.Error.LocalizedMessage, nil)
			return
		}
		after(m, name, it.Info.Result)
		if name == "PowerOffVM_Task" || name == "ResetVM_Task" || name == "Destroy_Task" {
			f.guests.down(m.This.Value)
		}
		if vm := vmOf(m.This); vm != nil && name == "RevertToSnapshot_Task" { // its memory is gone
			f.guests.down(vm.Self.Value)
		}
		if vm := vmOf(m.This); vm != nil && (name == "PowerOnVM_Task" || name == "ResetVM_Task") { // the simulator keeps no such time
			simulator.Map.WithLock(vm, func() {
				simulator.Map.Update(vm, []types.PropertyChange{{Name: "runtime.bootTime", Val: time.Now()}})
			})
		}
		end(nil, "", it.Info.Result)
	}
	if ms > 0 {
		r = r.Clone(context.Background()) // the request ends before its task
		go run()
	} else {
		run()
	}
	sendRef(w, name, t.Self)
}

// ---- export and changed blocks ----

type lease struct {
	mo.HttpNfcLease
	f    *front
	vm   *simulator.VirtualMachine
	last time.Time
	ttl  time.Duration
}

func (l *lease) end(state types.HttpNfcLeaseState) {
	l.f.mu.Lock()
	delete(l.f.leases, l.Self.Value)
	l.f.mu.Unlock()
	simulator.Map.Update(l, []types.PropertyChange{{Name: "state", Val: state}})
}

func (l *lease) HttpNfcLeaseComplete(*types.HttpNfcLeaseComplete) soap.HasFault {
	l.end(types.HttpNfcLeaseStateDone)
	return &methods.HttpNfcLeaseCompleteBody{Res: new(types.HttpNfcLeaseCompleteResponse)}
}

func (l *lease) HttpNfcLeaseAbort(*types.HttpNfcLeaseAbort) soap.HasFault {
	l.end(types.HttpNfcLeaseStateDone)
	return &methods.HttpNfcLeaseAbortBody{Res: new(types.HttpNfcLeaseAbortResponse)}
}

func (l *lease) HttpNfcLeaseProgress(q *types.HttpNfcLeaseProgress) soap.HasFault {
	l.last = time.Now()
	simulator.Map.Update(l, []types.PropertyChange{{Name: "transferProgress", Val: q.Percent}})
	return &methods.HttpNfcLeaseProgressBody{Res: new(types.HttpNfcLeaseProgressResponse)}
}

func (f *front) export(w http.ResponseWriter, r *http.Request, m *simulator.Method, name string) {
	if !f.authed(w, r) {
		return
	}
	vm := vmOf(m.This)
	if vm == nil {
		sendFault(w, "ManagedObjectNotFound", "The object "+m.This.Value+" has already been deleted or has not been completely created")
		return
	}
	if name == "ExportVm" && vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		sendFault(w, "InvalidPowerState", "The attempted operation cannot be performed in the current state ("+powerText(vm.Runtime.PowerState)+").")
		return
	}
	l := f.lease(vm)
	for _, d := range vm.Config.Hardware.Device {
		if k, ok := d.(*types.VirtualDisk); ok {
			n := fmt.Sprintf("disk-%d.vmdk", k.Key)
			yes := true
			l.Info.DeviceUrl = append(l.Info.DeviceUrl, types.HttpNfcLeaseDeviceUrl{Key: fmt.Sprintf("/%s/VirtualDisk:%d", vm.Self.Value, k.Key), ImportKey: "", Url: "https://" + f.host + "/lab-nfc/" + l.Self.Value + "/" + n,
				SslThumbprint: f.thumb, Disk: &yes, TargetId: n, DatastoreKey: "", FileSize: f.sizeOf(vm, n)})
		}
	}
	f.open(l)
	sendRef(w, name, l.Self)
}

func (f *front) lease(vm *simulator.VirtualMachine) *lease {
	f.mu.Lock()
	l := &lease{f: f, vm: vm, last: time.Now(), ttl: f.leaseTTL}
	f.mu.Unlock()
	l.Self = types.ManagedObjectReference{Type: "HttpNfcLease", Value: fmt.Sprintf("lease-%d", atomic.AddInt64(&f.seq, 1))}
	l.State = types.HttpNfcLeaseStateInitializing
	l.Info = &types.HttpNfcLeaseInfo{Lease: l.Self, Entity: vm.Self, LeaseTimeout: int32(l.ttl / time.Second), TotalDiskCapacityInKB: int64(f.diskMB) * 1024}
	return l
}

func (f *front) sizeOf(vm *simulator.VirtualMachine, name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b, ok := f.disks[vm.Self.Value+"/"+name]; ok {
		return int64(len(b))
	}
	return int64(f.diskMB) << 20
}

// open: it is ready a moment later, and fails when nobody tells of progress.
func (f *front) open(l *lease) {
	simulator.Map.Put(l)
	f.mu.Lock()
	f.leases[l.Self.Value] = l
	f.mu.Unlock()
	go func() {
		time.Sleep(50 * time.Millisecond)
		simulator.Map.Update(l, []types.PropertyChange{{Name: "state", Val: types.HttpNfcLeaseStateReady}})
		for {
			time.Sleep(200 * time.Millisecond)
			f.mu.Lock()
			_, live := f.leases[l.Self.Value]
			f.mu.Unlock()
			if !live {
				return
			}
			if time.Since(l.last) > l.ttl {
				l.end(types.HttpNfcLeaseStateError)
				return
			}
		}
	}()
}

// imported: the simulator's own lease forgets what is uploaded, and belongs to its session alone.
func (f *front) imported(w http.ResponseWriter, r *http.Request, body []byte, m *simulator.Method) {
	rec := f.inner(r, body)
	q, _ := m.Body.(*types.ImportVApp)
	var spec *types.VirtualMachineImportSpec
	if q != nil {
		spec, _ = q.Spec.(*types.VirtualMachineImportSpec)
	}
	if rec.Code != http.StatusOK || spec == nil {
		relay(w, rec)
		return
	}
	var vm *simulator.VirtualMachine
	for _, e := range simulator.Map.All("VirtualMachine") {
		if v := e.(*simulator.VirtualMachine); v.Name == spec.ConfigSpec.Name {
			vm = v
		}
	}
	if vm == nil {
		sendFault(w, "SystemError", "the imported machine is not there")
		return
	}
	l := f.lease(vm)
	n := 0
	for _, d := range vm.Config.Hardware.Device {
		if k, ok := d.(*types.VirtualDisk); ok {
			yes := true
			file := fmt.Sprintf("disk-%d.vmdk", k.Key)
			// As a real one: the host is whoever was asked.
			l.Info.DeviceUrl = append(l.Info.DeviceUrl, types.HttpNfcLeaseDeviceUrl{Key: fmt.Sprintf("/%s/disk:%d", vm.Self.Value, n), ImportKey: fmt.Sprintf("/%s/disk:%d", vm.Name, n),
				Url: "https://*/lab-nfc/" + l.Self.Value + "/" + file, SslThumbprint: f.thumb, Disk: &yes, TargetId: file})
			n++
		}
	}
	f.open(l)
	sendRef(w, "ImportVApp", l.Self)
}

func (f *front) upload(w http.ResponseWriter, r *http.Request, l *lease, name string) {
	if x := f.match("nfc-upload", r.URL.Path, "http drop"); x != nil {
		if x.Kind == "http" {
			http.Error(w, x.Message, x.Status)
			return
		}
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
		return
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.disks[l.vm.Self.Value+"/"+name] = b
	f.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// descriptor: as much of an OVF as the simulator's own import reads.
func descriptor(w http.ResponseWriter, m *simulator.Method) {
	q, _ := m.Body.(*types.CreateDescriptor)
	var vm *simulator.VirtualMachine
	if q != nil {
		vm = vmOf(q.Obj)
	}
	if vm == nil {
		sendFault(w, "InvalidArgument", "A specified parameter was not correct: obj")
		return
	}
	var files, disks, items string
	for i, x := range q.Cdp.OvfFiles {
		files += fmt.Sprintf(`<File ovf:href="%s" ovf:id="file%d" ovf:size="%d"/>`, esc(x.Path), i, x.Size)
		disks += fmt.Sprintf(`<Disk ovf:capacity="%d" ovf:capacityAllocationUnits="byte" ovf:diskId="vmdisk%d" ovf:fileRef="file%d" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>`, x.Size, i, i)
		items += fmt.Sprintf(`<Item><rasd:AddressOnParent>%d</rasd:AddressOnParent><rasd:ElementName>Hard disk %d</rasd:ElementName><rasd:HostResource>ovf:/disk/vmdisk%d</rasd:HostResource><rasd:InstanceID>%d</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`, i, i+1, i, 10+i)
	}
	text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"><References>%s</References><DiskSection><Info>disks</Info>%s</DiskSection><VirtualSystem ovf:id="%s"><Info>a machine</Info><Name>%s</Name><VirtualHardwareSection><Info>hardware</Info><System><vssd:ElementName>hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System><Item><rasd:ElementName>cpu</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>%d</rasd:VirtualQuantity></Item><Item><rasd:ElementName>memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>%d</rasd:VirtualQuantity></Item><Item><rasd:ElementName>SCSI Controller</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>%s</VirtualHardwareSection></VirtualSystem></Envelope>`,
		files, disks, esc(vm.Name), esc(vm.Name), vm.Config.Hardware.NumCPU, vm.Config.Hardware.MemoryMB, items)
	sendReturn(w, "CreateDescriptor", "<returnval><ovfDescriptor>"+esc(text)+"</ovfDescriptor><includeImageFiles>false</includeImageFiles></returnval>")
}

// content: the same bytes for the same machine and size, so that a backup can be compared.
type content struct {
	h    [32]byte
	off  int64
	size int64
}

func (c *content) Read(p []byte) (int, error) {
	if c.off >= c.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && c.off < c.size {
		var b [40]byte
		copy(b[:], c.h[:])
		binary.BigEndian.PutUint64(b[32:], uint64(c.off/4096))
		s := sha256.Sum256(b[:])
		k := 4096 - int(c.off%4096)
		for i := 0; i < k && n < len(p) && c.off < c.size; i++ {
			p[n] = s[c.off%32]
			n++
			c.off++
		}
	}
	return n, nil
}

func (f *front) download(w http.ResponseWriter, r *http.Request) {
	p := strings.Split(r.URL.Path, "/")
	f.mu.Lock()
	f.calls["GET nfc"]++
	l := f.leases[p[2]]
	f.mu.Unlock()
	if l == nil || len(p) != 4 {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet {
		f.upload(w, r, l, p[3])
		return
	}
	x := f.match("nfc", r.URL.Path, "http drop delay")
	if x != nil && x.Kind == "http" {
		http.Error(w, x.Message, x.Status)
		return
	}
	size := f.sizeOf(l.vm, p[3])
	var src io.Reader = &content{h: sha256.Sum256([]byte(l.vm.Self.Value + p[3])), size: size}
	f.mu.Lock()
	if b, ok := f.disks[l.vm.Self.Value+"/"+p[3]]; ok {
		src = bytes.NewReader(b)
	}
	f.mu.Unlock()
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.Header().Set("Content-Type", "application/x-vnd.vmware-streamVmdk")
	if x != nil && x.Kind == "drop" { // half of it, then the connection goes
		_, _ = io.CopyN(w, src, size/2)
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
		return
	}
	for {
		if x != nil && x.DelayMs > 0 {
			time.Sleep(time.Duration(x.DelayMs) * time.Millisecond)
		}
		if _, err := io.CopyN(w, src, 256<<10); err != nil {
			return
		}
	}
}

// counters: the simulator's own QueryPerfCounter panics.
func counters(w http.ResponseWriter, m *simulator.Method) {
	q, _ := m.Body.(*types.QueryPerfCounter)
	pm, _ := simulator.Map.Get(m.This).(*simulator.PerformanceManager)
	if q == nil || pm == nil {
		sendFault(w, "ManagedObjectNotFound", "no such performance manager")
		return
	}
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	for _, id := range q.CounterId {
		hit := false
		for i := range pm.PerfCounter {
			if pm.PerfCounter[i].Key == id {
				hit = true
				_ = e.EncodeElement(pm.PerfCounter[i], xml.StartElement{Name: xml.Name{Local: "returnval"}})
			}
		}
		if !hit {
			sendFault(w, "InvalidArgument", "A specified parameter was not correct: counterId")
			return
		}
	}
	sendReturn(w, "QueryPerfCounter", b.String())
}

func (f *front) changed(w http.ResponseWriter, m *simulator.Method) {
	q, _ := m.Body.(*types.QueryChangedDiskAreas)
	size := int64(f.diskMB) << 20
	if q == nil || q.StartOffset >= size {
		sendFault(w, "InvalidArgument", "A specified parameter was not correct: startOffset")
		return
	}
	area := func(a, n int64) string {
		return fmt.Sprintf(`<changedArea><start>%d</start><length>%d</length></changedArea>`, a, n)
	}
	s := area(q.StartOffset, size-q.StartOffset)
	if q.ChangeId != "*" { // since an earlier change: one 64 KiB area in each MiB
		s = ""
		for o := q.StartOffset &^ (1<<20 - 1); o < size; o += 1 << 20 {
			if o >= q.StartOffset {
				s += area(o, 64<<10)
			}
		}
	}
	sendReturn(w, "QueryChangedDiskAreas", fmt.Sprintf(`<returnval><startOffset>%d</startOffset><length>%d</length>%s</returnval>`, q.StartOffset, size-q.StartOffset, s))
}

// ---- control ----

func (f *front) control(w http.ResponseWriter, r *http.Request) {
	out := func(v interface{}) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch strings.TrimPrefix(r.URL.Path, "/lab/") {
	case "faults":
		switch r.Method {
		case http.MethodPost:
			x := new(rule)
			if err := json.NewDecoder(r.Body).Decode(x); err != nil {
				http.Error(w, err.Error(), 400)
				return
			}
			f.rules = append(f.rules, x)
		case http.MethodDelete:
			f.rules = nil
		}
		out(f.rules)
	case "tasks": // POST {"ms":2000}
		var q struct{ Ms int }
		_ = json.NewDecoder(r.Body).Decode(&q)
		f.taskMs = q.Ms
		out(q)
	case "calls":
		c := map[string]int{}
		for k, v := range f.calls {
			c[k] = v
		}
		l := append([]string{}, f.log...)
		most := map[string]int{}
		for k, v := range f.most {
			most[k] = v
		}
		out(map[string]interface{}{"calls": c, "most": most, "log": l, "maxConcurrent": atomic.LoadInt64(&f.maxAct)})
		if r.Method == http.MethodDelete {
			f.calls, f.log, f.maxAct, f.most = map[string]int{}, nil, 0, map[string]int{}
		}
	case "vms":
		var l []map[string]interface{}
		for _, e := range simulator.Map.All("VirtualMachine") {
			vm := e.(*simulator.VirtualMachine)
			n := 0
			if vm.Snapshot != nil {
				n = count(vm.Snapshot.RootSnapshotList)
			}
			l = append(l, map[string]interface{}{"name": vm.Name, "ref": vm.Self.Value, "power": vm.Runtime.PowerState, "snapshots": n})
		}
		sort.Slice(l, func(i, j int) bool { return l[i]["name"].(string) < l[j]["name"].(string) })
		out(l)
	case "pieces": // POST {"name":"DC0_H0_VM0","as":"left"}, "stuck": no consolidation helps
		var q struct{ Name, As string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		f.pieces[q.Name] = q.As
		out(q)
	case "tools": // POST {"name":"DC0_H0_VM0","running":false}
		var q struct {
			Name    string
			Running bool
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		for _, e := range simulator.Map.All("VirtualMachine") {
			if vm := e.(*simulator.VirtualMachine); q.Name == "" || vm.Name == q.Name {
				tools(vm, q.Running)
			}
		}
		out(q)
	case "sessions": // POST: all that there are end, as when a vCenter is started anew
		for k := range f.ended {
			f.ended[k] = true
		}
		out(nil)
	case "leases": // POST {"ms":2000}: how long the next ones are kept of which nobody hears
		if r.Method == http.MethodPost {
			var q struct{ Ms int }
			_ = json.NewDecoder(r.Body).Decode(&q)
			f.leaseTTL = time.Duration(q.Ms) * time.Millisecond
		}
		l := []string{}
		for k := range f.leases {
			l = append(l, k)
		}
		out(l)
	default:
		http.NotFound(w, r)
	}
}

func count(l []types.VirtualMachineSnapshotTree) int {
	n := len(l)
	for i := range l {
		n += count(l[i].ChildSnapshotList)
	}
	return n
}

func tools(vm *simulator.VirtualMachine, on bool) {
	s, t, v := "guestToolsNotRunning", types.VirtualMachineToolsStatusToolsNotRunning, "notRunning"
	if on {
		s, t, v = "guestToolsRunning", types.VirtualMachineToolsStatusToolsOk, "running"
	}
	simulator.Map.Update(vm, []types.PropertyChange{
		{Name: "guest.toolsRunningStatus", Val: s}, {Name: "guest.toolsStatus", Val: t}, {Name: "guest.guestState", Val: v},
		{Name: "guest.toolsVersionStatus2", Val: "guestToolsCurrent"},
	})
}

func certificate(dir string) tls.Certificate {
	ck, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lab vCenter CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	cd, err := x509.CreateCertificate(rand.Reader, ca, ca, &ck.PublicKey, ck)
	fatal(err)
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, DNSNames: []string{"localhost", "vcenter.lab"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	sd, err := x509.CreateCertificate(rand.Reader, s, ca, &k.PublicKey, ck)
	fatal(err)
	fatal(os.WriteFile(dir+"/ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cd}), 0644))
	return tls.Certificate{Certificate: [][]byte{sd}, PrivateKey: k}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "labvcenter:", err)
		os.Exit(1)
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8989", "address")
	user := flag.String("user", "administrator@vsphere.local", "user")
	pass := flag.String("pass", "lab-password", "password")
	dir := flag.String("dir", ".", "folder for ca.pem and the datastores")
	model := simulator.VPX()
	flag.IntVar(&model.Machine, "vm", 2, "virtual machines in each resource pool (one standalone host, one cluster)")
	flag.IntVar(&model.Datacenter, "dc", 1, "datacenters")
	flag.IntVar(&model.ClusterHost, "hosts", 3, "hosts in the cluster")
	flag.IntVar(&model.Datastore, "ds", 1, "datastores")
	idle := flag.Duration("session-idle", 0, "a session unused this long ends (0: never)")
	taskMs := flag.Int("task-ms", 0, "time each task takes (0: finished at once)")
	callMs := flag.Int("delay-ms", 0, "time each call takes")
	diskMB := flag.Int("disk-mb", 4, "size of an exported disk")
	busybox := flag.String("busybox", "", "of guests in which programs run (empty: there are none)")
	guestScript := flag.String("guest-script", "guest", "what makes a guest")
	ttl := flag.Duration("lease-timeout", 300*time.Second, "an export lease with no progress call this long fails")
	flag.Parse()
	if os.Getenv("LAB_LOG") == "" {
		log.SetOutput(io.Discard)
	}
	simulator.SessionIdleTimeout = *idle
	model.DelayConfig.Delay = *callMs
	fatal(model.Create())
	crt := certificate(*dir)
	sum := sha1.Sum(crt.Certificate[0])
	hex := make([]string, len(sum))
	for i, b := range sum {
		hex[i] = fmt.Sprintf("%02X", b)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{crt}}
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*user, *pass)}
	model.Service.RegisterEndpoints = true
	mem := int32(512)
	for i, e := range simulator.Map.All("VirtualMachine") {
		vm := e.(*simulator.VirtualMachine)
		tools(vm, vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn)
		yes := true
		vm.Config.ChangeTrackingEnabled = &yes
		vm.Summary.QuickStats = types.VirtualMachineQuickStats{OverallCpuUsage: int32(100 + i*7), OverallCpuDemand: int32(120 + i*7), GuestMemoryUsage: mem / 4, HostMemoryUsage: mem, PrivateMemory: mem, UptimeSeconds: 3600, GuestHeartbeatStatus: types.ManagedEntityStatusGreen}
	}
	srv := model.Service.NewServer()
	f := &front{mux: model.Service.ServeMux, host: srv.URL.Host, thumb: strings.Join(hex, ":"), calls: map[string]int{}, now: map[string]int{}, most: map[string]int{}, ended: map[string]bool{}, cancel: map[string]bool{}, leases: map[string]*lease{}, disks: map[string][]byte{}, pieces: map[string]string{}, taskMs: *taskMs, diskMB: *diskMB, leaseTTL: *ttl}
	f.guests = newGuests(f, *dir, *busybox, *guestScript)
	srv.Server.Config.Handler = f
	guests := "yes"
	if _, err := f.guests.up("none"); err != nil {
		guests = strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	}
	f.guests.down("none")
	fmt.Printf("guests=%s\n", guests)
	fmt.Printf("url=https://%s/sdk\nuser=%s\npassword=%s\nthumbprint=%s\nca=%s/ca.pem\npid=%s\n", srv.URL.Host, *user, *pass, f.thumb, *dir, strconv.Itoa(os.Getpid()))
	_ = os.Stdout.Sync()
	start := time.Now()
	go func() {
		for range time.Tick(2 * time.Second) {
			for i, e := range simulator.Map.All("VirtualMachine") {
				vm, ok := e.(*simulator.VirtualMachine)
				if !ok || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
					continue
				}
				simulator.Map.WithLock(vm, func() {
					vm.Summary.QuickStats.OverallCpuUsage = int32(100 + (i*37+int(time.Since(start).Seconds())*13)%400)
					vm.Summary.QuickStats.UptimeSeconds = int32(3600 + time.Since(start).Seconds())
				})
			}
		}
	}()
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	<-c
	f.guests.downAll()
	model.Remove()
}
