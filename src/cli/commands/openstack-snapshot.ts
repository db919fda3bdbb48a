// `openstack snapshot`: one more snapshot of a server, and the oldest ones go.
import type { CommandDefinition } from '../definition.ts'
import { cloudNote, runOnServer, serverArgument, serverOptions } from '../openstack-options.ts'

export const openstackSnapshot: CommandDefinition = {
  words: 'openstack snapshot',
  summary: 'take a snapshot of a server, and delete the oldest ones',
  arguments: [serverArgument],
  options: [
    { flags: '--max-snapshots <count>', description: 'how many are kept (default: 0, all)' },
    { flags: '--stop', description: 'stop the server for it, and start it again' },
    { flags: '--wait', description: 'until the snapshot was read back as whole' },
    ...serverOptions,
  ],
  notes: [
    cloudNote,
    'Only what this workflow has made of this very server under this pattern is counted, and deleted when there is too much ' +
      'of it; only what is whole counts.',
  ],
  examples: [
    'fermata openstack snapshot web --wait',
    'fermata openstack snapshot web --max-snapshots 5 --stop --wait --notify-error ops@example.com',
  ],
  run: (call) =>
    runOnServer(call, 'instance_snapshot', {
      max_snapshots: call.wholeNumber('maxSnapshots', '--max-snapshots', 0),
      instance_stop: call.flag('stop'),
      wait: call.flag('wait'),
    }),
}
