// The contract suite over the script plugin: one script that freezes and thaws a process, suspends it and resumes it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import plugin from '../../src/plugins/script/plugin.ts'
import type { ContractNode } from '../../src/testing/contract/subject.ts'
import { contractSuite } from '../../src/testing/index.ts'

const script = `#!/bin/sh
. ctx-sh
case "$(ctx operation name)" in
  *.fs_prepare | *.suspend) kill -STOP "$PROCESS" ;;
  *.fs_finalize | *.resume) kill -CONT "$PROCESS" ;;
esac
`

const interfaceName = 'cloudify.interfaces.freeze'
const run = 'script_runner.tasks.run'

async function frozenProcess(): Promise<ContractNode> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const stateOf = (): string => {
    const text = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2)[0] ?? '?'
  }
  const operations = ['fs_prepare', 'fs_finalize', 'suspend', 'resume']
  return {
    operations: Object.fromEntries(operations.map((name) => [`${interfaceName}.${name}`, run])),
    files: { 'freeze.sh': script },
    inputs: { script_path: 'freeze.sh', PROCESS: String(child.pid) },
    isFrozen: async () => stateOf() === 'T',
    power: async () => (stateOf() === 'T' ? 'suspended' : 'running'),
    [Symbol.asyncDispose]: async () => void child.kill('SIGKILL'),
  }
}

contractSuite('script', { plugin, node: frozenProcess })
