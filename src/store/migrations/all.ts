// The migrations in their order. A released one is never changed; a new one is added at the end.
import { first } from './0001-first.ts'
import { plugins } from './0002-plugins.ts'
import { promises } from './0003-promises.ts'
import { outbox } from './0004-outbox.ts'

export const migrations: readonly (readonly string[])[] = [first, plugins, promises, outbox]
