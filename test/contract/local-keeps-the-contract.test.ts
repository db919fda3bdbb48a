// The contract suite over the local plugin: a directory, and a process that could go on for ever.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import plugin from '../../src/plugins/local/plugin.ts'
import type { ContractNode } from '../../src/testing/contract/subject.ts'
import { contractSuite } from '../../src/testing/index.ts'

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'fermata-contract-'))
}

function directoryNode(): ContractNode {
  const folder = temporary()
  const [data, store] = [join(folder, 'data'), join(folder, 'store')]
  mkdirSync(data)
  writeFileSync(join(data, 'log'), 'one\n')
  const saved = join(store, 'node', 'snapshots')
  const manifests = (): string[] => (existsSync(saved) ? readdirSync(saved).toSorted() : [])
  return {
    operations: {
      'cloudify.interfaces.snapshot.create': 'directory.snapshot_create',
      'cloudify.interfaces.snapshot.apply': 'directory.snapshot_apply',
      'cloudify.interfaces.snapshot.delete': 'directory.snapshot_delete',
      'cloudify.interfaces.statistics.perfomance': 'directory.statistics',
    },
    type: 'fermata.nodes.local.Directory',
    properties: { path: data, snapshots_path: store },
    change: async () => writeFileSync(join(data, 'log'), 'two\n', { flag: 'a' }),
    state: async () =>
      createHash('sha256')
        .update(readFileSync(join(data, 'log')))
        .digest('hex'),
    snapshots: async () => manifests(),
    loseSnapshot: async (providerId) => rmSync(providerId, { recursive: true }),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function processNode(): ContractNode {
  const folder = temporary()
  const pidFile = join(folder, 'pid')
  const stateOf = (): string => {
    const text = readFileSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2)[0] ?? '?'
  }
  return {
    operations: {
      'cloudify.interfaces.lifecycle.create': 'process.create',
      'cloudify.interfaces.lifecycle.start': 'process.start',
      'cloudify.interfaces.lifecycle.stop': 'process.stop',
      'cloudify.interfaces.lifecycle.delete': 'process.delete',
      'cloudify.interfaces.freeze.fs_prepare': 'process.freeze',
      'cloudify.interfaces.freeze.fs_finalize': 'process.thaw',
      'cloudify.interfaces.freeze.suspend': 'process.suspend',
      'cloudify.interfaces.freeze.resume': 'process.resume',
      'cloudify.interfaces.statistics.perfomance': 'process.statistics',
    },
    type: 'fermata.nodes.local.Process',
    properties: {
      command: `echo $$ > '${pidFile}.new'; mv '${pidFile}.new' '${pidFile}'; exec sleep 1000`,
      cwd: '',
      env: {},
      files: [],
      log_file: 'output.log',
      start_grace: 0.2,
      stop_timeout: 10,
      prepare: '',
      finalize: '',
    },
    bringUp: ['cloudify.interfaces.lifecycle.create', 'cloudify.interfaces.lifecycle.start'],
    takeDown: ['cloudify.interfaces.lifecycle.stop', 'cloudify.interfaces.lifecycle.delete'],
    isFrozen: async () => stateOf() === 'T',
    power: async () => (stateOf() === 'T' ? 'suspended' : 'running'),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

contractSuite('local.directory', { plugin, node: async () => directoryNode() })
contractSuite('local.process', { plugin, node: async () => processNode() })
