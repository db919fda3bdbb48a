// How a daemon freezes and thaws guests, and what their agents answer.
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

const freeze = (stage: Stage, mountpoints: readonly string[] = []) =>
  stage.does('DOMAIN_FSFREEZE', { mountpoints }, ({ filesystems }) => String(filesystems))
const thaw = (stage: Stage, mountpoints: readonly string[] = []) =>
  stage.does('DOMAIN_FSTHAW', { mountpoints }, ({ filesystems }) => String(filesystems))
const status = (stage: Stage) => stage.agent('guest-fsfreeze-status')

/** Runs a script in the guest and tells how it ended. */
async function runs(stage: Stage, script: string): Promise<void> {
  const args = { path: '/bin/sh', arg: ['-c', script], 'capture-output': true }
  const started = (await stage.agent('guest-exec', args, () => 'started')) as { readonly pid: number }
  for (;;) {
    const { result } = await stage.asks('DOMAIN_AGENT_COMMAND', {
      cmd: JSON.stringify({ execute: 'guest-exec-status', arguments: { pid: started.pid } }),
      timeout: 10,
      flags: 0,
    })
    const { return: answer } = JSON.parse(result ?? '{}') as { readonly return: ExecStatus }
    if (!answer.exited) continue
    stage.tell(
      `ended with ${answer.exitcode}: ${Buffer.from(answer['out-data'] ?? '', 'base64')
        .toString()
        .trim()}`,
    )
    return
  }
}

/** Resolves when the guest writes to its disk after a time in which it did not. */
async function writesAgain(stage: Stage): Promise<void> {
  const written = async (): Promise<bigint> => (await stage.asks('DOMAIN_BLOCK_STATS', { path: 'vda' })).wrReq
  const before = await written()
  while ((await written()) === before) await new Promise((resolve) => setTimeout(resolve, 50))
}

interface ExecStatus {
  readonly exited: boolean
  readonly exitcode?: number
  readonly 'out-data'?: string
}

