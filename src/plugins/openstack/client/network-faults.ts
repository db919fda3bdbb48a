// What the failures of the network are called here.
import type { HttpCall, NetworkFaultCodes } from '../../http/network-faults.ts'

export interface Call extends HttpCall {
  /** Ours; the cloud's own logs tell it, too. */
  readonly requestId: string
}

export const networkFaults: NetworkFaultCodes = {
  noAnswer: 'openstack.no_answer',
  badAnswer: 'openstack.bad_answer',
  givenUp: 'openstack.given_up',
  badCertificate: 'openstack.bad_certificate',
  unreachable: 'openstack.unreachable',
  connectionLost: 'openstack.connection_lost',
}
