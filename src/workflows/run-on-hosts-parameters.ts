// What run_on_hosts is asked for: commands, how many hosts at once, and how much may fail before it stops.
import type { Static } from 'typebox'
import { Type } from '../kernel/schema.ts'
import { parseDuration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { groups, selection } from './parameters.ts'

const text = (description: string) => Type.String({ default: '', description })
const length = (description: string) =>
  Type.Union([Type.String(), Type.Number(), Type.Null()], { default: null, description })
const amount = (description: string) =>
  Type.Union([Type.String(), Type.Integer(), Type.Null()], { default: null, description })

export const fleetParameters = Type.Object({
  commands: Type.Array(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]), {
    default: [],
    description:
      'What each host runs, one after the other: a text is read by its shell, or by what its #! names; a list by none',
  }),
  args: Type.Array(Type.String(), { default: [], description: 'Arguments of each command' }),
  env: Type.Record(Type.String(), Type.String(), { default: {}, description: 'Environment of each command' }),
  concurrency: Type.Integer({
    default: 50,
    minimum: 1,
    description: 'Hosts at once; not more than operations may run',
  }),
  canary: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'So many hosts come first and alone; one failure stops',
  }),
  batch: amount('Hosts in a batch, a number or a share such as 25%; the next begins when all of them are through'),
  budget: amount('Failures that are tolerated in all, a number or a share; default: any'),
  batch_budget: amount('Failures that are tolerated in one batch'),
  timeout: length('How long one command may take, such as 10m; then it is ended on the host'),
  sudo: Type.Union([Type.Boolean(), Type.String(), Type.Null()], {
    default: null,
    description: 'true (as root) or the name of a user; default: as the host says',
  }),
  reboot: Type.Boolean({ default: false, description: 'Boot each host anew after its commands, and wait for it' }),
  reboot_command: text('What boots it; default: systemctl reboot'),
  reboot_timeout: length('How long a host may take to come back; default: 10m'),
  check: text('A command that must succeed after all that, and after the reboot'),
  output_limit: Type.Integer({ default: 16384, minimum: 0, maximum: 1048576, description: 'Bytes of output to keep' }),
  groups,
  ...selection,
})
export type FleetParameters = Static<typeof fleetParameters>

/** A number of hosts, or a share of them. */
type Amount = FleetParameters['batch']

export interface FleetRules {
  /** Lists of positions: the canary first, then the batches. */
  readonly batches: readonly (readonly number[])[]
  readonly hasCanary: boolean
  readonly budget: number
  batchBudget(batch: number): number
}

/** @throws Fault `plan.bad_parameter` */
export function fleetRules(parameters: FleetParameters, count: number): FleetRules {
  const canary = Math.min(parameters.canary, count)
  const size = Math.max(1, hostsOf('batch', parameters.batch, count, Math.ceil) ?? count)
  const batches: number[][] = canary > 0 ? [range(0, canary)] : []
  for (let from = canary; from < count; from += size) batches.push(range(from, Math.min(from + size, count)))
  const hasCanary = canary > 0
  return {
    batches,
    hasCanary,
    budget: hostsOf('budget', parameters.budget, count, Math.floor) ?? Infinity,
    batchBudget(batch) {
      if (hasCanary && batch === 0) return 0
      return hostsOf('batch_budget', parameters.batch_budget, batches[batch]?.length ?? 0, Math.floor) ?? Infinity
    },
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

function hostsOf(parameter: string, amount: Amount, of: number, round: (value: number) => number): number | undefined {
  if (amount === null || amount === '') return undefined
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(String(amount))
  const value = Number(match?.[1])
  if (!match || (match[2] === '%' ? value > 100 : !Number.isInteger(value)))
    throw bad(parameter, `'${amount}' is neither a number of hosts nor a share such as 25%`)
  return match[2] === '%' ? round((value * of) / 100) : value
}

/** Checked before any host is called. @throws Fault `plan.bad_parameter`, `usage.bad_duration` */
export function checkFleetParameters(parameters: FleetParameters): void {
  const { commands, reboot, check, timeout, reboot_timeout: rebootTimeout, env } = parameters
  if (commands.length === 0 && !reboot && check === '') throw bad('commands', 'there is nothing to run')
  if (commands.some((command) => [command].flat().join('').trim() === '')) throw bad('commands', 'one of them is empty')
  for (const value of [timeout, rebootTimeout]) if (value !== null && value !== '') parseDuration(value)
  const name = Object.keys(env).find((each) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(each))
  if (name !== undefined) throw bad('env', `'${name}' is no name of a variable`)
}

/** What the operation on a host is given. */
export function commandInputs(
  parameters: FleetParameters,
  command: string | readonly string[],
  begunAt: number,
): JsonObject {
  const { args, env, timeout, sudo, output_limit: limit } = parameters
  return { command, args, env, timeout, sudo, output_limit: limit, begun_at: begunAt }
}

const bad = (parameter: string, reason: string): Error =>
  fault('plan.bad_parameter', { details: { workflow: 'run_on_hosts', parameter, reason } })
