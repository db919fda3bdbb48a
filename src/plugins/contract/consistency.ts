// How sure the state of a part is, and how labels combine.

/**
 * `application`: services were told and stood still, `filesystem`: file systems were flushed and stood still,
 * `crash`: as after a power cut. Best first.
 */
export const consistencies = ['application', 'filesystem', 'crash'] as const
export type Consistency = (typeof consistencies)[number]

export function isConsistency(value: unknown): value is Consistency {
  return (consistencies as readonly unknown[]).includes(value)
}

/** The least sure of them; of none: null. */
export function lowest(labels: readonly Consistency[]): Consistency | null {
  return labels.reduce<Consistency | null>(
    (least, label) => (least === null || isBelow(label, least) ? label : least),
    null,
  )
}

/** True when `left` promises less than `right`. */
export function isBelow(left: Consistency, right: Consistency): boolean {
  return consistencies.indexOf(left) > consistencies.indexOf(right)
}
