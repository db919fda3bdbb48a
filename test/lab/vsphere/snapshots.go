// Trees of snapshots: where one stands in them, how one goes, and the pieces of disks that may be left of it.
package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

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

func count(l []types.VirtualMachineSnapshotTree) int {
	n := len(l)
	for i := range l {
		n += count(l[i].ChildSnapshotList)
	}
	return n
}
