// Records something under a name that must be free. Another process may take the name between a look and the write.
import { fault } from '../kernel/fault.ts'
import { StoreConflict, type Store, type Write } from '../store/store.ts'

/** `first` inserts the row that carries the name, unless it is there. @throws Fault `usage.exists` */
export async function commitNew(
  store: Store,
  what: { readonly kind: string; readonly id: string },
  first: Write,
  rest: readonly Write[] = [],
): Promise<void> {
  try {
    await store.commit([{ ...first, expect: 1 }, ...rest])
  } catch (thrown) {
    throw thrown instanceof StoreConflict ? fault('usage.exists', { details: what }) : thrown
  }
}
