// Leases of exports and imports: ready a moment later, and gone when nobody tells of progress.
package main

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

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
