// `openstack clone`: a new server out of a snapshot of another.
import type { CommandDefinition } from '../definition.ts'
import { readKeyValues } from '../key-values.ts'
import { cloudNote, dateOption, runOnServer, serverArgument, serverOptions } from '../openstack-options.ts'

export const openstackClone: CommandDefinition = {
  words: 'openstack clone',
  summary: 'make a new server out of a snapshot of another',
  arguments: [serverArgument, { name: 'CLONE', description: 'name of the new server' }],
  options: [
    dateOption,
    { flags: '--flavor <flavor>', description: 'name or id (default: as SERVER)' },
    { flags: '--avz-name <zone>', description: 'availability zone (default: as SERVER)' },
    { flags: '--meta <name=value>', description: 'its metadata, instead of that of SERVER', isRepeatable: true },
    { flags: '--wait', description: 'until the new server runs' },
    ...serverOptions,
  ],
  notes: [cloudNote],
  examples: ['fermata openstack clone web web-copy --date 20261121 --wait'],
  async run(call) {
    const meta = call.list('meta')
    return runOnServer(call, 'restore_clone_snapshot', {
      date: call.text('date'),
      clone_name: call.argument(1),
      flavor: call.text('flavor'),
      avz_name: call.text('avzName'),
      meta: meta.length === 0 ? undefined : await readKeyValues(meta),
      wait: call.flag('wait'),
    })
  },
}
