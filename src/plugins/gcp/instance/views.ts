// Instances as Compute Engine shows them, read by name, and the state of one as people and the engine call it.
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { PowerState } from '../../contract/operation.ts'
import { lastPart, type Operation } from '../client/operations.ts'
import { pathOf, type Change, type Project } from '../client/project.ts'
import { missing } from '../errors.ts'

export interface AttachedDisk {
  /** `PERSISTENT`, `SCRATCH`. */
  readonly type?: string
  readonly mode: string
  readonly source?: string
  readonly deviceName: string
  readonly boot?: boolean
  readonly autoDelete?: boolean
  readonly interface?: string
  readonly diskSizeGb?: string
}

export interface NetworkInterface {
  readonly name: string
  readonly network?: string
  readonly subnetwork?: string
  readonly networkIP?: string
  readonly accessConfigs?: readonly { readonly name?: string; readonly type?: string; readonly natIP?: string }[]
}

export interface Instance {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly statusMessage?: string
  readonly zone: string
  readonly selfLink: string
  readonly machineType: string
  readonly disks?: readonly AttachedDisk[]
  readonly networkInterfaces?: readonly NetworkInterface[]
  readonly tags?: { readonly items?: readonly string[]; readonly fingerprint?: string }
  readonly metadata?: { readonly items?: readonly MetadataItem[]; readonly fingerprint?: string }
  readonly labels?: JsonObject
}

export interface MetadataItem {
  readonly key: string
  readonly value: string
}

/** Where it is: instances have no address of their own beside these two. */
export interface InstanceRef {
  readonly zone: string
  readonly name: string
}

export const instancePath = ({ zone, name }: InstanceRef): string => pathOf`/zones/${zone}/instances/${name}`

export const findInstance = (project: Project, ref: InstanceRef): Promise<Instance | undefined> =>
  project.find<Instance>({ path: instancePath(ref) })

/** @throws Fault `gcp.missing` */
export async function readInstance(project: Project, ref: InstanceRef): Promise<Instance> {
  const found = await findInstance(project, ref)
  if (found === undefined) throw missing('instance', ref.name)
  return found
}

/** Of an address with `/zones/Z/instances/I` in it. */
export function instanceAt(url: string): InstanceRef | undefined {
  const [, zone, name] = /\/zones\/([^/]+)\/instances\/([^/?]+)/.exec(url) ?? []
  return zone === undefined || name === undefined ? undefined : { zone, name }
}

export const diskNameOf = ({ source = '' }: AttachedDisk): string => lastPart(source)

export const deviceAt = (instance: Instance, deviceName: string): AttachedDisk | undefined =>
  instance.disks?.find((one) => one.deviceName === deviceName)

export function powerOf({ status }: Instance): PowerState {
  if (['RUNNING', 'PROVISIONING', 'STAGING', 'REPAIRING'].includes(status)) return 'running'
  return status === 'SUSPENDED' || status === 'SUSPENDING' ? 'suspended' : 'stopped'
}

/** What an action of an instance changes is seen by reading it back, so it has a request id of its own each time. */
export async function actOn(
  project: Project,
  ref: InstanceRef,
  action: string,
  more: Omit<Change, 'path'> = {},
): Promise<void> {
  await project.change({ ...more, path: `${instancePath(ref)}/${action}` })
}

/**
 * Resolves when nothing is under way on it any more: what was asked for by who did not hear the answer, or has died since, may
 * still take effect.
 */
export async function untilQuiet(project: Project, ref: InstanceRef): Promise<void> {
  const place = pathOf`/zones/${ref.zone}`
  const query = { filter: 'status != DONE' }
  const begun: Operation[] = []
  for await (const one of project.pages<Operation>({ path: `${place}/operations`, query })) {
    if (one.status !== 'DONE' && one.targetLink?.endsWith(instancePath(ref)) === true) begun.push(one)
  }
  for (const one of begun) {
    try {
      await project.done(one)
    } catch (thrown) {
      // That it failed is its own matter; that nobody knows is ours.
      const isOver = thrown instanceof Fault && thrown.code !== 'gcp.operation_late' && !project.signal.aborted
      if (!isOver) throw thrown
    }
  }
}
