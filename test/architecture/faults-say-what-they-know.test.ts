// Wherever a fault is raised, the places of its message are filled, and its effect is the one that the table tells.
import { expect } from 'chai'
import type { FaultEntry } from '../../src/kernel/fault-entry.ts'
import { faultTable, type FaultCode } from '../../src/kernel/fault-table.ts'
import { faultCallsIn, type FaultCall } from './fault-calls.ts'
import { filesIn } from './source-files.ts'

interface Place extends FaultCall {
  readonly path: string
  readonly entry: FaultEntry
}

describe('architecture: raised faults', () => {
  const files = filesIn('src', ['.ts']).filter(({ text }) => text.includes('fault('))
  const calls: Place[] = files.flatMap(({ path, text }) =>
    faultCallsIn(text)
      .filter(({ code }) => code in faultTable)
      .map((call) => ({ ...call, path, entry: faultTable[call.code as FaultCode] })),
  )
  const placeOf = ({ path, line, code }: Place): string => `${path}:${line} ${code}`

  it('are found', () => {
    expect(calls).to.have.lengthOf.above(100)
    expect(calls.filter(({ details }) => details !== undefined && details.length > 0)).to.have.lengthOf.above(80)
  })

  it('fill every place of their message', () => {
    const gaps = calls.flatMap((call) => {
      if (call.options === undefined || call.details === undefined || 'message' in call.options) return []
      const places = [...call.entry.message.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
      const missing = places.filter((place) => !call.details?.includes(place))
      return missing.length === 0 ? [] : [`${placeOf(call)}: ${missing.join(', ')}`]
    })
    expect(gaps).to.deep.equal([])
  })

  it('have the effect that the table tells, which says `varies` where they differ', () => {
    const wrong = calls.filter(({ options, entry }) => {
      const effect = /^'(\w+)'$/.exec(options?.['effect'] ?? '')?.[1]
      return effect !== undefined && entry.effect !== 'varies' && effect !== (entry.effect ?? 'none')
    })
    expect(wrong.map(placeOf)).to.deep.equal([])
  })

  it('are read rightly by this test', () => {
    const text = `throw fault('a.b', {\n  details: { one, two: [1, { three: ')' }], 'x': 1 }, // why, so\n  effect: 'done' })`
    const [call] = faultCallsIn(text)
    expect(call?.details).to.include.members(['one', 'two'])
    expect(call?.options?.['effect']).to.equal("'done'")
    expect(faultCallsIn("fault('a.b', { details })")[0]?.details).to.equal(undefined)
    expect(faultCallsIn("fault('a.b', options)")[0]?.options).to.equal(undefined)
    expect(faultCallsIn("fault('a.b')")[0]?.details).to.deep.equal([])
  })
})
