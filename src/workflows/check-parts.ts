// Reads the parts of a recovery point back, with all that they rest on, without changing anything: what restore asks
// before it freezes anybody, and what verify_backup keeps.
import type { PartCheck } from '../plugins/contract/operation.ts'
import type { Member, PartRecord, RecoveryPoint, Run, Verification } from '../plugins/contract/workflow.ts'
import { inputsFor } from './which-backup.ts'

type Finding = Verification[string]

const usable: Finding = { state: 'usable', reason: null }
const unchecked: Finding = { state: 'unchecked', reason: 'what made it offers no read-back' }

/** What was found, for those of the members that have a part. */
export async function checkParts(run: Run, point: RecoveryPoint, members: readonly Member[]): Promise<Verification> {
  const found: Record<string, Finding> = {}
  const inputs = inputsFor(point)
  const having = members.filter((member) => member.id in point.records)
  await run.each(having, 'none', async (member) => {
    const record = point.records[member.id]
    if (record) found[member.id] = await checkPart(record, (part) => run.verify(member, part, inputs))
  })
  return found
}

/** In words, those that cannot be used: `the part of db_1 is damaged: ...`. */
export function unusable(verification: Verification): readonly string[] {
  return Object.entries(verification).flatMap(([id, { state, reason }]) => {
    if (state !== 'damaged' && state !== 'missing') return []
    return [`the part of ${id} is ${state === 'missing' ? 'gone' : 'damaged'}${reason === null ? '' : `: ${reason}`}`]
  })
}

async function checkPart(part: PartRecord, verify: (part: PartRecord) => Promise<PartCheck | null>): Promise<Finding> {
  if (part.isBeingDeleted) return { state: 'missing', reason: 'its deletion has begun' }
  const lost = part.lineage.find((parent) => parent.part === null || parent.part.isBeingDeleted)
  if (lost) return { state: 'missing', reason: `it rests on ${lost.providerId}, which the catalog does not hold` }
  const findings: Finding[] = []
  for (const each of [part, ...part.lineage.flatMap((parent) => parent.part ?? [])]) {
    const check = await verify(each)
    const finding = check === null ? unchecked : findingOf(check)
    if (finding.state !== 'usable' && finding.state !== 'unchecked')
      return each === part
        ? finding
        : { ...finding, reason: `${each.providerId}, on which it rests: ${finding.reason}` }
    findings.push(finding)
  }
  return findings.find(({ state }) => state === 'unchecked') ?? usable
}

function findingOf({ isUsable, isMissing, reason }: PartCheck): Finding {
  if (isUsable) return usable
  return { state: isMissing ? 'missing' : 'damaged', reason }
}
