// Procedures that ask for events and no longer want them. What comes then is in events.ts.
import { domain, network, pool } from '../structs.ts'
import { i32, nullable, str } from '../xdr.ts'
import { change, flags, qemuChange } from './declare.ts'

const callbackID = i32

export const registrationProcedures = {
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: change(316, { eventID: i32, dom: nullable(domain) }, { callbackID }),
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: change(317, { callbackID }),
  CONNECT_NETWORK_EVENT_REGISTER_ANY: change(313, { eventID: i32, net: nullable(network) }, { callbackID }),
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: change(314, { callbackID }),
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: change(368, { eventID: i32, pool: nullable(pool) }, { callbackID }),
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: change(369, { callbackID }),
  CONNECT_DOMAIN_MONITOR_EVENT_REGISTER: qemuChange(
    4,
    { dom: nullable(domain), event: nullable(str), flags },
    { callbackID },
  ),
  CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER: qemuChange(5, { callbackID }),
} as const
