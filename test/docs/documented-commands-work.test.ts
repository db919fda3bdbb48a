// The commands in README and guides are run in order, each document in an empty home; shown outputs are compared.
import { expect } from 'chai'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { filesIn, root } from '../architecture/source-files.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { commandBlocks, firstDifference } from './markdown-blocks.ts'

// Without a build: the command as it stands in src.
const prelude = ['set -euo pipefail', 'fermata() { "$NODE" "$MAIN" "$@"; }', 'npx() { "$@"; }', ''].join('\n')

const hasPython = spawnSync('python3', ['--version']).status === 0

async function runShell(site: CliSite, commands: string): Promise<{ readonly code: number; readonly output: string }> {
  const env = {
    ...process.env,
    PATH: `${process.env['PATH'] ?? ''}:${join(site.folder, 'bin')}`,
    FERMATA_HOME: site.home,
    TMPDIR: join(site.folder, 'tmp'),
    XDG_RUNTIME_DIR: join(site.folder, 'run'),
    NO_COLOR: '1',
    NODE: process.execPath,
    MAIN: join(root, 'src/cli/main.ts'),
  }
  const child = spawn('bash', ['-c', `${prelude}exec 2>&1\n${commands}`], {
    cwd: site.folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { code: code as number, output }
}

const documents = [
  ...filesIn('.', ['README.md']).filter((file) => file.path === 'README.md'),
  ...filesIn('docs/guides', ['.md']),
]

describe('docs: commands', () => {
  it('stand in README and guides', () => {
    expect(documents.length).to.be.above(3)
    expect(documents.flatMap((file) => commandBlocks(file.text)).length).to.be.above(8)
  })

  for (const document of documents) {
    it(`of ${document.path} work as shown`, async function () {
      this.timeout(120_000)
      if (document.text.includes('needs Python') && !hasPython) this.skip()
      const site = await openCliSite()
      try {
        await symlink(join(root, 'blueprints'), join(site.folder, 'blueprints'))
        const blocks = commandBlocks(document.text).filter((block) => block.notRun === undefined)
        expect(blocks).to.not.have.lengthOf(0)
        for (const { line, commands, output } of blocks) {
          const result = await runShell(site, commands)
          expect(result.code, `${document.path}:${line}\n${result.output}`).to.equal(0)
          if (output === undefined) continue
          expect(firstDifference(output, result.output), `${document.path}:${line}\n${result.output}`).to.equal(
            undefined,
          )
        }
      } finally {
        await site.close()
      }
    })
  }

  it('are told apart from those that are not run, and differences are seen', () => {
    const [first, second] = commandBlocks(
      '<!-- not run: why -->\n\n```sh\na\n```\n\n```sh\nb\n```\n\n```text\n1\n...\n3\n```\n',
    )
    expect(first?.notRun).to.equal('why')
    expect(second).to.include({ commands: 'b\n', output: '1\n...\n3\n', notRun: undefined })
    expect(firstDifference('1\n...\n3\n', '1\n2\n3\n')).to.equal(undefined)
    expect(firstDifference('1\n3\n', '1\n2\n3\n')).to.equal('3')
    expect(firstDifference('1\n', '1\n2\n')).to.contain('goes on')
  })
})
