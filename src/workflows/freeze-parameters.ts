// How nodes are to be frozen, as workflows are asked for it, and as a bracket understands it.
import { Type } from '../kernel/schema.ts'
import { parseDuration, type Duration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import { freezePolicies, sloActions, type BracketOptions, type FreezePolicy } from '../plugins/contract/workflow.ts'

const duration = (description: string) =>
  Type.Union([Type.String(), Type.Number(), Type.Null()], { default: null, description })

const oneOf = <Value extends string | null>(values: readonly Value[], fallback: Value, description: string) =>
  Type.Unsafe<Value>({ enum: [...values], default: fallback, description })

export const freezing = {
  lease: duration('How long a node may stay frozen, such as 30s or 2m; then its deadman thaws it'),
  max_hold: duration('Extend leases while cuts are under way, up to this; default: never'),
  freeze_policy: oneOf<FreezePolicy | null>(
    [...freezePolicies, null],
    null,
    'Whether nodes have to stand still: require (the default), prefer, or skip',
  ),
  freeze_policies: Type.Union([Type.Record(Type.String(), Type.String()), Type.String()], {
    default: {},
    description: 'Policies of single nodes, such as db=require,cache=skip',
  }),
  freeze_slo: duration('How long a node should be frozen at most'),
  freeze_slo_action: oneOf([...sloActions], 'warn', 'When that is, or would be, exceeded: fail, degrade or warn'),
}

interface Freezing {
  readonly lease: string | number | null
  readonly max_hold: string | number | null
  readonly freeze_policy: FreezePolicy | null
  readonly freeze_policies: Readonly<Record<string, string>> | string
  readonly freeze_slo: string | number | null
  readonly freeze_slo_action: (typeof sloActions)[number]
}

type Settings = Pick<BracketOptions, 'lease' | 'longestHold' | 'policy' | 'policies' | 'slo'>

/** @throws Fault `usage.bad_duration`, `plan.bad_parameter` */
export function freezeSettings(workflow: string, parameters: Freezing): Settings {
  const lease = durationOf(parameters.lease)
  const limit = durationOf(parameters.freeze_slo)
  const { freeze_policy: policy, freeze_slo_action: onBreach } = parameters
  return {
    lease,
    longestHold: durationOf(parameters.max_hold),
    ...(policy === null ? {} : { policy }),
    policies: policiesOf(workflow, parameters.freeze_policies),
    // Without a limit of the workflow's it still says what becomes of a node's own.
    slo: { limit: limit ?? Infinity, onBreach },
  }
}

const durationOf = (value: string | number | null): Duration | undefined =>
  value === null || value === '' ? undefined : parseDuration(value)

function policiesOf(workflow: string, given: Freezing['freeze_policies']): Record<string, FreezePolicy> {
  const pairs = typeof given === 'string' ? pairsOf(given) : Object.entries(given)
  return Object.fromEntries(
    pairs.map(([node, text]) => {
      const policy = freezePolicies.find((known) => known === text)
      if (policy) return [node, policy]
      const reason = `'${node}' must be one of ${freezePolicies.join(', ')}`
      throw fault('plan.bad_parameter', { details: { workflow, parameter: 'freeze_policies', reason } })
    }),
  )
}

function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const at = pair.search(/[=:]/)
      return at < 0 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    })
}
