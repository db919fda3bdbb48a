// Files of the blueprint for scripts: as a text, as a copy on disk, rendered or as they are.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { JsonObject } from '../../../kernel/json.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { bad, dictionary, optionalText, requiredText } from './arguments.ts'
import { call, type Entry } from './entry.ts'
import { render } from './render.ts'

type Members = Record<string, () => Entry>

/** `tree` is what `ctx` means in a template. */
export function resourceEntries(ctx: OperationContext, tree: () => Entry): Members {
  const rendered = async (path: string, variables: JsonObject): Promise<string> => {
    if (Object.hasOwn(variables, 'ctx')) throw bad("'ctx' cannot be the name of a template variable")
    return render(await readText(ctx, path), tree(), variables)
  }
  return {
    get_resource: () => call(['resource_path'], ([path]) => readText(ctx, pathOf(path))),
    get_resource_and_render: () =>
      call(['resource_path', 'template_variables'], ([path, variables]) =>
        rendered(pathOf(path), dictionary(variables, 'template_variables')),
      ),
    download_resource: () =>
      call(['resource_path', 'target_path'], async ([path, target]) => {
        const source = await ctx.blueprintFile(pathOf(path))
        return place(ctx, pathOf(path), optionalText(target), (file) => copyFile(source, file))
      }),
    download_resource_and_render: () =>
      call(['resource_path', 'target_path', 'template_variables'], async ([path, target, variables]) => {
        // `ctx download-resource-and-render PATH @{...}`: the variables may come right after the path.
        const [file, values] = isJsonObject(target) ? [undefined, target] : [optionalText(target), variables]
        const text = await rendered(pathOf(path), dictionary(values, 'template_variables'))
        return place(ctx, pathOf(path), file, (temporary) => writeFile(temporary, text))
      }),
  }
}

const pathOf = (value: Parameters<typeof requiredText>[0]): string => requiredText(value, 'the path of the resource')

async function readText(ctx: OperationContext, path: string): Promise<string> {
  const bytes = await readFile(await ctx.blueprintFile(path))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw bad(`'${path}' is not UTF-8 text; take it with download-resource`)
  }
}

/**
 * Writes to the target, or below the state directory, where it outlives the script as a service that was started from
 * it needs. Written beside and renamed, so that a reader never sees half of it.
 */
async function place(
  ctx: OperationContext,
  path: string,
  target: string | undefined,
  write: (file: string) => Promise<void>,
): Promise<string> {
  const names = path.split('/').filter((name) => name !== '' && name !== '.' && name !== '..')
  const kept = join(ctx.stateDirectory, 'downloads', ctx.deployment.id, ctx.instance.id, ...names)
  const file = target === undefined ? kept : resolve(ctx.stateDirectory, target)
  const temporary = `${file}.${ctx.world.randomText(8, '0123456789abcdef')}`
  try {
    // A target's folder is the script's business, as with cp.
    if (target === undefined) await mkdir(dirname(file), { recursive: true })
    await write(temporary)
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw bad(`cannot write '${file}': ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  return file
}
