// One value that outlives us: what must be known of a restore by whoever carries it on.
import type { Json } from '../../../kernel/json.ts'
import type { Subject } from '../../contract/context.ts'

export interface Memory {
  read(): Json | undefined
  /** Resolves when it is durable. */
  write(value: Json | undefined): Promise<void>
}

/** Kept among the runtime properties of the instance. */
export function memoryOf(ctx: Pick<Subject, 'instance' | 'save'>, property: string): Memory {
  const known = ctx.instance.runtimeProperties
  return {
    read: () => known[property],
    async write(value) {
      if (value === undefined) delete known[property]
      else known[property] = value
      await ctx.save()
    },
  }
}
