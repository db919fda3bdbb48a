// Finds out that a peer is gone although nothing says so: asks when it was silent, gives up when it stays silent.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import { encodeFrame, messageStatuses, messageTypes, type Frame } from './frames.ts'
import { programs } from './procedures.ts'
import type { Wire } from './wire.ts'

const ping = 1
const pong = 2
const interval: Duration = seconds(5)
const mostUnanswered = 3

const message = (procedure: number): Buffer =>
  encodeFrame({
    program: programs.keepalive,
    procedure,
    type: messageTypes.message,
    serial: 0,
    status: messageStatuses.ok,
  })

/** Answers the daemon's own questions; a daemon closes a connection that does not. */
export function answerPing(wire: Wire, frame: Frame): void {
  if (frame.procedure === ping) wire.send(message(pong))
}

/** Ends by itself when the connection is lost. Whatever comes from the peer counts as life. */
export async function keepAlive(wire: Wire, world: World): Promise<void> {
  let unanswered = 0
  while (!wire.lost.aborted) {
    await world.clock.sleep(interval, wire.lost).catch(() => {})
    if (wire.lost.aborted) return
    unanswered = wire.tookLife() ? 0 : unanswered + 1
    if (unanswered > mostUnanswered) wire.destroy(`it was silent for ${(unanswered * interval) / 1000} s`)
    else if (unanswered > 0) wire.send(message(ping))
  }
}
