// Cold start of the command line beside that of bare Node: whole processes, in turn, from the build.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, type Row } from './report.ts'

const entry = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export async function startBench(options: { readonly runs: number }): Promise<Row[]> {
  if (!existsSync(entry)) throw new Error('there is no build: run `npm run build` first')
  const home = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  const commands = { bare: ['-e', '0'], version: [entry, '--version'], list: [entry, 'executions', 'list'] }
  const times: Record<keyof typeof commands, number[]> = { bare: [], version: [], list: [] }
  for (let run = -2; run < options.runs; run++) {
    for (const name of Object.keys(commands) as (keyof typeof commands)[]) {
      const time = timeOnce(commands[name], home)
      if (run >= 0) times[name].push(time)
    }
  }
  await rm(home, { recursive: true, force: true })
  const bare = median(times.bare)
  return [
    { name: 'node -e 0', value: bare, unit: 'ms' },
    {
      name: 'fermata --version',
      value: median(times.version),
      unit: 'ms',
      ratio: ['times node -e 0', median(times.version) / bare],
    },
    {
      name: 'fermata executions list',
      value: median(times.list),
      unit: 'ms',
      ratio: ['times node -e 0', median(times.list) / bare],
    },
  ]
}

function timeOnce(args: readonly string[], home: string): number {
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [...args], { env: { ...process.env, FERMATA_HOME: home } })
  if (status !== 0) throw new Error(String(stderr))
  return performance.now() - began
}
