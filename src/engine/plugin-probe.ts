// A process of its own: loads one plugin module and says on its fourth stream what the module provides, or what is wrong
// with it. What a broken module does here - throw, hang, end the process - harms nobody.
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { isPlugin, pluginProblem } from './check-plugin.ts'
import { describePlugin, type ProbeAnswer } from './plugin-provides.ts'
import { provideOwnPackage } from './own-package.ts'

async function probe(path: string): Promise<ProbeAnswer> {
  provideOwnPackage()
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (thrown) {
    return { failure: 'load', reason: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  const plugin = module.default
  if (isPlugin(plugin)) return { provides: describePlugin(plugin) }
  return { failure: 'invalid', reason: pluginProblem(plugin) ?? '' }
}

const answer = Buffer.from(JSON.stringify(await probe(process.argv[2] ?? '')))
for (let sent = 0; sent < answer.length;) sent += writeSync(3, answer, sent)
// A timer or a socket of the module must not keep this process.
process.exit(0)
