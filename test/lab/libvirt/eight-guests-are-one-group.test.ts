// Claim: all guests of a deployment are saved as one group, as fast as a script that calls virsh for all of them at once.
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openCliSite, type CliSite } from '../../support/cli.ts'
import { usersMain } from '../../support/users-main.ts'
import { countGuests, figure, labUri, state } from './lab.ts'

const run = promisify(execFile)
// On two cores a single one may be a fifth off.
const rounds = 7
const isFull = ['-p', 'snapshot_incremental=false']

interface BackupJson {
  readonly id: string
  readonly status: string
  readonly parts: number
  readonly consistency: string
  readonly frozen: readonly { readonly instances: readonly string[] }[]
}

interface ExecutionJson {
  readonly workflow: string
  readonly status: string
  readonly createdAt: number
  readonly endedAt: number | null
}

describe('a group of all guests', () => {
  let cli: CliSite
  let folder: string
  let guests: readonly string[]
  before(async () => {
    cli = await openCliSite({ main: usersMain() })
    folder = mkdtempSync(join(state, 'backup', 'group-'))
    guests = Array.from({ length: await countGuests() }, (_none, index) => `lab${index + 1}`)
    const blueprint = await cli.write({ 'group.yaml': blueprintOf(guests, folder) })
    await cli.ok('blueprints', 'upload', '-b', 'group', blueprint)
    await cli.ok('executions', 'start', 'install', '-b', 'group')
  })
  after(async () => {
    await cli.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is saved together, in about the time that virsh needs for all at once', async () => {
    const [ours, virshs, executions]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < rounds; round += 1) {
      virshs.push(await timed(() => byVirsh(round)))
      ours.push(await timed(() => start('backup', `round-${round}`)))
      const backup = await cli.json<BackupJson>('backups', 'get', `round-${round}`)
      executions.push(await lastOfBackups())
      expect([backup.status, backup.parts]).to.deep.equal(['good', guests.length])
      expect(backup.consistency).to.equal('filesystem')
      for (const { instances } of backup.frozen) expect(instances).to.have.lengthOf(guests.length)
      await start('remove_backup', `round-${round}`, '-p', 'break_floor=true')
    }
    const theirs = median(virshs)
    const beside = (own: number): string => `${ms(own)}, ${(own / theirs).toFixed(2)} times`
    figure(
      `full backup of ${guests.length} guests: the command ${beside(median(ours))} virsh for all in parallel (${ms(theirs)}); its execution ${beside(median(executions))}`,
    )
  })

  const start = (workflow: string, name: string, ...more: readonly string[]): Promise<string> =>
    cli.ok('executions', 'start', workflow, '-d', 'group', '-p', `snapshot_name=${name}`, ...isFull, ...more)

  /** Milliseconds from the first to the last moment of the newest one: without the start and the end of a process. */
  async function lastOfBackups(): Promise<number> {
    const all = await cli.json<readonly ExecutionJson[]>('executions', 'list')
    const ended = all.filter(({ workflow, status }) => workflow === 'backup' && status === 'terminated')
    const spans = ended.map(({ createdAt, endedAt }) => ({ createdAt, span: (endedAt ?? 0) - createdAt }))
    return spans.toSorted((a, b) => b.createdAt - a.createdAt)[0]?.span ?? Number.NaN
  }

  /** Freeze, begin, thaw and wait for the job, of all guests at the same time: what a careful script would do. */
  async function byVirsh(round: number): Promise<void> {
    const one = guests.map((guest) => {
      const xml = join(folder, `${guest}-${round}.xml`)
      const disks = ['vda', 'vdb'].map(
        (disk) =>
          `<disk name='${disk}' type='file'><driver type='qcow2'/><target file='${folder}/${guest}-${disk}-${round}.qcow2'/></disk>`,
      )
      writeFileSync(xml, `<domainbackup mode='push'><disks>${disks.join('')}</disks></domainbackup>`)
      return `save ${guest} ${xml} &`
    })
    const script = `
      v() { virsh -q -c '${labUri()}' "$@"; }
      save() {
        v domfsfreeze $1 >/dev/null; v backup-begin $1 $2 >/dev/null; code=$?; v domfsthaw $1 >/dev/null
        until v domjobinfo $1 | grep -q None; do sleep 0.1; done
        return $code
      }
      ${one.join('\n')}
      wait`
    await run('bash', ['-c', script])
  }
})

const blueprintOf = (guests: readonly string[], folder: string): string => `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin']
node_templates:
${guests.map((guest) => `  ${guest}: {type: cloudify.nodes.libvirt.Domain, properties: {use_external_resource: true, resource_id: ${guest}, libvirt_auth: '${labUri()}', backup_dir: '${folder}'}}`).join('\n')}
groups:
  all: {members: [${guests.join(', ')}]}
`

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const ms = (value: number): string => `${Math.round(value)} ms`
