// Who of this process works in a pool: one that runs for our sake alone ends with the last of them, not with the first.

interface Used {
  readonly hypervisor: { readonly uri: string }
  readonly pool: { readonly name: string }
  readonly wasStopped: boolean
}

interface Use {
  readonly users: Set<Used>
  /** Whoever found it so may be done with it long before the last. */
  wasStopped: boolean
}

const uses = new Map<string, Use>()

const keyOf = ({ hypervisor, pool }: Used): string => `${hypervisor.uri}\0${pool.name}`

export function enter<User extends Used>(user: User): User {
  const use = uses.get(keyOf(user)) ?? { users: new Set(), wasStopped: false }
  uses.set(keyOf(user), use)
  use.users.add(user)
  use.wasStopped ||= user.wasStopped
  return user
}

/** Whether nobody else works there, and whether it stood still before the first of all. */
export function leave(user: Used): { readonly isLast: boolean; readonly wasStopped: boolean } {
  const use = uses.get(keyOf(user))
  if (use === undefined) return { isLast: true, wasStopped: user.wasStopped }
  use.users.delete(user)
  const isLast = use.users.size === 0
  if (isLast) uses.delete(keyOf(user))
  return { isLast, wasStopped: use.wasStopped }
}

const turns = new Map<string, Promise<unknown>>()

/** One after the other, whatever became of those before. */
export async function inTurn<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
  const before = turns.get(key) ?? Promise.resolve()
  const turn = before.then(work, work)
  turns.set(key, turn)
  try {
    return await turn
  } finally {
    if (turns.get(key) === turn) turns.delete(key)
  }
}
