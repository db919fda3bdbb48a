// A room imports only from rooms below it, and the walls between rooms of one floor hold.
import { expect } from 'chai'
import { filesIn, importsOf, type SourceFile } from './source-files.ts'

const floors: Readonly<Record<string, number>> = {
  kernel: 0,
  world: 1,
  blueprint: 2,
  store: 2,
  plugins: 3,
  lifecycle: 4,
  workflows: 5,
  schedule: 6,
  notify: 6,
  report: 6,
  engine: 7,
  testing: 8,
  cli: 9,
  server: 9,
  console: 9,
  'index.ts': 9,
}

interface Import {
  readonly from: string
  readonly to: string
}

const roomOf = (path: string): string => path.split('/')[1] ?? ''

function providerOf(path: string): string | undefined {
  const [, room, folder] = path.split('/')
  return room === 'plugins' && !['contract', 'guard'].includes(folder ?? '') ? folder : undefined
}

function isDownwards({ from, to }: Import): boolean {
  if (roomOf(from) === roomOf(to)) return true
  return (floors[roomOf(to)] ?? Infinity) < (floors[roomOf(from)] ?? -1)
}

/** What a provider folder may know of us. */
function isOpenToProviders(to: string): boolean {
  return (
    /^src\/plugins\/(?:contract|guard|guest|http|ssh\/(?:client|host|deadman))\//.test(to) ||
    ['kernel', 'world'].includes(roomOf(to))
  )
}

const shown = (imports: readonly Import[]): string[] => imports.map(({ from, to }) => `${from} -> ${to}`)

describe('architecture: imports', () => {
  const files: readonly SourceFile[] = filesIn('src', ['.ts'])
  const imports: readonly Import[] = files.flatMap((file) => importsOf(file).map((to) => ({ from: file.path, to })))

  it('are looked at in every file of src', () => {
    expect(files).to.have.lengthOf.above(100)
    expect(imports).to.have.lengthOf.above(300)
  })

  it('name only rooms that have a floor', () => {
    const rooms = new Set(files.map((file) => roomOf(file.path)))
    expect([...rooms].filter((room) => !(room in floors))).to.deep.equal([])
  })

  it('stay inside src', () => {
    expect(shown(imports.filter(({ to }) => !to.startsWith('src/') && to !== 'package.json'))).to.deep.equal([])
  })

  it('go downwards', () => {
    expect(shown(imports.filter((found) => found.to.startsWith('src/') && !isDownwards(found)))).to.deep.equal([])
  })

  it('of a provider reach the contract, world and kernel, and no other provider', () => {
    const ofProviders = imports.filter(({ from }) => providerOf(from) !== undefined)
    expect(ofProviders).to.have.lengthOf.above(20)
    const crossing = ofProviders.filter(({ from, to }) => providerOf(to) !== providerOf(from) && !isOpenToProviders(to))
    expect(shown(crossing)).to.deep.equal([])
  })

  it('of the oracle reach kernel and the labels alone, so that it cannot share a mistake with the engine', () => {
    const oracle = 'src/report/oracle/'
    const ofOracle = imports.filter(({ from }) => from.startsWith(oracle))
    expect(ofOracle).to.have.lengthOf.above(20)
    const isOpen = (to: string): boolean =>
      to.startsWith(oracle) || roomOf(to) === 'kernel' || to === 'src/plugins/contract/consistency.ts'
    expect(shown(ofOracle.filter(({ to }) => !isOpen(to)))).to.deep.equal([])
  })

  it('of report reach no further than what a run leaves on record', () => {
    const logs = imports.filter(({ from }) => /^src\/report\/(log|transcript|sealed-parts|found-power)\.ts$/.test(from))
    expect(logs).to.have.lengthOf.above(4)
    const isOpen = (to: string): boolean =>
      to.startsWith('src/report/') || roomOf(to) === 'kernel' || to === 'src/store/tables.ts'
    expect(shown(logs.filter(({ to }) => !isOpen(to)))).to.deep.equal([])
  })

  it('of contract, lifecycle and workflows name no provider', () => {
    // The engine wires providers up; the kit for their authors hands out the simulated one.
    const core = imports.filter(
      ({ from }) => providerOf(from) === undefined && !['engine', 'testing'].includes(roomOf(from)),
    )
    expect(core).to.have.lengthOf.above(100)
    expect(shown(core.filter(({ to }) => providerOf(to) !== undefined))).to.deep.equal([])
  })
})

describe('architecture: the import test itself', () => {
  it('sees type imports, re-exports, side effects and dynamic imports', () => {
    const text = [
      "import type { A } from './a.ts'",
      "export { B } from '../b.ts'",
      "import './c.ts'",
      "const d = () => import('./d.ts')",
    ].join('\n')
    const found = importsOf({ path: 'src/kernel/x.ts', text })
    expect(found).to.deep.equal(['src/kernel/a.ts', 'src/b.ts', 'src/kernel/c.ts', 'src/kernel/d.ts'])
  })

  it('knows up from down', () => {
    expect(isDownwards({ from: 'src/kernel/a.ts', to: 'src/world/b.ts' })).to.equal(false)
    expect(isDownwards({ from: 'src/blueprint/a.ts', to: 'src/store/b.ts' })).to.equal(false)
    expect(isDownwards({ from: 'src/engine/a.ts', to: 'src/lifecycle/b.ts' })).to.equal(true)
    expect(isOpenToProviders('src/lifecycle/run.ts')).to.equal(false)
  })
})
