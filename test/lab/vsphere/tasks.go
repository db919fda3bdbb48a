// Tasks that take time, report progress, can be cancelled and fail on demand, around those of the simulator, which are over at
// once.
package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

var (
	faultRe = regexp.MustCompile(`xsi:type="(\w+)"`)
	retRe   = regexp.MustCompile(`<returnval type="Task"[^>]*>([^<]+)</returnval>`)
)

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
