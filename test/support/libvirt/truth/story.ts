// One story about a daemon, and what is told of it by libvirt 9.0.0 with QEMU 7.2.
import type { Stage } from './stage.ts'

export interface Story {
  /** A sentence about libvirt. */
  readonly claim: string
  /** It waits half a minute for libvirt to give up. */
  readonly isLong?: boolean
  run(stage: Stage): Promise<void>
  /** As the real daemon told it. */
  readonly told: readonly string[]
}
