// Claim: of the scripts that freeze and thaw one instance a single one runs at a time; others do not wait for it.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { runtimeFolder } from '../../../../src/plugins/guard/record-file.ts'
import { instancePath } from '../../../../src/plugins/script/turn.ts'
import { eventually, stateOf, textOf } from '../local/processes.ts'
import { finalizeName, frozenWriter, prepareName, type FrozenWriter } from './frozen-by-scripts.ts'
import { callScript } from './run-script-operation.ts'

describe('scripts that freeze and thaw', () => {
  const units: FrozenWriter[] = []

  const made = async (): Promise<FrozenWriter> => {
    const files = {
      'note.sh': 'echo "begin $1" >> "$NOTES"; sleep 0.05; echo "end $1" >> "$NOTES"',
      'wait.sh': 'echo waiting >> "$NOTES"; while ! grep -q go "$NOTES"; do sleep 0.01; done; echo "on" >> "$NOTES"',
      'hang.sh': 'trap "" TERM; echo $$ >> "$NOTES"; (while :; do sleep 0.1; done) & while :; do sleep 0.1; done',
    }
    const unit = await frozenWriter({ files })
    units.push(unit)
    return unit
  }

  afterEach(async () => {
    for (const unit of units.splice(0)) await unit.cleanUp()
  })

  const run = (unit: FrozenWriter, name: string, script: string, args: readonly string[] = []) =>
    callScript(unit.at(name), { script_path: script, ...unit.inputs, process: { args } })

  it('run one after the other, whichever half they are', async () => {
    const unit = await made()
    const names = Array.from({ length: 8 }, (_none, index) => String(index))
    await Promise.all(names.map((name, index) => run(unit, index % 2 ? prepareName : finalizeName, 'note.sh', [name])))
    const lines = textOf(unit.notes).trim().split('\n')
    expect(lines).to.have.length(16)
    for (let index = 0; index < lines.length; index += 2)
      expect(lines[index + 1]).to.equal(lines[index]?.replace('begin', 'end'))
  })

  it('do not wait for those of another instance, nor do other operations wait', async () => {
    const [unit, other] = [await made(), await made()]
    const waiting = run(unit, prepareName, 'wait.sh')
    await eventually('it waits', () => textOf(unit.notes) === 'waiting\n')
    await run(other, prepareName, 'note.sh', ['other'])
    await run(unit, 'cloudify.interfaces.snapshot.create', 'note.sh', ['another operation'])
    writeFileSync(unit.notes, 'go\n', { flag: 'a' })
    await waiting
    expect(textOf(unit.notes)).to.match(/^waiting\nbegin another operation\nend another operation\ngo\non\n$/)
  })

  it('are cancelled while they wait', async () => {
    const unit = await made()
    const waiting = run(unit, prepareName, 'wait.sh')
    await eventually('it waits', () => textOf(unit.notes) === 'waiting\n')
    const cancel = new AbortController()
    const ctx = { ...unit.at(finalizeName), signal: cancel.signal }
    const second = callScript(ctx, { script_path: 'note.sh', ...unit.inputs }).catch((thrown: unknown) => thrown)
    cancel.abort(new Error('cancelled'))
    expect(String(await second)).to.include('cancelled')
    writeFileSync(unit.notes, 'go\n', { flag: 'a' })
    await waiting
  })

  it('end what a dead engine left running, however far it forked, before they run', async () => {
    const unit = await made()
    const folder = `${unit.ctx.folder}/blueprint`
    const program = `
      import { operationContext } from '${new URL('../../../../src/testing/operation-context.ts', import.meta.url).href}'
      import { callScript } from '${new URL('./run-script-operation.ts', import.meta.url).href}'
      const order = ${JSON.stringify({ stateDirectory: unit.ctx.stateDirectory, blueprintFolder: folder, instance: { id: unit.ctx.instance.id }, operation: { name: prepareName } })}
      const ctx = operationContext(order)
      await ctx.cleanUp()
      console.log('runs')
      await callScript(ctx, ${JSON.stringify({ script_path: 'hang.sh', ...unit.inputs })})`
    const engine = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(createInterface({ input: engine.stdout }), 'line')
    await eventually('its script runs', () => textOf(unit.notes).endsWith('\n'))
    const left = Number(textOf(unit.notes))
    engine.kill('SIGKILL')
    await once(engine, 'exit')
    expect(stateOf(left)).to.not.equal('gone')
    await run(unit, finalizeName, 'note.sh', ['next'])
    await eventually('what was left is gone', () => ['gone', 'Z'].includes(stateOf(left)))
    expect(textOf(unit.notes)).to.equal(`${left}\nbegin next\nend next\n`)
  })

  it('take a turn that says nothing', async () => {
    const unit = await made()
    writeFileSync(`${instancePath(unit.ctx, runtimeFolder(process.env) ?? '')}.turn`, '{')
    await run(unit, finalizeName, 'note.sh', ['x'])
    expect(textOf(unit.notes)).to.equal('begin x\nend x\n')
  })
})
