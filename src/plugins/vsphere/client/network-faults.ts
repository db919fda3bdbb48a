// What the failures of the network are called here, and an answer that is none.
import { fault, type Effect, type Fault } from '../../../kernel/fault.ts'
import { effectOf, type HttpCall, type NetworkFaultCodes } from '../../http/network-faults.ts'

export const networkFaults: NetworkFaultCodes = {
  noAnswer: 'vsphere.no_answer',
  badAnswer: 'vsphere.bad_answer',
  givenUp: 'vsphere.given_up',
  badCertificate: 'vsphere.bad_certificate',
  unreachable: 'vsphere.unreachable',
  connectionLost: 'vsphere.connection_lost',
}

export function badAnswer(call: HttpCall, reason: string, effect: Effect = effectOf(call)): Fault {
  return fault('vsphere.bad_answer', { details: { call: call.name, reason }, effect })
}
