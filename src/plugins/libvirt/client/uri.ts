// What a libvirt URI says: which hypervisor, over which way, with which settings.
import type { Secret } from '../../../kernel/secret.ts'
import type { TargetSettings } from '../../ssh/client/target.ts'

/** What the way to a hypervisor needs beside its URI; what is given here wins. */
export interface Access {
  /** For `+ssh`: keys, password, jumps, host keys. */
  readonly ssh?: Partial<TargetSettings>
  /** For `+tls`: contents or paths of PEM files. */
  readonly tls?: {
    readonly ca?: string
    readonly certificate?: string
    readonly key?: string | Secret
  }
}
