// Power states as a real vCenter has them, where the simulator differs: what a state forbids, and in which one a machine is after
// a snapshot or on its way back to one.
package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

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
