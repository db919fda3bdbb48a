// Slow calls beyond the first four, each sent when the daemon has shown that it has a worker to spare. A daemon begins with
// five, and makes another one for a call that finds all of them busy; but not while a call waits for one already (libvirt 9.0
// compares unsigned numbers there). Two at once could so be the ones that wait, with nobody made for the thaw behind them.
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import type { CallOptions, LibvirtConnection } from './connection.ts'
import { libvirtErrorOf } from './errors.ts'

export class FurtherCalls {
  /** Of the call before: true when a worker was free after it was sent. */
  #before: Promise<boolean> = Promise.resolve(false)
  #waiting = 0

  /** How many are not sent yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** One after the other; what `send` gives is not waited for. */
  async pass<Returned>(
    connection: LibvirtConnection,
    options: CallOptions,
    send: () => Promise<Returned>,
  ): Promise<Returned> {
    const before = this.#before
    let leave = (_isShown: boolean | Promise<boolean>): void => {}
    this.#before = new Promise((resolve) => (leave = resolve))
    this.#waiting++
    try {
      if (!(await unlessInterrupted(before, [options]))) await showWorker(connection, options)
    } catch (thrown) {
      leave(before)
      throw thrown
    } finally {
      this.#waiting--
    }
    const returned = send()
    leave(
      showWorker(connection, options).then(
        () => true,
        () => false,
      ),
    )
    return returned
  }
}

const nobody = { name: 'nobody', uuid: '00000000-0000-0000-0000-000000000000', id: -1 }

/**
 * Resolves when a worker has answered: on the same connection, so that it has seen what was sent there before, and with a
 * call that the workers for urgent ones do not take. The answer is that there is no such domain, which no log tells of.
 */
async function showWorker(connection: LibvirtConnection, { signal }: CallOptions): Promise<void> {
  try {
    await connection.call('DOMAIN_GET_METADATA', { dom: nobody, type: 0, uri: null }, { signal })
  } catch (thrown) {
    if (libvirtErrorOf(thrown) === undefined) throw thrown
  }
}
