// A fermata of its own that runs one workflow, read as JSON from its input, for tests that kill it. Says each fault point
// that it passes and `ended STATUS CODE`. With a point and an ordinal it kills itself when it has passed that so often.
import { text } from 'node:stream/consumers'
import { openFermata } from '../../src/engine/open.ts'
import type { FaultPoint } from '../../src/kernel/fault-point.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { shortWorld } from './short-world.ts'

export interface WorkflowOrder {
  readonly home: string
  readonly workflow: string
  readonly deploymentId: string
  readonly parameters: JsonObject
  /** So many times as fast as time goes. Default: 1. */
  readonly haste?: number
  readonly killAt?: { readonly point: string; readonly ordinal: number }
}

const order = JSON.parse(await text(process.stdin)) as WorkflowOrder
const { home, workflow, deploymentId, parameters, haste = 1, killAt } = order
let passed = 0

async function pass(name: FaultPoint): Promise<void> {
  console.log(`passed ${name}`)
  if (name !== killAt?.point || ++passed !== killAt.ordinal) return
  process.kill(process.pid, 'SIGKILL')
  // The signal comes when it comes; nothing more happens before it.
  await new Promise(() => {})
}

const fermata = await openFermata({ home, world: { ...shortWorld(haste), point: pass } })
const { status, error } = await fermata.executions.start({ workflow, deploymentId, parameters })
console.log(`ended ${status} ${error?.code ?? ''}`)
await fermata[Symbol.asyncDispose]()
