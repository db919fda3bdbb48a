// What an attempt that dies must leave behind for the next one: a value among the node's runtime properties, on disk at once.
import type { Json } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'

/** One value that outlives us. */
export interface Memory {
  read(): Json | undefined
  /** Resolves when it is durable. */
  write(value: Json | undefined): Promise<void>
}

export function memoryOf({ instance, save }: Pick<OperationContext, 'instance' | 'save'>, property: string): Memory {
  const { runtimeProperties } = instance
  return {
    read: () => runtimeProperties[property],
    async write(value) {
      if (value === undefined) delete runtimeProperties[property]
      else runtimeProperties[property] = value
      await save()
    },
  }
}
