// Lets libvirt look anew at what is in a pool. It refuses while it makes, copies or fills a volume of that pool, whoever asked
// for that; then it is asked again.
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import { libvirtErrorOf } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Pool } from '../client/structs.ts'

/** Filling a large volume takes long. */
const patience = seconds(3600)
const shortestPause = 50
const longestPause = 2000

export async function refreshPool(
  { signal, world: { clock } }: Pick<OperationContext, 'signal' | 'world'>,
  hypervisor: Hypervisor,
  pool: Pool,
): Promise<void> {
  const end = clock.monotonic() + patience
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    try {
      await hypervisor.call('STORAGE_POOL_REFRESH', { pool }, { signal })
      return
    } catch (thrown) {
      if (!isBusy(thrown) || clock.monotonic() >= end) throw thrown
    }
    await clock.sleep(pause, signal)
  }
}

// Its number is that of any internal error.
const isBusy = (thrown: unknown): boolean => libvirtErrorOf(thrown)?.message.includes('asynchronous jobs') === true
