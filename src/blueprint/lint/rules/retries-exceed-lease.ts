// lint.retries_exceed_lease: retries inside a bracket that go on after its freezes have ended.
import type { PlannedOperation } from '../../plan.ts'
import { does, placeOfOperation, wire } from '../operations.ts'
import type { LintRule } from '../rule.ts'

/** What runs while others are frozen. */
const inBracket = [wire.prepare, wire.snapshot] as const

const example = (retries: number): string => `
imports: [cloudify/types/types.yaml]
node_templates:
  volume:
    type: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.snapshot:
        create: { implementation: create.sh, max_retries: ${retries}, retry_interval: 5 }
        apply: apply.sh
        delete: delete.sh
`
const files = { 'create.sh': '', 'apply.sh': '', 'delete.sh': '' }

export const retriesExceedLease: LintRule = {
  id: 'lint.retries_exceed_lease',
  summary: 'An operation inside the bracket may retry for longer than nodes may stay frozen.',
  why: 'When the lease ends the nodes thaw by themselves, and the backup fails however often the operation is tried afterwards. Until then everybody stands still for retries that cannot help.',
  example: { blueprint: example(60), files },
  better: { blueprint: example(3), files },
  *check(scene) {
    for (const node of scene.plan.nodes) {
      for (const name of inBracket) {
        const operation = node.operations[name]
        if (operation === undefined || !does(node, name)) continue
        const seconds = secondsOfRetries(operation)
        if (seconds * 1000 <= scene.lease) continue
        yield {
          place: placeOfOperation(node, name, scene),
          message: `'${name}' of node '${node.id}' may retry ${words(seconds)}, but nodes stay frozen for ${scene.lease / 1000} s`,
          hint: 'lower max_retries or retry_interval, or give the backup a longer lease',
        }
      }
    }
  },
}

function words(seconds: number): string {
  return Number.isFinite(seconds) ? `for ${seconds} s` : 'without end'
}

function secondsOfRetries({ maxRetries, retryInterval }: PlannedOperation): number {
  if (maxRetries === null || maxRetries === 0) return 0
  return maxRetries < 0 ? Infinity : maxRetries * (retryInterval ?? 0)
}
