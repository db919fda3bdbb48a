// What is decided before a round freezes anything: for how long, with which deadmen, and who is left out. Whatever
// cannot work is refused here.
import { formatDuration, type Duration } from '../kernel/duration.ts'
import { asFault, fault } from '../kernel/fault.ts'
import type { Deadman, DeadmanProbe } from '../plugins/contract/deadman.ts'
import type { BracketFrame } from './bracket-frame.ts'
import { deadmanOf, probeDeadman } from './deadman-use.ts'
import { predictFreeze } from './freeze-history.ts'
import { holderOf, type Holder } from './freeze-holder.ts'
import type { Ledger } from './ledger.ts'
import { fsPrepare } from './operations.ts'
import type { LeftOut } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

/** Where no member carries a deadman by itself, a lease only bounds how long a bracket is held open. */
const leaseOfScripts: Duration = 600_000

export interface Hold {
  /** null: there is nothing on the node that would thaw it. */
  readonly deadman: Deadman | null
  /** The lease may be extended up to this. */
  readonly maximum: Duration
}

export interface Opening {
  readonly lease: Duration
  /** Members that are not frozen although they do fs_prepare. */
  readonly left: Readonly<Record<string, LeftOut>>
  /** Of those that are frozen. */
  readonly holds: ReadonlyMap<string, Hold>
  /** What is worth telling before it begins. */
  readonly warnings: readonly string[]
}

/** @throws Fault `freeze.held`, `freeze.lease_too_long`, `freeze.slo_predicted`, `plan.unsupported` */
export async function decideOpening(
  site: Site,
  frame: BracketFrame,
  ledger: Ledger,
  freezers: readonly Instance[],
): Promise<Opening> {
  const left: Record<string, LeftOut> = {}
  const warnings: string[] = []
  const leave = (member: Instance, out: LeftOut): void => {
    left[member.id] = out
    if (out.policy !== 'skip') warnings.push(`${member.id} is not frozen: ${out.reason}`)
  }
  for (const member of freezers)
    if (frame.ruleOf(member).policy === 'skip') leave(member, { policy: 'skip', reason: 'its freeze_policy is skip' })
  const wanted = (): Instance[] => freezers.filter((member) => !(member.id in left))
  const holders = await holderOf(site, ledger)
  for (const member of wanted()) {
    const holder = holders.get(member.id)
    if (holder) leaveOrThrow(frame, member, heldFault(member, holder), leave)
  }
  const probes = await probeAll(site, frame, wanted(), leave)
  for (const member of wanted()) {
    const { isUnasked, reason } = probes.get(member.id) ?? {}
    if (isUnasked) leave(member, { policy: 'skip', reason: reason ?? 'it has no freeze', isUnasked: true })
  }
  for (const member of wanted()) checkDeadman(frame, member, probes.get(member.id))
  const lease = leaseOf(site, frame, wanted(), probes)
  await checkPredictions(site, frame, wanted(), { leave, warnings })
  const holds = new Map(
    wanted().map((member) => [member.id, holdOf(site, frame, member, { lease, probe: probes.get(member.id) })]),
  )
  return { lease, left, holds, warnings }
}

type Leave = (member: Instance, out: LeftOut) => void

function leaveOrThrow(frame: BracketFrame, member: Instance, problem: Error, leave: Leave): void {
  if (frame.ruleOf(member).policy !== 'prefer') throw problem
  leave(member, { policy: 'prefer', reason: problem.message })
}

function heldFault(member: Instance, { execution, until }: Holder): Error {
  return fault('freeze.held', { details: { instance: member.id, execution, until } })
}

async function probeAll(
  site: Site,
  frame: BracketFrame,
  members: readonly Instance[],
  leave: Leave,
): Promise<ReadonlyMap<string, DeadmanProbe>> {
  const inputsOf = new Map(frame.tiers.flatMap((tier) => tier.members.map(({ id }) => [id, tier.inputs] as const)))
  const { purpose, name } = frame.options
  const probes = new Map<string, DeadmanProbe>()
  await Promise.all(
    members.map(async (member) => {
      const question = { inputs: inputsOf.get(member.id) ?? {}, signal: site.signal, bracket: { name, purpose } }
      try {
        probes.set(member.id, await probeDeadman(site, member, question))
      } catch (thrown) {
        leaveOrThrow(frame, member, asFault(thrown), leave)
      }
    }),
  )
  return probes
}

// Without anything on the node, its thaw hangs on us alone: who insists on a freeze must know that.
function checkDeadman(frame: BracketFrame, member: Instance, probe: DeadmanProbe | undefined): void {
  const isFreeze = frame.operationOf(member, fsPrepare)?.kind === 'freeze'
  const { policy, isExplicit } = frame.ruleOf(member)
  if (!isFreeze || probe?.kind !== 'none' || policy !== 'require' || !isExplicit) return
  if (frame.options.purpose === 'replace' || probe.isStill) return
  const reason = `freeze_policy is require, but nothing on the node would thaw it: ${probe.reason ?? 'no deadman'}`
  throw fault('plan.unsupported', { details: { node: member.node.id, operation: fsPrepare, reason } })
}

function leaseOf(
  site: Site,
  frame: BracketFrame,
  members: readonly Instance[],
  probes: ReadonlyMap<string, DeadmanProbe>,
): Duration {
  const asked = frame.options.lease
  const isFrozen = members.some((member) => frame.operationOf(member, fsPrepare)?.kind === 'freeze')
  const lease = asked ?? (isFrozen ? site.lease : leaseOfScripts)
  for (const member of members) {
    const longest = probes.get(member.id)?.longestHold ?? Infinity
    if (asked === undefined || asked <= longest) continue
    const details = { node: member.node.id, lease: formatDuration(asked), longest: formatDuration(longest) }
    throw fault('freeze.lease_too_long', { details })
  }
  return Math.min(lease, ...members.map(({ id }) => probes.get(id)?.longestHold ?? Infinity))
}

interface HoldQuestion {
  readonly lease: Duration
  readonly probe: DeadmanProbe | undefined
}

function holdOf(site: Site, frame: BracketFrame, member: Instance, { lease, probe }: HoldQuestion): Hold {
  const deadman = probe?.kind === 'none' ? null : deadmanOf(site, member)
  const longest = Math.min(frame.options.longestHold ?? lease, probe?.longestHold ?? Infinity)
  return { deadman, maximum: deadman?.extend ? Math.max(lease, longest) : lease }
}

async function checkPredictions(
  site: Site,
  frame: BracketFrame,
  members: readonly Instance[],
  say: { readonly leave: Leave; readonly warnings: string[] },
): Promise<void> {
  const limited = members.filter((member) => frame.ruleOf(member).slo !== undefined)
  const nodes = limited.map((member) => member.node.id)
  const predictions = await predictFreeze(site.store, site.deployment.id, nodes)
  for (const member of limited) {
    const { slo } = frame.ruleOf(member)
    const predicted = predictions.get(member.node.id)
    if (!slo || predicted === undefined || predicted <= slo.limit) continue
    const limit = formatDuration(slo.limit)
    const details = { node: member.node.id, predicted: formatDuration(predicted), limit }
    if (slo.onBreach === 'fail') throw fault('freeze.slo_predicted', { details })
    const reason = `by its last times it would take ${details.predicted}, its limit is ${limit}`
    if (slo.onBreach === 'degrade') say.leave(member, { policy: 'degrade', reason })
    else say.warnings.push(`Freezing ${member.id}: ${reason}`)
  }
}
