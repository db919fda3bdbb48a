// The options that all commands on servers of OpenStack clouds share, and how they lead to a workflow.
import type { ServerStart } from '../engine/openstack-servers-api.ts'
import type { Json } from '../kernel/json.ts'
import { fault } from '../kernel/fault.ts'
import type { Call } from './call.ts'
import { deploymentOption, type OptionDefinition } from './definition.ts'
import type { ExitCode } from './exit-codes.ts'
import { readRunOptions, runOptions } from './run-options.ts'
import { watchExecution } from './watch-execution.ts'

export const serverArgument = { name: 'SERVER', description: 'name or id of the server' } as const

/** `--wait` says another thing here. */
const sharedRunOptions = runOptions.filter(({ flags }) => flags !== '--wait')

export const serverOptions: readonly OptionDefinition[] = [
  { flags: '--cloud <name>', description: 'a cloud of clouds.yaml (default: OS_CLOUD, or the OS_* variables)' },
  { ...deploymentOption, description: 'a deployment that knows the cloud; SERVER may then be one of its nodes' },
  { flags: '--pattern <text>', description: 'names of snapshots (default: {0}_snapshot_{1})' },
  ...sharedRunOptions,
]

export const dateOption: OptionDefinition = {
  flags: '--date <date>',
  description: 'the newest snapshot of a day (YYYYMMDD), or that of a minute (YYYYMMDDHHMM), in UTC',
  isRequired: true,
}

export const cloudNote =
  'The way to the cloud is that of the tools of OpenStack: clouds.yaml or the OS_* variables. Nothing of it is kept.'

/** Values that are undefined are the workflow's to say. @throws Fault `usage.bad_argument` */
export async function runOnServer(
  call: Call,
  workflow: string,
  given: Readonly<Record<string, Json | undefined>>,
): Promise<ExitCode> {
  const on = cloudOf(call)
  const limits = { ...readRunOptions(call), wait: false }
  const all = { pattern: call.text('pattern'), ...given }
  const parameters: Record<string, Json> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined) parameters[name] = value
  const fermata = await call.fermata()
  const start = { ...limits, workflow, instance: call.argument(0), parameters, on }
  return watchExecution(call, (hooks) => fermata.openstack.run({ ...start, ...hooks }))
}

function cloudOf(call: Call): NonNullable<ServerStart['on']> {
  const [cloud, deploymentId] = [call.text('cloud'), call.text('deploymentId')]
  if (cloud !== undefined && deploymentId !== undefined)
    throw fault('usage.bad_argument', { details: { message: 'give --cloud or -d, not both' } })
  if (deploymentId !== undefined) return { deploymentId }
  return cloud === undefined ? {} : { cloud }
}
