// A fermata of its own that makes a backup for each name it reads, for tests that kill or stop it. Says `cutting` when
// everything is frozen and `ended STATUS CODE` afterwards.
import { createInterface } from 'node:readline'
import { openFermata } from '../../src/engine/open.ts'
import { realWorld } from '../../src/world/real-world.ts'

const [home = '', lease = ''] = process.argv.slice(2)
const fermata = await openFermata({ home, world: realWorld() })

for await (const name of createInterface({ input: process.stdin })) {
  const ended = await fermata.executions
    .start({
      workflow: 'backup',
      deploymentId: 'shop',
      parameters: { snapshot_name: name, lease },
      onEvent: ({ message }) => message.startsWith("Task started 'cut'") && console.log('cutting'),
    })
    .then(({ status, error }) => ({ status, code: error?.code }))
    .catch((thrown: { readonly code?: string }) => ({ status: 'refused', code: thrown.code }))
  console.log(`ended ${ended.status} ${ended.code ?? ''}`)
}
await fermata[Symbol.asyncDispose]()
