// Calls of the daemon that are answered by the guest agent: patience, refusals and the job they need.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import type { Domain } from './domain.ts'
import { running } from './states.ts'
import { hasAgentChannel } from './domain-xml.ts'
import { agentSilent, operationInvalid, unsupportedArgument, unsupportedConfiguration } from './vir-error.ts'

/** -2 waits without end, -1 as long as usual, 0 not at all. */
const usualSeconds = 5

/** @throws VirError 1, 55, 67, 68, 86 */
export async function askAgent(
  domain: Domain,
  holder: string,
  name: string,
  given: JsonObject = {},
  seconds = -2,
): Promise<Json> {
  if (domain.state !== running) throw operationInvalid('domain is not running')
  if (!hasAgentChannel(domain.document)) throw unsupportedConfiguration('QEMU guest agent is not configured')
  if (domain.agent === 'absent') throw agentSilent('QEMU guest agent is not connected')
  return domain.jobs.agent(holder, () => {
    const { id } = domain
    return domain.agentProcess.call(name, given, patience(domain, seconds), () => domain.id !== id)
  })
}

/** What was set for the domain rules over what a call brings. */
function patience(domain: Domain, given: number): number | undefined {
  const seconds = domain.agentTimeout ?? given
  if (seconds === -2) return undefined
  return (seconds === -1 ? usualSeconds : seconds) * domain.host.second
}

export async function freeze(domain: Domain, mountpoints: readonly string[]): Promise<number> {
  const count = await (mountpoints.length === 0
    ? askAgent(domain, 'remoteDispatchDomainFSFreeze', 'guest-fsfreeze-freeze')
    : askAgent(domain, 'remoteDispatchDomainFSFreeze', 'guest-fsfreeze-freeze-list', { mountpoints: [...mountpoints] }))
  return Number(count)
}

/** @throws VirError 74 with mount points */
export async function thaw(domain: Domain, mountpoints: readonly string[]): Promise<number> {
  if (mountpoints.length > 0) throw unsupportedArgument('specifying mountpoints is not supported')
  return Number(await askAgent(domain, 'remoteDispatchDomainFSThaw', 'guest-fsfreeze-thaw'))
}

/** The daemon's own bracket around a quiesced snapshot. */
export async function frozenForSnapshot<Result>(domain: Domain, take: () => Promise<Result>): Promise<Result> {
  await askAgent(domain, 'remoteDispatchDomainSnapshotCreateXML', 'guest-fsfreeze-freeze')
  try {
    return await take()
  } finally {
    await askAgent(domain, 'remoteDispatchDomainSnapshotCreateXML', 'guest-fsfreeze-thaw').catch(() => undefined)
  }
}
