// The OVF descriptor that an export ends with and an import begins with.
package main

import (
	"fmt"
	"net/http"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

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
