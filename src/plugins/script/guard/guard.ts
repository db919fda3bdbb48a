// The deadman of an instance that scripts freeze: runs its own fs_finalize when a freeze outlives its lease.
import { join } from 'node:path'
import { removeParcel } from '../../guard/handle.ts'
import { keepWatch } from '../../guard/watch.ts'
import { finalize } from './finalize.ts'
import type { ScriptGuardRequest } from './request.ts'

keepWatch<ScriptGuardRequest>((request, self) => ({
  parcel: request.parcel,
  thaw: () => finalize(request, join(request.folder, `${self.pid}-${self.startTime}.fired`)),
  tidy: () => removeParcel(request.parcel),
}))
