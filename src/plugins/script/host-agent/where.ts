// Decides whether a script runs on the host of its node, over SSH, or on this machine.
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'

/**
 * True when the blueprint does not want it here (`executor: central_deployment_agent`) and its host says how it is
 * reached: it is a fermata.nodes.ssh.Host, or has credentials in `agent_config`.
 */
export function runsOnHost(ctx: OperationContext, executor = ctx.operation.executor): boolean {
  if (executor !== 'host_agent' && executor !== 'auto') return false
  const { node } = ctx.host ?? ctx
  if (node.typeHierarchy.includes('fermata.nodes.ssh.Host')) return true
  const agent = node.properties['agent_config']
  return isJsonObject(agent ?? null) && ['key', 'password'].some((name) => Boolean((agent as never)[name]))
}
