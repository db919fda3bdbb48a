// A fermata of its own that makes a backup for each line it reads (name, freeze policy), for tests that kill or stop it. Says `cutting` when
// everything is frozen and `ended STATUS CODE` afterwards. With SIGNAL, POINT and ORDINAL it sends itself the signal when
// it passes that point for that many times; with `list` it says each point that it passes.
import { createInterface } from 'node:readline'
import { openFermata } from '../../src/engine/open.ts'
import type { FaultPoint } from '../../src/kernel/fault-point.ts'
import { realWorld } from '../../src/world/real-world.ts'

const [home = '', lease = '', signal, point, ordinal] = process.argv.slice(2)
let passed = 0

async function pass(name: FaultPoint): Promise<void> {
  if (signal === 'list') console.log(`passed ${name}`)
  if (name !== point || ++passed !== Number(ordinal)) return
  process.kill(process.pid, signal as NodeJS.Signals)
  // The signal comes when it comes; nothing more happens before it.
  if (signal === 'SIGKILL') await new Promise(() => {})
}

const world = signal === undefined ? realWorld() : { ...realWorld(), point: pass }
const fermata = await openFermata({ home, world })

for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', freeze_policy = 'require'] = line.split(' ')
  const ended = await fermata.executions
    .start({
      workflow: 'backup',
      deploymentId: 'shop',
      parameters: { snapshot_name: name, lease, freeze_policy },
      onEvent: ({ message }) => message.startsWith("Task started 'cut'") && console.log('cutting'),
    })
    .then(({ status, error }) => ({ status, code: error?.code }))
    .catch((thrown: { readonly code?: string }) => ({ status: 'refused', code: thrown.code }))
  console.log(`ended ${ended.status} ${ended.code ?? ''}`)
}
await fermata[Symbol.asyncDispose]()
