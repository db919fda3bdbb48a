// What tests tell the lab and ask it under /lab/: faults, times, calls, machines, tools, sessions, leases.
package main

import (
	"encoding/json"
	"net/http"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
)

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
