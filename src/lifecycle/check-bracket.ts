// Says what cannot work in a bracket before anything of it is frozen.
import { fault } from '../kernel/fault.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { BracketFrame } from './bracket-frame.ts'
import { fsFinalize, fsPrepare } from './operations.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

type Kind = PluginOperation['kind']

/** @throws Fault `plan.no_plugin` or `plan.unsupported` naming node and operation. */
export function checkBracket(site: Site, frame: BracketFrame): void {
  for (const member of frame.members) {
    if (frame.ruleOf(member).policy === 'skip' && member.does(fsPrepare)) continue
    const prepare = checkKind(site, member, fsPrepare, ['freeze', 'run'])
    checkKind(site, member, fsFinalize, ['thaw', 'run'])
    if (prepare !== 'freeze' || member.does(fsFinalize)) continue
    throw unsupported(member, fsPrepare, `freezes, but there is no ${fsFinalize} to thaw it again`)
  }
  for (const member of frame.cuts) checkKind(site, member, frame.options.cut.operation, ['cut', 'run'])
}

/** The kind of the operation; undefined when the member does not do it. */
function checkKind(site: Site, member: Instance, operation: string, allowed: readonly Kind[]): Kind | undefined {
  const planned = member.planned.operations[operation]
  if (!planned || !member.does(operation)) return undefined
  const found = site.findOperation(planned.plugin, planned.operation)
  const implementation = `${planned.plugin}.${planned.operation}`
  if (!found) throw fault('plan.no_plugin', { details: { node: member.node.id, operation, implementation } })
  if (allowed.includes(found.kind)) return found.kind
  throw unsupported(
    member,
    operation,
    `${implementation} is an operation of kind ${found.kind}; here it must be ${allowed.join(' or ')}`,
  )
}

function unsupported(member: Instance, operation: string, reason: string): Error {
  return fault('plan.unsupported', { details: { node: member.node.id, operation, reason } })
}
