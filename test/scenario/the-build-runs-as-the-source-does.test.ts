// Claim: what users get, few files made of many modules, offers what the source offers, and finds all that is started or
// read by its path: guards, the probe of plugins, `ctx`, Python, type files, the template of a plugin.
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/folder.ts'
import { below, lampBlueprint, lampPlugin } from '../support/lamp-plugin.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Laid out as the package is, beside the libraries that it needs. */
async function buildIn(folder: string): Promise<string> {
  const dist = join(folder, 'dist')
  for (const name of ['package.json', 'blueprints']) await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await mkdir(dist)
  for (const script of ['bundle.ts', 'copy-assets.ts'])
    await run(process.execPath, [join(root, 'scripts', script), dist])
  return dist
}

describe('the build', () => {
  let folder: TemporaryFolder
  let dist: string
  let cli: CliSite

  before(async () => {
    folder = await temporaryFolder()
    dist = await buildIn(folder.path)
    cli = await openCliSite({ main: join(dist, 'cli', 'main.js') })
  })
  after(async () => {
    await cli.close()
    await folder[Symbol.asyncDispose]()
  })

  for (const entry of ['index', 'blueprint/index', 'testing/index'])
    it(`exports from ${entry} what the source exports`, async () => {
      const exportsOf = async (path: string): Promise<string[]> =>
        Object.keys((await import(path)) as object).toSorted()
      const own = await exportsOf(join(root, 'src', `${entry}.ts`))
      expect(own).to.have.lengthOf.above(5)
      expect(await exportsOf(join(dist, `${entry}.js`))).to.deep.equal(own)
    })

  it('has every file that one of its files looks for', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
    const read = (file: string): string => readFileSync(join(dist, file), 'utf8')
    expect(files.filter((file) => read(file).includes('__placeOf'))).to.deep.equal([])
    // Files beside modules, which have a place of their own unless they are where they were, and programs, which have
    // the ending of their module.
    const name = '[`"]([^`"$]+)(\\$\\{extname\\([^`]*\\)\\})?[`"]'
    const look = new RegExp(
      `new URL\\(${name}, (?:new URL\\("([^"]+)", import\\.meta\\.url\\)\\.href\\)|import\\.meta\\.url\\)(?!\\.href))`,
      'g',
    )
    const wanted = files.flatMap((file) =>
      [...read(file).matchAll(look)].map(([, path = '', isProgram, place = '']) =>
        join(dist, dirname(file), dirname(place), isProgram === undefined ? path : `${path}.js`),
      ),
    )
    const programs = wanted.filter((path) => path.endsWith('guard.js'))
    expect(programs).to.have.lengthOf.above(2)
    expect(wanted.filter((path) => !existsSync(path))).to.deep.equal([])
  })

  it('holds the libraries that most commands need, with their licences, and looks for the others outside', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
    const text = files.map((file) => readFileSync(join(dist, file), 'utf8')).join('\n')
    const isOutside = (name: string): boolean => new RegExp(`(?:from |import\\(|[\\w)]\\()["']${name}["']`).test(text)
    expect(
      ['commander', 'kysely', 'p-queue', 'fast-string-width', 'fast-string-truncated-width'].filter(isOutside),
    ).to.deep.equal([])
    expect(['ajv', 'nodemailer', 'undici'].filter(isOutside)).to.have.lengthOf(3)
    const licences = readFileSync(join(dist, 'LICENSES.txt'), 'utf8')
    for (const name of ['commander', 'kysely', 'p-queue', 'fast-string-width', 'fast-string-truncated-width'])
      expect(licences).to.match(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n\\n[^]*?Permission is hereby granted`, 'm'))
  })

  it('backs up a writer that is frozen under a guard', async () => {
    await cli.ok('blueprints', 'upload', '-b', 'two-tier', blueprintPath('two-tier'))
    const pair = ['-i', `directory=${join(cli.folder, 'data')}`, '-i', `snapshots=${join(cli.folder, 'snapshots')}`]
    await cli.ok('executions', 'start', 'install', '-b', 'two-tier', ...pair)
    const printed = await cli.ok('executions', 'start', 'backup', '-d', 'two-tier', '-p', 'snapshot_name=first')
    expect(printed).to.contain("'backup' workflow execution succeeded")
    await cli.ok('executions', 'start', 'uninstall', '-d', 'two-tier')
  })

  it('takes plugins that import fermata, and runs their scripts', async () => {
    await cli.write(below('lamp', lampPlugin('1.0')))
    await cli.ok('plugins', 'upload', join(cli.folder, 'lamp'))
    const path = await cli.write({ 'one/blueprint.yaml': lampBlueprint('plugin:lamp-plugin') })
    await cli.ok('blueprints', 'upload', '-b', 'one', path)
    const printed = await cli.ok('executions', 'start', 'install', '-b', 'one')
    expect(printed).to.contain('made by 1.0').and.to.contain('lit by 1.0')
  })

  it('begins a plugin and tries it with the kit of fermata/testing', async () => {
    const folder = join(cli.folder, 'bulb')
    await cli.ok('plugins', 'init', 'bulb', '-o', folder)
    const results = await cli.json<{ outcome: string }[]>('plugins', 'test', folder)
    expect(results.filter(({ outcome }) => outcome === 'broken')).to.deep.equal([])
    expect(results.filter(({ outcome }) => outcome === 'holds')).to.have.lengthOf.above(30)
  })
})
