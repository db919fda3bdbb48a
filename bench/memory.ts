// Peak memory of the processes that upload and deploy a large blueprint, and that back it up.
import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Row } from './report.ts'
import { deploy, openSite, writeBlueprint } from './site.ts'

const self = fileURLToPath(import.meta.url)

export async function memoryBench(options: { readonly instances: number }): Promise<Row[]> {
  const { instances } = options
  const folder = await writeBlueprint(instances, 0)
  const deployed = peakOf('deploy', folder)
  const backedUp = peakOf('backup', folder)
  await rm(folder, { recursive: true, force: true })
  return [
    { name: `upload and deployment of ${instances} instances, peak`, value: deployed, unit: 'MB' },
    { name: `backup of ${instances} instances, peak`, value: backedUp, unit: 'MB' },
  ]
}

function peakOf(phase: string, folder: string): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, [self, phase, folder])
  if (status !== 0) throw new Error(String(stderr))
  return Number(stdout)
}

async function child(phase: string | undefined, folder: string): Promise<void> {
  if (phase === 'deploy') {
    await (await deploy(folder))[Symbol.asyncDispose]()
  } else {
    await using site = await openSite(folder)
    const { status } = await site.fermata.executions.start({ workflow: 'backup', deploymentId: site.deploymentId })
    if (status !== 'terminated') throw new Error(`the backup ended ${status}`)
  }
  console.log(Math.round(process.resourceUsage().maxRSS / 1024))
}

if (process.argv[1] === self) await child(process.argv[2], process.argv[3] ?? '')
