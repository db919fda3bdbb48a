// The contract suite: one list of cases for every plugin. Runs them one after the other, each on a node of its own.
import { Fault } from '../../kernel/fault.ts'
import { Bench } from './bench.ts'
import { CaseSkipped, ContractBroken } from './broken.ts'
import type { ContractCase } from './case.ts'
import { catalogCases } from './cases/catalog-cases.ts'
import { cutCases } from './cases/cut-cases.ts'
import { deadmanCases } from './cases/deadman-cases.ts'
import { freezeCases } from './cases/freeze-cases.ts'
import { operationCases } from './cases/operation-cases.ts'
import type { ContractSubject } from './subject.ts'

export const contractCases: readonly ContractCase[] = [
  ...operationCases,
  ...freezeCases,
  ...deadmanCases,
  ...cutCases,
  ...catalogCases,
]

/** `reason`: why it was skipped, or what is wrong; null when it holds. */
export interface CaseResult {
  readonly id: string
  readonly claim: string
  readonly outcome: 'holds' | 'broken' | 'skipped'
  readonly reason: string | null
}

/** Tries one case. Never rejects: whatever is thrown is the plugin's. */
export async function tryCase(subject: ContractSubject, one: ContractCase): Promise<CaseResult> {
  const result = (outcome: CaseResult['outcome'], reason: string | null): CaseResult => ({
    id: one.id,
    claim: one.claim,
    outcome,
    reason,
  })
  try {
    await using bench = new Bench(subject, await subject.node())
    await bench.bringUp()
    await one.run(bench)
    return result('holds', null)
  } catch (thrown) {
    if (thrown instanceof CaseSkipped) return result('skipped', thrown.message)
    return result('broken', thrown instanceof ContractBroken ? thrown.message : describe(thrown))
  }
}

/** All cases. `onResult` is told of each as it comes. */
export async function runContract(
  subject: ContractSubject,
  onResult: (result: CaseResult) => void = () => {},
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  for (const one of contractCases) {
    const result = await tryCase(subject, one)
    results.push(result)
    onResult(result)
  }
  return results
}

function describe(thrown: unknown): string {
  if (thrown instanceof Fault) return `threw ${thrown.code}: ${thrown.message}`
  return `threw ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`
}
