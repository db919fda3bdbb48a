// What people name a blueprint by: the id of an uploaded one, or the path of one that only lies on disk.
import { existsSync } from 'node:fs'
import type { Plan } from '../blueprint/plan.ts'
import type { ArgumentDefinition } from './definition.ts'
import type { Call } from './call.ts'

export const blueprintArgument: ArgumentDefinition = {
  name: 'BLUEPRINT',
  description: 'id of an uploaded blueprint, or the path of a YAML file, folder or archive',
}

/** An uploaded blueprint wins over a file of the same name; `./NAME` always means the file. */
export async function planOfArgument(call: Call): Promise<Plan> {
  const text = call.argument(0)
  const mainFile = call.text('blueprintFilename')
  const { blueprints } = await call.fermata()
  const isId = mainFile === undefined && !looksLikePath(text) && (await isUploaded(text, blueprints))
  const isPath = looksLikePath(text) || mainFile !== undefined || (!isId && existsSync(text))
  return blueprints.plan(isPath ? { path: text, ...(mainFile === undefined ? {} : { mainFile }) } : text)
}

export function looksLikePath(text: string): boolean {
  return /[/\\]/.test(text) || /\.(ya?ml|zip|tar|tgz|tar\.gz)$/i.test(text) || text === '.' || text === '..'
}

async function isUploaded(
  id: string,
  blueprints: { list(): Promise<readonly { readonly id: string }[]> },
): Promise<boolean> {
  return (await blueprints.list()).some((known) => known.id === id)
}
