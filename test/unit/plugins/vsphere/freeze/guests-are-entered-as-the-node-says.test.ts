// Who enters a guest, how a script gets there, and what is refused before anybody is asked.
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { programFor, wrapped } from '../../../../../src/plugins/vsphere/freeze/guest-shell.ts'
import { machineGuestHandleFrom } from '../../../../../src/plugins/vsphere/freeze/handle.ts'
import { mountsOf } from '../../../../../src/plugins/vsphere/freeze/mounts.ts'
import { loginOf, runOf } from '../../../../../src/plugins/vsphere/freeze/scene.ts'
import plugin from '../../../../../src/plugins/vsphere/plugin.ts'
import type { FreezeOperation } from '../../../../../src/plugins/contract/operation.ts'
import { settingsOf } from '../../../../../src/plugins/vsphere/settings.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { operationContext } from '../../../../support/operation-context.ts'

const run = promisify(execFile)

async function settings(properties: JsonObject, inputs: JsonObject = {}) {
  const ctx = operationContext({ node: { properties } })
  try {
    return await settingsOf(ctx, inputs)
  } finally {
    await ctx.cleanUp()
  }
}

const credentials = { username: 'root', password: 'p' }

describe('guests of vSphere', () => {
  it('are entered by the credentials of the node, and by nobody where there are none', async () => {
    const login = loginOf(await settings({ guest_credentials: credentials }))
    expect([login?.username, login?.password.reveal(), String(login?.password)]).to.eql(['root', 'p', '********'])
    for (const none of [undefined, null, '', {}, { username: '', password: null }])
      expect(loginOf(await settings(none === undefined ? {} : { guest_credentials: none }))).to.equal(undefined)
  })

  it('are not entered by halves', async () => {
    for (const [given, property] of [
      [{ username: 'root' }, 'guest_credentials.password'],
      [{ password: 'p' }, 'guest_credentials.username'],
      ['root', 'guest_credentials'],
    ] as const) {
      const read = async () => loginOf(await settings({ guest_credentials: given }))
      expect((await faultOf(read())).details['property']).to.equal(property)
    }
  })

  it('have the file systems frozen that the inputs name, else the node, else all', async () => {
    const paths = async (properties: JsonObject, inputs: JsonObject = {}) =>
      mountsOf(await settings(properties, inputs)).paths
    expect(await paths({ mountpoints: ['/a', '/b', '/a'] })).to.eql(['/a', '/b'])
    expect(await paths({ mountpoints: ['/a'] }, { mountpoints: ['/c'] })).to.eql(['/c'])
    expect(await paths({})).to.eql([])
    expect(await faultOf(paths({ mountpoints: ['data'] }))).to.include({ code: 'vsphere.bad_property' })
  })

  it('need no vCenter to be left alone without credentials, whatever else is wrong', async () => {
    const freeze = plugin.operations['vsphere_server_plugin.server.fs_prepare'] as FreezeOperation
    const ctx = operationContext({ node: { properties: {} } })
    try {
      const found = await freeze.deadman?.probe?.(ctx)
      expect(found).to.eql({ kind: 'none', longestHold: null, reason: 'it has no guest_credentials', isUnasked: true })
    } finally {
      await ctx.cleanUp()
    }
  })

  it('run a script as root, or by a sudo that asks for no password', () => {
    expect(programFor('root', "echo 'a'")).to.eql({ path: '/bin/sh', arguments: "-c 'echo '\\''a'\\'''" })
    expect(programFor('web', 'a b')).to.eql({ path: '/usr/bin/sudo', arguments: "-n /bin/sh -c 'a b'" })
  })

  it('keep what a script prints in memory for as long as somebody wants it', async () => {
    for (const [script, isTold, code, isKept] of [
      ['echo yes', true, 0, true],
      ['echo yes', false, 0, false],
      ['echo no >&2; exit 7', false, 7, true],
    ] as const) {
      const folder = `/dev/shm/fermata-out-test-${process.pid}`
      // As tools do it: the line goes through a shell.
      const { path, arguments: words } = programFor('root', wrapped(script, folder, isTold))
      const ended = await run('/bin/sh', ['-c', `"${path}" ${words}`]).then(
        () => 0,
        (thrown: { code: number }) => thrown.code,
      )
      expect([ended, existsSync(folder)], script).to.eql([code, isKept])
      const kept = isKept ? await run('/bin/sh', ['-c', `cat ${folder}/out ${folder}/err; rm -r ${folder}`]) : undefined
      expect(kept?.stdout.trim()).to.equal(isKept ? script.split(' ')[1] : undefined)
    }
  })

  it('are told from what they were before they were started anew, or came out of a copy', () => {
    const ref = (id: string) => ({ type: 'VirtualMachine', id })
    const runs = [runOf(ref('vm-1'), 'then'), runOf(ref('vm-1'), 'now'), runOf(ref('vm-2'), 'then')]
    expect(new Set(runs).size).to.equal(3)
    expect(runOf(ref('vm-1'), undefined)).to.equal('vm-1')
  })

  it('have deadmen whose handles are held against what we make', () => {
    const whole = {
      kind: 'vsphere-guest',
      token: 't',
      id: 'abc',
      folder: '/dev/shm/fermata-0/0123/abc',
      pid: 1,
      startTime: 2,
      clockOffset: 3,
      run: 'vm-1',
    }
    expect(machineGuestHandleFrom(whole)).to.eql(whole)
    for (const change of [{ kind: 'ssh' }, { folder: '/etc' }, { folder: '/dev/shm/x' }, { pid: null }, { run: 7 }])
      expect(machineGuestHandleFrom({ ...whole, ...change }), JSON.stringify(change)).to.equal(undefined)
  })
})
