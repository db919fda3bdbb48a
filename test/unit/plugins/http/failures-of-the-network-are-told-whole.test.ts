// What fails before there is an answer is told under the provider's own code: with nothing left out of its words, and with an
// effect that the table allows.
import { expect } from 'chai'
import type { FaultEntry } from '../../../../src/kernel/fault-entry.ts'
import { faultTable } from '../../../../src/kernel/fault-table.ts'
import { Fault } from '../../../../src/kernel/fault.ts'
import { networkFaults as ofGcp } from '../../../../src/plugins/gcp/client/network-faults.ts'
import {
  brokenOff,
  noAnswer,
  tooLarge,
  type HttpCall,
  type NetworkFaultCodes,
} from '../../../../src/plugins/http/network-faults.ts'
import { networkFaults as ofOpenstack } from '../../../../src/plugins/openstack/client/network-faults.ts'
import { networkFaults as ofVsphere } from '../../../../src/plugins/vsphere/client/network-faults.ts'

const providers: Readonly<Record<string, NetworkFaultCodes>> = {
  gcp: ofGcp,
  openstack: ofOpenstack,
  vsphere: ofVsphere,
}

const change: HttpCall = { name: 'POST /things', isRead: false, origin: 'https://cloud.example', requestId: 'r1' }
const read: HttpCall = { ...change, name: 'GET /things', isRead: true }
const open = new AbortController().signal
const leftBecause = new Error('no longer wanted')
const left = AbortSignal.abort(leftBecause)

const failedWith = (code: string): Error => Object.assign(new Error(`it says ${code}`), { code })

function broken(codes: NetworkFaultCodes, call: HttpCall, thrown: unknown, signal = open): Fault {
  const found = brokenOff(codes, call, thrown, signal)
  if (found instanceof Fault) return found
  throw new Error(`expected a fault, got ${String(found)}`)
}

describe('HTTP: a failure of the network', () => {
  for (const [provider, codes] of Object.entries(providers)) {
    const ways: Readonly<Record<keyof NetworkFaultCodes, (call: HttpCall) => Fault>> = {
      noAnswer: (call) => noAnswer(codes, call, 60_000),
      badAnswer: (call) => tooLarge(codes, call, 1024),
      givenUp: () => broken(codes, change, new Error('aborted'), left),
      badCertificate: (call) => broken(codes, call, failedWith('DEPTH_ZERO_SELF_SIGNED_CERT')),
      unreachable: (call) => broken(codes, call, new AggregateError([failedWith('ECONNREFUSED')])),
      connectionLost: (call) => broken(codes, call, failedWith('ECONNRESET')),
    }
    for (const [name, failure] of Object.entries(ways)) {
      it(`of ${provider}, ${name}, is told whole and as the table says`, () => {
        const code = codes[name as keyof NetworkFaultCodes]
        const entry: FaultEntry = faultTable[code]
        for (const call of [read, change]) {
          const found = failure(call)
          expect(found.code)
            .to.equal(code)
            .and.match(new RegExp(`^${provider}\\.`))
          expect(found.message).not.to.match(/[{}]/)
          if (entry.effect !== 'varies') expect(found.effect).to.equal(entry.effect ?? 'none')
        }
      })
    }
  }

  it('leaves open what a change has done that was sent, and says that a read did nothing', () => {
    for (const [call, effect] of [
      [change, 'unknown'],
      [read, 'none'],
    ] as const) {
      expect(noAnswer(ofGcp, call, 1000).effect).to.equal(effect)
      expect(broken(ofGcp, call, failedWith('ECONNRESET')).effect).to.equal(effect)
      expect(broken(ofGcp, call, failedWith('ECONNREFUSED')).effect).to.equal('none')
    }
  })

  it('of a read that was given up is the reason for which it was', () => {
    expect(brokenOff(ofGcp, read, new Error('aborted'), left)).to.equal(leftBecause)
  })

  it('names the request where it has an id, and nothing where it has none', () => {
    const { requestId: _, ...nameless } = change
    expect(noAnswer(ofOpenstack, change, 1000).details).to.include({ requestId: 'r1' })
    expect(noAnswer(ofVsphere, nameless, 1000).details).to.have.all.keys('call', 'limit')
  })
})
