// One story about a daemon, and what is told of it by libvirt 9.0.0 with QEMU 7.2.
import type { Stage } from './stage.ts'

export interface Story {
  /** A sentence about libvirt. */
  readonly claim: string
  run(stage: Stage): Promise<void>
  /** As the real daemon told it. */
  readonly told: readonly string[]
}
