import { expect } from 'chai'
import { asFault, fault, Fault, faultFromRecord, type FaultRecord } from '../../../src/kernel/fault.ts'
import type { FaultEntry } from '../../../src/kernel/fault-entry.ts'
import { faultTable, type FaultCode } from '../../../src/kernel/fault-table.ts'
import type { Json } from '../../../src/kernel/json.ts'

const codes = Object.keys(faultTable) as FaultCode[]

describe('a fault', () => {
  it('fills message and hint from its details', () => {
    const problem = fault('usage.not_found', {
      details: { kind: 'blueprint', id: 'shpo', near: "did you mean 'shop'?" },
    })
    expect(problem.message).to.equal("there is no blueprint 'shpo'")
    expect(problem.hint).to.equal("did you mean 'shop'?")
  })

  it('writes details that are no texts as JSON', () => {
    const { message } = fault('store.newer', { details: { path: '/s', found: 7, known: 1 } })
    expect(message).to.contain('schema 7').and.to.contain('knows 1')
  })

  it('does not take what a detail says for a place to fill, nor for a pattern', () => {
    const { message } = fault('usage.unreadable_file', { details: { path: '{reason}', reason: '$& $1 {path}' } })
    expect(message).to.equal("cannot read '{reason}': $& $1 {path}")
  })

  it('gives no hint that nobody filled', () => {
    for (const code of codes) expect(fault(code).hint ?? '', code).not.to.match(/\{\w+\}/)
  })

  it('leaves out details that are undefined', () => {
    const { details } = fault('operation.failed', { details: { message: 'no', more: undefined } })
    expect(Object.keys(details)).to.deep.equal(['message'])
  })

  it('goes through its record unchanged, for every code', () => {
    for (const code of codes) {
      const problem = fault(code, {
        message: `${code} happened to {nobody}`,
        details: { message: 'm', list: [1, { deep: null }] },
        hint: 'do {this}',
        effect: 'unknown',
        retry: 'now',
        after: 1500,
      })
      const record = JSON.parse(JSON.stringify(problem)) as FaultRecord
      expect(faultFromRecord(record).toJSON(), code).to.deep.equal(record)
    }
  })

  it('has no word of its cause in its record', () => {
    const record = JSON.stringify(
      fault('engine.unexpected', { details: { message: 'm' }, cause: new Error('inner words') }),
    )
    expect(record).not.to.contain('inner')
  })

  it('says for every code who has to act and whether it may be tried again', () => {
    for (const code of codes) {
      const { blame, retry, effect } = fault(code)
      expect(['user', 'provider', 'guest', 'network', 'us'], code).to.include(blame)
      expect(['never', 'now', 'later'], code).to.include(retry)
      const entry: FaultEntry = faultTable[code]
      const told = entry.effect ?? 'none'
      expect(effect, code).to.equal(told === 'varies' ? 'none' : told)
    }
  })
})

describe('anything thrown as a fault', () => {
  it('stays the fault it is', () => {
    const problem = fault('engine.cancelled')
    expect(asFault(problem)).to.equal(problem)
  })

  it('is unexpected, with effect unknown and the error as its cause, when it is an error', () => {
    const cause = new TypeError('x is not a function')
    const problem = asFault(cause)
    expect(problem).to.be.instanceOf(Fault)
    expect([problem.code, problem.effect, problem.retry, problem.cause]).to.deep.equal([
      'engine.unexpected',
      'unknown',
      'never',
      cause,
    ])
    expect(problem.message).to.contain('x is not a function')
  })

  it('never throws itself, whatever plugins throw', () => {
    const hostile = {
      get message(): string {
        throw new Error('no message')
      },
    }
    const wordless = Object.assign(new Error('x'), { message: undefined as unknown as string })
    const thrown: readonly unknown[] = [
      undefined,
      null,
      'text',
      42,
      7n,
      Symbol('s'),
      {},
      Object.create(null),
      hostile,
      wordless,
      [],
      () => {},
    ]
    for (const one of thrown) {
      const problem = asFault(one)
      expect(problem.code).to.equal('engine.unexpected')
      expect(problem.message).to.be.a('string').and.not.to.contain('{message}')
      expect(() => JSON.stringify(problem)).not.to.throw()
      expect(problem.details['message'] satisfies Json | undefined).to.be.a('string')
    }
  })
})
