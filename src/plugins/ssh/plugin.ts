// The plugin `ssh`: commands on hosts, and freezing their file systems with a deadman inside of them.
import { definePlugin } from '../contract/plugin.ts'
import { fleetRebootOperation } from './fleet/reboot.ts'
import { fleetRunOperation } from './fleet/run.ts'
import { thaw } from './operations/thaw.ts'
import { readHostSettings } from './host/settings.ts'
import { closeSharedConnections, prepareFor } from './host/shared-connections.ts'
import { freeze } from './operations/freeze.ts'
import { run } from './operations/run.ts'

export default definePlugin({
  name: 'ssh',
  types: new URL('./plugin.yaml', import.meta.url),
  operations: { run, freeze, thaw, fleet_run: fleetRunOperation, fleet_reboot: fleetRebootOperation },
  async prepareHost(properties, ctx) {
    const blueprintFile = async (path: string): Promise<string> => path
    prepareFor(await readHostSettings(properties, { blueprintFile }), ctx)
  },
  close: closeSharedConnections,
})
