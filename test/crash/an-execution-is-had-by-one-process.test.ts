// Claim: of several processes that want the same execution at the same moment one has it, also when its owner was killed;
// and no deployment has two.
import { expect } from 'chai'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { tell } from '../support/figures.ts'
import { temporaryFolder } from '../support/folder.ts'

const program = new URL('../support/claim-child.ts', import.meta.url).pathname
const processes = 4
const executions = 80
const rounds = 3

type Child = ChildProcessByStdio<Writable, Readable, null>

describe('executions that several processes want', () => {
  it('are had by one each, and by one each again when all of those were killed', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const meet = (what: 'begin' | 'take'): Promise<readonly number[][]> => meeting(what, path)
    const shares = [await meet('begin')]
    for (let round = 0; round < rounds; round++) shares.push(await meet('take'))
    for (const won of shares) {
      // Each by one: nothing twice, nothing left over.
      expect(won.flat().toSorted((left, right) => left - right)).to.deep.equal(numbers)
    }
    // They did meet; on a busy machine not each time.
    const rivals = shares.map((won) => won.filter((one) => one.length > 0).length)
    expect(Math.max(...rivals)).to.be.above(1)
    const store = openSqliteStore(path)
    const rows = await store.read<{ count: number }>(
      "select count(*) as count from executions where status in ('pending', 'started', 'cancelling') group by deployment_id",
    )
    await store.close()
    expect(rows.map(({ count }) => count)).to.deep.equal(numbers.map(() => 1))
    tell(`claims of ${processes} processes on ${executions} executions, ${rounds + 1} times: each had by one`)
  })
})

const numbers = Array.from({ length: executions }, (_none, index) => index)

/** What each of them won; they are killed afterwards. */
async function meeting(what: string, path: string): Promise<readonly number[][]> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  const children = Array.from({ length: processes }, (): Child =>
    spawn(process.execPath, [program, what, String(executions), path], { env, stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const lines = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]())
  const next = async (): Promise<string[]> =>
    (await Promise.all(lines.map((line) => line.next()))).map(({ value }) => String(value))
  try {
    expect(await next()).to.deep.equal(children.map(() => 'ready'))
    for (const child of children) child.stdin.write('go\n')
    return (await next()).map((line) => JSON.parse(line) as number[])
  } finally {
    const ended = children.map((child) => once(child, 'close'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
  }
}
