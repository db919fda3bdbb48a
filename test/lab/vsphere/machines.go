// Machines: whose a reference is, their tools, and the figures of what they are busy with.
package main

import (
	"bytes"
	"net/http"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

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

// furnish: what every machine has from the beginning.
func furnish() {
	mem := int32(512)
	for i, e := range simulator.Map.All("VirtualMachine") {
		vm := e.(*simulator.VirtualMachine)
		tools(vm, vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn)
		yes := true
		vm.Config.ChangeTrackingEnabled = &yes
		vm.Summary.QuickStats = types.VirtualMachineQuickStats{OverallCpuUsage: int32(100 + i*7), OverallCpuDemand: int32(120 + i*7), GuestMemoryUsage: mem / 4, HostMemoryUsage: mem, PrivateMemory: mem, UptimeSeconds: 3600, GuestHeartbeatStatus: types.ManagedEntityStatusGreen}
	}
}

// keepBusy: their figures go up and down for as long as the lab runs.
func keepBusy(start time.Time) {
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
