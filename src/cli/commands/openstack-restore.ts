// `openstack restore`: a server put back to one of its snapshots, in its place.
import type { CommandDefinition } from '../definition.ts'
import { cloudNote, dateOption, runOnServer, serverArgument, serverOptions } from '../openstack-options.ts'

export const openstackRestore: CommandDefinition = {
  words: 'openstack restore',
  summary: 'put a server back to one of its snapshots',
  arguments: [serverArgument],
  options: [dateOption, ...serverOptions],
  notes: [
    cloudNote,
    'The server keeps its addresses. What it holds now stays to be had: in another snapshot, or on the volume that it booted from.',
  ],
  examples: ['fermata openstack restore web --date 202611210500'],
  run: (call) => runOnServer(call, 'restore_inplace_snapshot', { date: call.text('date') }),
}
