// Procedures of networks.
import { dhcpLease, network } from '../structs.ts'
import { i32, list, nullable, str, u32, uuid } from '../xdr.ts'
import { change, flags, listed, needResults, read, slowChange } from './declare.ts'

const net = network

export const networkProcedures = {
  CONNECT_LIST_ALL_NETWORKS: read(283, { needResults, flags }, listed('nets', network)),
  NETWORK_LOOKUP_BY_NAME: read(46, { name: str }, { net }),
  NETWORK_LOOKUP_BY_UUID: read(47, { uuid }, { net }),
  NETWORK_GET_XML_DESC: read(43, { net, flags }, { xml: str }),
  NETWORK_DEFINE_XML: change(41, { xml: str }, { net }),
  NETWORK_DEFINE_XML_FLAGS: change(432, { xml: str, flags }, { net }),
  NETWORK_CREATE_XML: slowChange(40, { xml: str }, { net }),
  NETWORK_CREATE_XML_FLAGS: slowChange(437, { xml: str, flags }, { net }),
  NETWORK_CREATE: slowChange(39, { net }),
  NETWORK_DESTROY: slowChange(42, { net }),
  NETWORK_UNDEFINE: change(49, { net }),
  NETWORK_IS_ACTIVE: read(152, { net }, { active: i32 }),
  NETWORK_IS_PERSISTENT: read(153, { net }, { persistent: i32 }),
  NETWORK_GET_AUTOSTART: read(44, { net }, { autostart: i32 }),
  NETWORK_SET_AUTOSTART: change(48, { net, autostart: i32 }),
  NETWORK_GET_BRIDGE_NAME: read(45, { net }, { name: str }),
  NETWORK_GET_DHCP_LEASES: read(
    341,
    { net, mac: nullable(str), needResults, flags },
    { leases: list(dhcpLease, 65_536), ret: u32 },
  ),
  NETWORK_UPDATE: change(291, { net, command: u32, section: u32, parentIndex: i32, xml: str, flags }),
} as const
