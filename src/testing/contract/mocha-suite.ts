// The contract suite as tests of mocha, or of any runner whose `describe` and `it` are like its.
import { CaseSkipped, ContractBroken } from './broken.ts'
import type { ContractSubject } from './subject.ts'
import { contractCases, tryCase } from './suite.ts'

interface Runner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: (this: { skip?(): void; timeout?(length: number): void }) => Promise<void>): unknown
}

/**
 * Registers one test for each case. A skipped case is shown as skipped.
 *
 * @example
 * contractSuite('lamp', { plugin, node: async () => lampNode() })
 */
export function contractSuite(
  name: string,
  subject: ContractSubject,
  runner: Runner = globalThis as unknown as Runner,
): void {
  runner.describe(`the contract of ${name}`, () => {
    for (const one of contractCases) {
      runner.it(`${one.id}: ${one.claim}`, async function () {
        this.timeout?.(30_000)
        const { outcome, reason } = await tryCase(subject, one)
        if (outcome === 'broken') throw new ContractBroken(reason ?? one.id)
        if (outcome !== 'skipped') return
        if (this.skip) this.skip()
        else throw new CaseSkipped(reason ?? one.id)
      })
    }
  })
}
