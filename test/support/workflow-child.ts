// A fermata of its own that runs one workflow, read as JSON from its input, for tests that kill it. Says each fault point
// that it passes and `ended STATUS CODE`. With a point and an ordinal it kills itself when it has passed that so often.
import { text } from 'node:stream/consumers'
import { openFermata } from '../../src/engine/open.ts'
import type { FaultPoint } from '../../src/kernel/fault-point.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { shortWorld } from './short-world.ts'

export interface WorkflowOrder {
  readonly home: string
  readonly workflow: string
  readonly deploymentId: string
  readonly parameters: JsonObject
  /** So many times as fast as elsewhere. Default: time goes as it does. */
  readonly haste?: number
  readonly killAt?: { readonly point: string; readonly ordinal: number }
}

const order = JSON.parse(await text(process.stdin)) as WorkflowOrder
const { home, workflow, deploymentId, parameters, haste, killAt } = order
let passed = 0

async function pass(name: FaultPoint): Promise<void> {
  console.log(`passed ${name}`)
  if (name !== killAt?.point || ++passed !== killAt.ordinal) return
  process.kill(process.pid, 'SIGKILL')
  // The signal comes when it comes; nothing more happens before it.
  await new Promise(() => {})
}

const world = haste === undefined ? realWorld() : shortWorld(haste)
const fermata = await openFermata({ home, world: { ...world, point: pass } })
const { status, error } = await fermata.executions.start({ workflow, deploymentId, parameters })
console.log(`ended ${status} ${error?.code ?? ''}`)
await fermata[Symbol.asyncDispose]()
