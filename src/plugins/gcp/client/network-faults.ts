// What the failures of the network are called here.
import type { HttpCall, NetworkFaultCodes } from '../../http/network-faults.ts'

export interface Call extends HttpCall {
  /** What the cloud knows it by, also when it comes a second time. */
  readonly requestId: string
}

export const networkFaults: NetworkFaultCodes = {
  noAnswer: 'gcp.no_answer',
  badAnswer: 'gcp.bad_answer',
  givenUp: 'gcp.given_up',
  badCertificate: 'gcp.bad_certificate',
  unreachable: 'gcp.unreachable',
  connectionLost: 'gcp.connection_lost',
}
