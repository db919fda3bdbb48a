// A socket of this machine's, waited for until it is connected.
import type { Socket } from 'node:net'
import { unlessInterrupted } from '../../../ssh/client/interrupted.ts'

/** `event`: when it can be used. Rejects with the socket's own error, and with the signal's reason. */
export function connected<Made extends Socket>(socket: Made, event: string, signal: AbortSignal): Promise<Made> {
  const ready = new Promise<Made>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it closed the connection')))
    socket.once(event, () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
  return unlessInterrupted(ready, [{ signal }]).catch((thrown: unknown) => {
    // An error that comes late must not bring the process down.
    socket.on('error', () => {})
    socket.destroy()
    throw thrown
  })
}
