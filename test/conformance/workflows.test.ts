// Our workflows do what recorded ones of a peer do, in an order that keeps to theirs wherever both promise one.
import { expect } from 'chai'
import { recordsOrSkip } from './records.ts'
import { orderOf, type OrderResult } from './workflow-order.ts'

describe('the workflows agree with recorded runs of a peer', function () {
  this.timeout(60_000)

  it('does the same operations in an order that keeps to every recorded one', async function () {
    const records = recordsOrSkip(this, 'workflow-graphs')
    const results: OrderResult[] = []
    for (const record of records) results.push(await orderOf(record))
    for (const line of table(results)) console.log(`      ${line}`)
    expect(results.flatMap(({ differences }) => differences)).to.deep.equal([])
    for (const reason of results.flatMap(({ reasons }) => reasons)) console.log(`      on purpose: ${reason}`)
    const sum = (key: 'checked' | 'agreed'): number => results.reduce((total, result) => total + result[key], 0)
    expect(sum('agreed') / sum('checked')).to.be.greaterThan(0.95)
    expect(results.filter(({ reasons }) => reasons.length > 0).length / results.length).to.be.lessThan(0.05)
  })
})

function table(results: readonly OrderResult[]): string[] {
  const workflows = [...new Set(results.map(({ workflow }) => workflow))].toSorted()
  return workflows.map((workflow) => {
    const own = results.filter((result) => result.workflow === workflow)
    const sum = (key: 'checked' | 'agreed' | 'free'): number => own.reduce((total, result) => total + result[key], 0)
    return `${workflow}: ${sum('agreed')} of ${sum('checked')} pairs kept, ${sum('free')} free, ${own.length} records`
  })
}
