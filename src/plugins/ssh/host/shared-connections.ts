// The connections of this process: everybody who works on a host over SSH takes them from here.
import type { OperationContext } from '../../contract/context.ts'
import type { Connection, Connections } from '../client/connection.ts'
import { openConnections } from '../client/connections.ts'
import type { HostSettings } from './settings.ts'

let shared: Connections | undefined

/** The caller releases it. @throws Fault `ssh.*`, effect none */
export function connectTo(
  { target }: HostSettings,
  ctx: Pick<OperationContext, 'signal' | 'world'>,
): Promise<Connection> {
  shared ??= openConnections()
  return shared.connect(target, { signal: ctx.signal, world: ctx.world })
}

/** Begins to connect to a host that will be needed soon. */
export function prepareFor({ target }: HostSettings, ctx: Pick<OperationContext, 'signal' | 'world'>): void {
  if (ctx.signal.aborted) return
  shared ??= openConnections()
  shared.prepare(target, { signal: ctx.signal, world: ctx.world })
}

export async function withHost<Value>(
  settings: HostSettings,
  ctx: Pick<OperationContext, 'signal' | 'world'>,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const connection = await connectTo(settings, ctx)
  try {
    return await work(connection)
  } finally {
    connection.release()
  }
}

/** Ends those that are kept for the next one; who connects afterwards gets new ones. */
export async function closeSharedConnections(): Promise<void> {
  const ended = shared
  shared = undefined
  await ended?.close()
}