export const guestStories: readonly Story[] = [
  {
    claim: 'a freeze counts file systems, a second one is refused, a thaw too many is no error',
    async run(stage) {
      await freeze(stage)
      await status(stage)
      await freeze(stage)
      await thaw(stage, ['/data'])
      await thaw(stage)
      await thaw(stage)
      await status(stage)
    },
    told: [
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_FSFREEZE: error 1',
      'DOMAIN_FSTHAW: error 74',
      'DOMAIN_FSTHAW: 2',
      'DOMAIN_FSTHAW: 0',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "thawed"',
    ],
  },
  {
    claim: 'a freeze of no mount point freezes nothing, and says so with 0 alone',
    async run(stage) {
      await freeze(stage, ['/nowhere'])
      await status(stage)
      await freeze(stage, ['/data'])
      await status(stage)
      await thaw(stage)
    },
    told: [
      'DOMAIN_FSFREEZE: 0',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "thawed"',
      'DOMAIN_FSFREEZE: 1',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_FSTHAW: 1',
    ],
  },
  {
    claim: 'a frozen agent answers status, ping and thaw, and nothing else',
    async run(stage) {
      await freeze(stage)
      await stage.agent('guest-ping')
      await stage.agent('guest-exec', { path: '/bin/true' })
      await stage.agent('guest-file-open', { path: '/run/x', mode: 'w' })
      await stage.agent('guest-get-time')
      await stage.does('DOMAIN_GET_FSINFO', { flags: 0 })
      await stage.does('DOMAIN_GET_TIME', { flags: 0 })
      await thaw(stage)
    },
    told: [
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_AGENT_COMMAND: guest-ping {}',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_GET_FSINFO: error 1',
      'DOMAIN_GET_TIME: error 1',
      'DOMAIN_FSTHAW: 2',
    ],
  },
  {
    claim: 'what a process in the guest thaws, the agent still believes frozen until it is told to thaw',
    async run(stage) {
      await stage.agent('guest-exec', { path: '/bin/sh', arg: ['-c', thawsSoon] }, () => 'started')
      await freeze(stage)
      await writesAgain(stage)
      await status(stage)
      await freeze(stage)
      await thaw(stage)
      await status(stage)
      await runs(stage, 'cat /run/thawed')
    },
    told: [
      'DOMAIN_AGENT_COMMAND: guest-exec started',
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_FSFREEZE: error 1',
      'DOMAIN_FSTHAW: 1',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "thawed"',
      'DOMAIN_AGENT_COMMAND: guest-exec started',
      'ended with 0: yes',
    ],
  },
  {
    claim: 'scripts run in the guest, files are written there, and mistakes are told by the agent',
    async run(stage) {
      const handle = await stage.agent('guest-file-open', { path: '/run/x', mode: 'w' }, () => 'open')
      await stage.agent('guest-file-write', { handle, 'buf-b64': Buffer.from('token\n').toString('base64') })
      await stage.agent('guest-file-close', { handle })
      await runs(stage, 'cat /run/x; exit 3')
      await runs(stage, 'fsfreeze --freeze /nowhere')
      await stage.agent('guest-file-close', { handle: 7 })
      await stage.agent('guest-exec', { path: '/bin/nowhere' })
      await stage.agent('guest-exec-status', { pid: 9999999 })
      await stage.agent('guest-nowhere')
    },
    told: [
      'DOMAIN_AGENT_COMMAND: guest-file-open open',
      'DOMAIN_AGENT_COMMAND: guest-file-write {"count":6,"eof":false}',
      'DOMAIN_AGENT_COMMAND: guest-file-close {}',
      'DOMAIN_AGENT_COMMAND: guest-exec started',
      'ended with 3: token',
      'DOMAIN_AGENT_COMMAND: guest-exec started',
      'ended with 1: ',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_AGENT_COMMAND: error 1',
      'DOMAIN_AGENT_COMMAND: error 1',
    ],
  },
  {
    claim: 'a paused guest, and one that is off, have no agent to ask',
    async run(stage) {
      await stage.does('DOMAIN_SUSPEND', {})
      await freeze(stage)
      await thaw(stage)
      await stage.agent('guest-ping')
      await stage.does('DOMAIN_RESUME', {})
      await freeze(stage)
      await thaw(stage)
      await stage.does('DOMAIN_DESTROY', {})
      await freeze(stage)
    },
    told: [
      'DOMAIN_SUSPEND: done',
      'DOMAIN_FSFREEZE: error 55',
      'DOMAIN_FSTHAW: error 55',
      'DOMAIN_AGENT_COMMAND: error 55',
      'DOMAIN_RESUME: done',
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_FSTHAW: 2',
      'DOMAIN_DESTROY: done',
      'DOMAIN_FSFREEZE: error 55',
    ],
  },
  {
    claim: 'with a patience that was set, calls to a hung agent fail, and others go on',
    async run(stage) {
      await stage.does('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { timeout: 1, flags: 0 })
      await stage.site.hangAgent()
      await freeze(stage)
      await thaw(stage)
      await stage.agent('guest-ping')
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.does('DOMAIN_RESUME', {})
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', {
        xml: '<domainsnapshot><name>q</name></domainsnapshot>',
        flags: 16 | 64,
      })
      await stage.does('DOMAIN_SNAPSHOT_NUM', { flags: 0 }, ({ num }) => String(num))
    },
    told: [
      'DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: done',
      'DOMAIN_FSFREEZE: error 86',
      'DOMAIN_FSTHAW: error 86',
      'DOMAIN_AGENT_COMMAND: error 86',
      'DOMAIN_SUSPEND: done',
      'DOMAIN_RESUME: done',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 86',
      'DOMAIN_SNAPSHOT_NUM: 0',
    ],
  },
  {
    claim: 'a quiesced snapshot is refused while the guest is frozen, one without is not, and leaves it frozen',
    async run(stage) {
      await freeze(stage)
      const xml = (name: string): string => `<domainsnapshot><name>${name}</name></domainsnapshot>`
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: xml('quiesced'), flags: 16 | 64 })
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: xml('plain'), flags: 16 | 128 })
      await status(stage)
      await thaw(stage)
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: xml('quiesced'), flags: 16 | 64 | 128 })
      await status(stage)
      await stage.does('DOMAIN_SNAPSHOT_NUM', { flags: 0 }, ({ num }) => String(num))
    },
    told: [
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 1',
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_FSTHAW: 2',
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "thawed"',
      'DOMAIN_SNAPSHOT_NUM: 2',
    ],
  },
  {
    claim: 'a suspended freeze survives a resume, and a saved image',
    async run(stage) {
      await freeze(stage)
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.does('DOMAIN_RESUME', {})
      await status(stage)
      await stage.does('DOMAIN_MANAGED_SAVE', { flags: 0 })
      await stage.does('DOMAIN_CREATE', {})
      await status(stage)
      await thaw(stage)
    },
    told: [
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_SUSPEND: done',
      'DOMAIN_RESUME: done',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_MANAGED_SAVE: done',
      'DOMAIN_CREATE: done',
      'DOMAIN_AGENT_COMMAND: guest-fsfreeze-status "frozen"',
      'DOMAIN_FSTHAW: 2',
    ],
  },
]

const thawsSoon = 'sleep 1; fsfreeze --unfreeze /data && echo yes > /run/thawed'
