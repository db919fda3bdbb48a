// Claim: whole backups, restores and deletions of libvirt domains that are killed at a fault point, or right after any call
// had its effect on the hypervisor, are carried on to the end they would have had: nobody stands still, one copy for each
// domain, nothing stray. A drawn sample; all places with `npm run crash`.
import { expect } from 'chai'
import { asFault } from '../../src/kernel/fault.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { eventually } from '../support/cli.ts'
import { tell } from '../support/figures.ts'
import { backupWorkflows, domains, type BackupWorkflows } from '../support/libvirt/backup-workflows.ts'
import type { Death, WorkflowCall } from '../support/workflow-children.ts'

const lease = 3000
const margin = 2000
const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_311)
/** `npm run crash` does all places; with the other tests a part has to do. */
const isFull = process.env['FERMATA_CRASH'] === 'full'
const drawnCycles = 2

const kinds = {
  'external snapshot': { properties: { snapshot_mode: 'external' }, isIncremental: true, bases: [] },
  'full backup': { properties: { backup_chain: 'full', deadman: 'host' }, isIncremental: false, bases: [] },
  'incremental backup': { properties: { backup_chain: 'incremental' }, isIncremental: false, bases: ['base'] },
} as const satisfies Readonly<Record<string, Kind>>

interface Kind {
  readonly properties: JsonObject
  /** The parameter of that name. */
  readonly isIncremental: boolean
  /** Backups that are there before. */
  readonly bases: readonly string[]
}

const stages = ['backup', 'restore', 'remove_backup'] as const
type Stage = (typeof stages)[number]

/** What is seen after each stage. */
type Ends = Readonly<Record<Stage, readonly string[]>>
type Places = Readonly<Record<Stage, readonly Death[]>>
type Deaths = Readonly<Partial<Record<Stage, Death>>>

/** Figures of all. */
const seen = { deaths: 0, frozen: 0, longest: 0, missed: 0 }

describe('a libvirt backup that dies', () => {
  after(() =>
    tell(
      `libvirt: ${seen.deaths} deaths in workflows, ${seen.frozen} while guests stood still, at most ${seen.longest} ms longer; ${seen.missed} places not met`,
    ),
  )

  for (const [name, kind] of Object.entries(kinds))
    it(`is carried on wherever it was: ${name} (FERMATA_SEED=${seed})`, async function () {
      this.timeout(isFull ? 1_800_000 : 400_000)
      const { ends, places } = await undisturbed(kind)
      for (const [index, deaths] of cyclesOf(places).entries()) {
        const found = await cycle(kind, lease, (site, stage, call) => die(site, stage, call, deaths[stage], index))
        const what = JSON.stringify(deaths)
        for (const stage of stages) expect(found[stage], `${what}: after ${stage}`).to.deep.equal(ends[stage])
      }
    })
})

async function undisturbed(kind: Kind): Promise<{ readonly ends: Ends; readonly places: Places }> {
  const places: Partial<Record<Stage, readonly Death[]>> = {}
  const ends = await cycle(kind, 60_000, async (site, stage, call) => {
    places[stage] = await site.passedBy(call)
  })
  return { ends, places: places as Places }
}

/** One death for each stage; as many cycles as the longest stage has places. */
function cyclesOf(places: Places): readonly Deaths[] {
  const random = seededRandom(seed)
  const drawn = stages.map((stage) => {
    const left = [...places[stage]]
    const count = isFull ? left.length : Math.min(drawnCycles, left.length)
    return Array.from({ length: count }, () => left.splice(random.whole(0, left.length - 1), 1)).flat()
  })
  const count = Math.max(...drawn.map((deaths) => deaths.length))
  return Array.from({ length: count }, (_none, index) =>
    Object.fromEntries(stages.flatMap((stage, at) => (drawn[at]?.[index] ? [[stage, drawn[at][index]]] : []))),
  )
}

type Act = (site: BackupWorkflows, stage: Stage, call: WorkflowCall) => Promise<void>

/** A backup, a restore of it, its deletion; what is there after each. */
async function cycle({ properties, isIncremental, bases }: Kind, lease: number, act: Act): Promise<Ends> {
  await using site = await backupWorkflows(properties)
  const callOf = (stage: Stage, name: string): WorkflowCall => {
    const which = { snapshot_name: name, snapshot_incremental: isIncremental }
    const frozen = { lease: `${lease}ms`, freeze_policy: 'require' }
    return { workflow: stage, parameters: stage === 'remove_backup' ? which : { ...which, ...frozen } }
  }
  const write = (): void => domains.forEach((name) => expect(site.libvirtd.domain(name).writer.write()).to.equal(true))
  write()
  for (const base of bases) {
    await site.succeed(callOf('backup', base))
    write()
  }
  const saved = site.contents()
  const ends: Partial<Record<Stage, readonly string[]>> = {}
  for (const stage of stages) {
    await act(site, stage, callOf(stage, 'it'))
    ends[stage] = [...site.inventory(), ...(await catalog(site))]
    expect(site.frozen(), stage).to.deep.equal([])
    expect((await site.fermata.status()).frozen, stage).to.deep.equal([])
    if (stage === 'backup') write()
    else expect(site.contents(), stage).to.deep.equal(saved)
  }
  return ends as Ends
}

/** Backups as lines, with what they hold. */
async function catalog({ fermata }: BackupWorkflows): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { id, name, status, consistency } of await fermata.backups.list()) {
    const { partList } = await fermata.backups.get(id)
    const parts = partList.map((part) => `${part.nodeId}${part.isBeingDeleted ? ' being deleted' : ''}`).toSorted()
    expect(new Set(partList.map(({ providerId }) => providerId)).size).to.equal(parts.length)
    lines.push(`backup ${name} ${status} ${consistency} of ${parts.join(', ')}`)
  }
  return lines
}

async function die(
  site: BackupWorkflows,
  stage: Stage,
  call: WorkflowCall,
  death: Death | undefined,
  index: number,
): Promise<void> {
  if (!death) return void (await site.succeed(call))
  const what = `${stage} killed at ${death.name} ${death.ordinal}`
  const isKilled = await site.killed(call, death)
  if (!isKilled) {
    seen.missed++
  } else seen.deaths++
  if (site.frozen().length > 0) {
    seen.frozen++
    // Each other one is carried on at once, while its deadmen are on watch still.
    if (index % 2 === 0) await thawedByDeadmen(site, what)
  }
  await carryOn(site, what, call)
}

async function thawedByDeadmen(site: BackupWorkflows, what: string): Promise<void> {
  const began = performance.now()
  await eventually(`${what}: its deadmen thaw`, () => site.frozen().length === 0, lease + margin)
  seen.longest = Math.max(seen.longest, Math.round(performance.now() - began))
}

async function carryOn({ fermata }: BackupWorkflows, what: string, call: WorkflowCall): Promise<void> {
  const last = (await fermata.executions.list()).at(-1)
  if (last?.workflow !== call.workflow) throw new Error(`${what}: there is no execution of it`)
  if (last.status === 'terminated') return
  for (let attempt = 1; ; attempt++) {
    const { status, error } = await fermata.executions.resume(last.id).catch((thrown: unknown) => {
      throw new Error(`${what}: ${asFault(thrown).message}`, { cause: thrown })
    })
    if (status === 'terminated') return
    // On a busy machine a lease may be over before the cut, also that of several.
    const isLate = error?.code === 'freeze.expired' || error?.message.includes('ended by its lease') === true
    if (!isLate || attempt === 5) expect(status, `${what}: ${JSON.stringify(error)}`).to.equal('terminated')
  }
}
