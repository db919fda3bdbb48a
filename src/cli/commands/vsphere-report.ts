// `vsphere report`: what in the vCenters of a home somebody should look at.
import type { CommandDefinition } from '../definition.ts'
import { deploymentOption } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import { shortTime } from '../instant-text.ts'
import { tableText } from '../table.ts'

const words = {
  old: 'old',
  orphan: 'in no catalog',
  undecided: 'in no catalog yet',
  put_aside: 'put aside',
  consolidate: 'consolidate',
} as const

export const vsphereReport: CommandDefinition = {
  words: 'vsphere report',
  summary: 'show old snapshots, copies that no catalog knows, and disks in pieces',
  options: [
    { ...deploymentOption, description: 'only the vCenters of this deployment (default: of all)' },
    { flags: '--max-age <days>', description: 'snapshots that are older are told (default: 3)' },
  ],
  notes: [
    'Asks each vCenter that a deployment names, for all machines that its user may see; where no deployment names one, ' +
      'that of CFY_VSPHERE_CONFIG_PATH. Nothing is changed.',
    "'In no catalog' is what bears the mark of a backup and no backup of this state directory knows: what an execution " +
      "left that was given up, or a backup of another state directory. 'Yet': an execution is under way that may still " +
      "record it. 'Put aside' is a machine that a restore kept because of its snapshots. 'Consolidate' are disks whose " +
      'pieces have to be merged: unseen, they grow until the datastore is full.',
    'Ends with 1 when a vCenter could not be asked, or a deployment does not lead to one.',
  ],
  examples: ['fermata vsphere report', 'fermata vsphere report -d shop --max-age 7 --json'],
  async run(call) {
    const deploymentId = call.text('deploymentId')
    const mostDays = call.wholeNumber('maxAge', '--max-age', 0)
    const { vcenters, unread, findings } = await (await call.fermata()).vsphere.report({ deploymentId, mostDays })
    if (call.isJson) call.printJson({ vcenters, unread, findings })
    else if (call.isQuiet) for (const { id } of findings) call.print(id)
    else {
      const rows = findings.map((one) => [
        one.id,
        one.machineName,
        one.kind === 'machine' ? null : one.name,
        one.problems.map((problem) => words[problem]).join(', '),
        shortTime(one.createdAt),
        one.vcenter,
      ])
      const head = ['ID', 'MACHINE', 'SNAPSHOT', 'WHAT', 'CREATED (UTC)', 'VCENTER']
      if (rows.length > 0) call.print(await tableText({ head, rows, paint: call.paint }))
      for (const { vcenter, username, machines, snapshots, error } of vcenters)
        call.print(
          error === null
            ? `${vcenter}: ${machines} machines and ${snapshots} snapshots seen as ${username}`
            : `${vcenter} could not be asked as ${username}: ${error.message}`,
        )
      for (const one of unread)
        call.print(`deployment '${one.deploymentId}' does not lead to its vCenter: ${one.error.message}`)
    }
    return unread.length > 0 || vcenters.some(({ error }) => error !== null) ? exitCodes.executionFailed : exitCodes.ok
  },
}
