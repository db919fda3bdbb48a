// Nova's actions on servers: power, suspension, locks, rebuild. Those that make images stand beside.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { accepted, badRequest, conflict, forbidden, type Answer } from '../../http/answer.ts'
import { metadata, param, textOr, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { VmState } from '../../model/things.ts'
import { imageMetadataOf } from '../cinder/making.ts'
import { createBackup, createImage, inheritable } from './images.ts'
import { checkState, runJob } from './jobs.ts'
import { findServer, imageToBoot } from './servers.ts'
import { shownServer } from './views.ts'

interface Power {
  readonly action: string
  readonly from: readonly VmState[]
  readonly task: string
  readonly to: VmState
  readonly power: number
  readonly isBoot?: boolean
}

const powers: Readonly<Record<string, Power>> = {
  suspend: { action: 'suspend', from: ['active'], task: 'suspending', to: 'suspended', power: 4 },
  resume: { action: 'resume', from: ['suspended'], task: 'resuming', to: 'active', power: 1 },
  pause: { action: 'pause', from: ['active'], task: 'pausing', to: 'paused', power: 3 },
  unpause: { action: 'unpause', from: ['paused'], task: 'unpausing', to: 'active', power: 1 },
  'os-stop': { action: 'stop', from: ['active', 'error'], task: 'powering-off', to: 'stopped', power: 4 },
  'os-start': { action: 'start', from: ['stopped'], task: 'powering-on', to: 'active', power: 1, isBoot: true },
}

export function actionRoutes(routes: Routes, state: State): void {
  routes.add('compute', 'POST /servers/:id/action', (call) => {
    const server = findServer(state, param(call, 'id'))
    const [action = ''] = Object.keys(call.body)
    if (server.isLocked && !call.who.isAdmin && !['unlock', 'lock'].includes(action)) {
      throw conflict(`Instance ${server.id} is locked`)
    }
    const given = (call.body[action] ?? {}) as JsonObject
    const power = powers[action]
    if (power) return switchPower(state, call, server, power)
    switch (action) {
      case 'reboot':
        return reboot(state, call, server, textOr(given['type'], ''))
      case 'rebuild':
        return rebuild(state, call, server, given)
      case 'createImage':
        return createImage(state, call, server, given)
      case 'createBackup':
        return createBackup(state, call, server, given)
      case 'lock':
      case 'unlock':
        server.isLocked = action === 'lock'
        return accepted()
      case 'os-resetState':
        if (!call.who.isAdmin)
          throw forbidden("Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed.")
        server.vmState = given['state'] === 'active' ? 'active' : 'error'
        server.taskState = null
        return accepted()
      case 'addSecurityGroup':
        server.securityGroups = [...new Set([...server.securityGroups, textOr(given['name'], '')])]
        return accepted()
      case 'removeSecurityGroup':
        server.securityGroups = server.securityGroups.filter((name) => name !== given['name'])
        return accepted()
      default:
        throw badRequest(`There is no such action: ${action}`)
    }
  })
}

function switchPower(state: State, call: Call, server: FakeServer, how: Power): Answer {
  checkState(server, how.action, how.from)
  runJob(state, call, {
    server,
    action: how.action,
    tasks: [how.task],
    done: () => {
      server.vmState = how.to
      server.powerState = how.power
      if (how.isBoot === true) server.boots += 1
    },
  })
  return accepted()
}

function reboot(state: State, call: Call, server: FakeServer, type: string): Answer {
  const kind = type.toUpperCase()
  if (kind !== 'SOFT' && kind !== 'HARD')
    throw badRequest("Invalid input for field/attribute type. 'type' is a required property")
  const isHard = kind === 'HARD'
  checkState(server, 'reboot', isHard ? ['active', 'stopped', 'paused', 'suspended', 'error'] : ['active'])
  const suffix = isHard ? '_hard' : ''
  runJob(state, call, {
    server,
    action: 'reboot',
    tasks: [`rebooting${suffix}`, `reboot_pending${suffix}`, `reboot_started${suffix}`],
    done: () => {
      server.vmState = 'active'
      server.powerState = 1
      server.boots += 1
    },
  })
  return accepted()
}

function rebuild(state: State, call: Call, server: FakeServer, given: JsonObject): Answer {
  checkState(server, 'rebuild', ['active', 'stopped', 'error'])
  const image = imageToBoot(state, textOr(given['imageRef'], ''))
  const root = server.rootVolume
  const isOther = root !== undefined && root.imageMetadata?.['image_id'] !== image.id
  if (isOther && call.minor < 93) {
    throw badRequest(
      `Image ${image.id} is unacceptable: Unable to rebuild with a different image for a volume-backed server.`,
    )
  }
  const wasStopped = server.vmState === 'stopped'
  if ('name' in given) server.name = textOr(given['name'], server.name)
  if ('metadata' in given) {
    for (const name of Object.keys(server.metadata)) delete server.metadata[name]
    Object.assign(server.metadata, metadata(given['metadata']))
  }
  if (call.minor >= 54 && 'key_name' in given) server.keyName = textOr(given['key_name'], null)
  if (call.minor >= 57 && 'user_data' in given) server.userData = textOr(given['user_data'], null)
  if (root === undefined) server.imageId = image.id
  server.imageProperties = inheritable(image)
  runJob(state, call, {
    server,
    action: 'rebuild',
    tasks: ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning', ...(wasStopped ? ['powering-off'] : [])],
    after: {
      rebuild_spawning: () => {
        const content = image.content?.toString('utf8') ?? ''
        if (root === undefined) server.disk = content
        else if (call.minor >= 93) {
          root.content = content
          root.imageMetadata = imageMetadataOf(image)
        }
        server.vmState = 'active'
        server.powerState = 1
        server.boots += 1
      },
    },
    done: () => {
      if (!wasStopped) return
      server.vmState = 'stopped'
      server.powerState = 4
    },
  })
  return accepted({ server: { ...shownServer(state, server, call.minor), adminPass: 'generated-by-nova' } })
}
