// What is told of a job while it runs and after it.
import type { Parameter } from '../../../../src/plugins/libvirt/client/structs.ts'

/** Numbers of virDomainJobType and virDomainJobOperation. */
export const jobType = { none: 0, bounded: 1, unbounded: 2, completed: 3, failed: 4, cancelled: 5 } as const
export const jobOperation = { save: 2, snapshot: 6, backup: 9 } as const

export interface JobStats {
  readonly type: number
  readonly operation: number
  readonly elapsed: number
  readonly total: number
  readonly processed: number
  /** Absent in the stats of a save. */
  readonly isSuccess?: boolean
  readonly error?: string
}

export function parametersOf(stats: JobStats): readonly Parameter[] {
  const bytes = (field: string, value: number): Parameter => ({ field, type: 'u64', value: BigInt(value) })
  return [
    { field: 'operation', type: 'i32', value: stats.operation },
    bytes('time_elapsed', stats.elapsed),
    ...(stats.operation === jobOperation.backup
      ? [
          bytes('disk_total', stats.total),
          bytes('disk_processed', stats.processed),
          bytes('disk_remaining', stats.total - stats.processed),
        ]
      : [
          bytes('data_total', stats.total),
          bytes('data_processed', stats.processed),
          bytes('data_remaining', stats.total - stats.processed),
          bytes('memory_total', stats.total),
          bytes('memory_processed', stats.processed),
          bytes('memory_remaining', stats.total - stats.processed),
        ]),
    ...(stats.isSuccess === undefined
      ? []
      : [{ field: 'success', type: 'bool', value: stats.isSuccess } satisfies Parameter]),
    ...(stats.error === undefined ? [] : [{ field: 'errmsg', type: 'str', value: stats.error } satisfies Parameter]),
  ]
}
