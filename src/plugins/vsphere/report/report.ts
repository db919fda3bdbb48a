// The report on the vCenters of a home: each is asked once for all that we may see there, and nothing is changed.
import { asFault, Fault, type FaultRecord } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { connectionSettings } from '../client/connection-settings.ts'
import { vcenterOf, type VCenterUser } from '../client/shared-vcenters.ts'
import type { VCenter } from '../client/vcenter.ts'
import { markOf } from '../machine/clone-copy.ts'
import { everyMachine, everySnapshot, type Machine } from '../machine/machine.ts'
import { copyNameIn } from '../mark.ts'
import { findingsOf, type Expected, type Finding } from './findings.ts'

/** How a node says where its vCenter is, and where paths in that lead. */
export interface ReportPlace {
  readonly connectionConfig: JsonObject
  /** Whose node says it; without one nobody else can be asked either. */
  readonly deploymentId?: string
  blueprintFile?(path: string): Promise<string>
}

export interface VsphereReport {
  readonly vcenters: readonly ReportedVCenter[]
  /** Deployments that do not say well where their vCenters are. */
  readonly unread: readonly UnreadPlace[]
  readonly findings: readonly (Finding & { readonly vcenter: string })[]
}

export interface UnreadPlace {
  readonly deploymentId: string
  readonly error: FaultRecord
}

export interface ReportedVCenter {
  /** `https://vcenter.example.com:443` */
  readonly vcenter: string
  readonly username: string
  readonly machines: number
  readonly snapshots: number
  /** Why it could not be asked. */
  readonly error: FaultRecord | null
}

type Asker = Pick<VCenterUser, 'world' | 'signal' | 'log'>

/** A vCenter that cannot be asked keeps nobody from hearing of the others. @throws Fault `vsphere.bad_property` */
export async function vsphereReport(
  asker: Asker,
  places: readonly ReportPlace[],
  expected: Omit<Expected, 'now'>,
): Promise<VsphereReport> {
  const vcenters = new Map<string, ReportedVCenter>()
  // Two users may see the same.
  const findings = new Map<string, VsphereReport['findings'][number]>()
  const unread: UnreadPlace[] = []
  for (const place of places) {
    const settings = await connectionSettings(place.connectionConfig, place).catch((thrown: unknown) => asFault(thrown))
    if (settings instanceof Fault) {
      if (place.deploymentId === undefined) throw settings
      unread.push({ deploymentId: place.deploymentId, error: settings.toJSON() })
      continue
    }
    const { origin, username } = settings
    const known = `${username} ${origin}`
    if (vcenters.has(known)) continue
    const asked = await ask({ ...asker, ...place }, place.connectionConfig, expected)
    const { machines, snapshots, error } = asked
    vcenters.set(known, { vcenter: origin, username, machines, snapshots, error })
    for (const one of asked.findings) findings.set(`${origin} ${one.id}`, { vcenter: origin, ...one })
  }
  return { vcenters: [...vcenters.values()], unread, findings: [...findings.values()] }
}

interface Asked extends Pick<ReportedVCenter, 'machines' | 'snapshots' | 'error'> {
  readonly findings: readonly Finding[]
}

async function ask(user: VCenterUser, config: JsonObject, expected: Omit<Expected, 'now'>): Promise<Asked> {
  try {
    const vcenter = await vcenterOf(user, config)
    const machines: Machine[] = []
    for await (const machine of everyMachine(vcenter)) machines.push(machine)
    const marks = await marksOf(vcenter, machines)
    const now = user.world.clock.now()
    return {
      machines: machines.length,
      snapshots: machines.reduce((sum, { snapshots }) => sum + [...everySnapshot(snapshots)].length, 0),
      error: null,
      findings: machines.flatMap((machine) => findingsOf(machine, { ...expected, now }, marks)),
    }
  } catch (thrown) {
    user.signal.throwIfAborted()
    return { machines: 0, snapshots: 0, error: asFault(thrown).toJSON(), findings: [] }
  }
}

// What machines are configured with is much: only those are asked whose names are worth it.
async function marksOf(vcenter: VCenter, machines: readonly Machine[]): Promise<ReadonlyMap<string, string>> {
  const marks = new Map<string, string>()
  for (const { ref, name } of machines) {
    if (copyNameIn(name) === undefined) continue
    const mark = await markOf(vcenter, ref)
    if (mark !== undefined) marks.set(ref.id, mark)
  }
  return marks
}
