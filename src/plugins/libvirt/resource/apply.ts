// snapshot.apply of a network or pool: makes what is there as the backup has it, where nobody has to notice; else refuses,
// and says what differs. It never ends well with something left different.
import type { OperationContext } from '../../contract/context.ts'
import { operation, type RunOperation } from '../../contract/operation.ts'
import { compareDocuments, differingPaths } from '../compare/compare-documents.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import { differs, nameTaken } from '../errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { parseXml } from '../xml/parse.ts'
import { backupDamaged } from '../backup/errors.ts'
import { readDocument } from './document-file.ts'
import type { Identity } from './identity.ts'
import type { ResourceKind, Snapshot } from './kind.ts'
import { documentPartIn, type DocumentPart } from './part.ts'
import { digestOfText, snapshotLeaves } from './snapshot.ts'

interface Found<Handle> {
  readonly handle: Handle
  readonly live: Snapshot
}

interface Applying<Handle extends Identity> {
  readonly ctx: OperationContext
  readonly kind: ResourceKind<Handle>
  readonly hypervisor: Hypervisor
  readonly part: DocumentPart
}

export function resourceSnapshotApply<Handle extends Identity>(kind: ResourceKind<Handle>): RunOperation {
  return operation({
    async run(ctx, inputs) {
      const part = documentPartIn(ctx.part, kind.word)
      if (digestOfText(part.xml) !== part.digest) throw backupDamaged(part.name, 'what the catalog holds has changed')
      const { hypervisor } = await hypervisorOfNode(ctx, { ...inputs })
      await requireFile(ctx, hypervisor, part, kind.word)
      const applying = { ctx, kind, hypervisor, part }
      const handle = await kind.find(ctx, hypervisor, { uuid: part.uuid })
      const found = handle && { handle, live: await kind.read(ctx, hypervisor, handle) }
      const paths = pathsBetween(applying, found?.live)
      if (paths.length === 0) {
        ctx.log.info(`The ${kind.word} ${part.resource} is as '${part.name}' has it`)
        return { result: 'same', differences: [] }
      }
      if (found) await changeIt(applying, found, paths)
      else await makeAnew(applying)
      await readBack(applying)
      ctx.log.info(`Restored the ${kind.word} ${part.resource} from '${part.name}': ${paths.join(', ')}`)
      return { result: 'applied', differences: paths }
    },
  })
}

// The catalog has all of it; that its file is gone or another one is a sign that must not be passed over.
async function requireFile(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  { place, name, xml }: DocumentPart,
  word: string,
): Promise<void> {
  if (place === null) return
  const text = await readDocument(ctx, hypervisor, { place, name, file: `${word}.xml` })
  if (text === undefined) throw backupDamaged(name, `its file '${word}.xml' is gone`)
  if (text !== xml) throw backupDamaged(name, `its file '${word}.xml' has changed`)
}

function pathsBetween<Handle extends Identity>(
  { kind, part }: Applying<Handle>,
  live: Snapshot | undefined,
): readonly string[] {
  const [now, backup] = [live && snapshotLeaves(kind, live), snapshotLeaves(kind, part)]
  return differingPaths(compareDocuments({ blueprint: undefined, live: now, backup }))
}

async function makeAnew<Handle extends Identity>({ ctx, kind, hypervisor, part }: Applying<Handle>): Promise<void> {
  const namesake = await kind.find(ctx, hypervisor, { name: part.resource })
  if (namesake !== undefined) throw nameTaken(hypervisor, kind.word, part.resource)
  const handle = await kind.define(ctx, hypervisor, part.xml)
  await kind.setAutostart(ctx, hypervisor, handle, part.isAutostart)
  if (part.isActive) await kind.start(ctx, hypervisor, handle)
}

async function changeIt<Handle extends Identity>(
  applying: Applying<Handle>,
  { handle, live }: Found<Handle>,
  paths: readonly string[],
): Promise<void> {
  const { ctx, kind, hypervisor, part } = applying
  const documents = paths.filter((path) => !statePaths(kind.word).includes(path))
  const [from, to] = [parseXml(live.xml, `the ${kind.word}`), parseXml(part.xml, `the saved ${kind.word}`)]
  const isChanged =
    documents.length === 0 || (await kind.change(ctx, hypervisor, { handle, from, to, isActive: live.isActive }))
  const mustStop = live.isActive && (!part.isActive || !isChanged)
  if (mustStop) await refuseUsed(applying, handle, paths)
  if (!isChanged) await kind.define(ctx, hypervisor, part.xml)
  if (mustStop) await kind.stop(ctx, hypervisor, handle)
  if (live.isAutostart !== part.isAutostart) await kind.setAutostart(ctx, hypervisor, handle, part.isAutostart)
  if (part.isActive && (mustStop || !live.isActive)) await kind.start(ctx, hypervisor, handle)
}

const statePaths = (word: string): readonly string[] => [`/${word}/active`, `/${word}/autostart`]

async function refuseUsed<Handle extends Identity>(
  { ctx, kind, hypervisor, part }: Applying<Handle>,
  handle: Handle,
  paths: readonly string[],
): Promise<void> {
  const users = await kind.users(ctx, hypervisor, handle)
  if (users.length === 0) return
  const reason = `it would have to stop, and is in use by ${users.map((name) => `'${name}'`).join(', ')}`
  throw differs({ kind: kind.word, name: part.resource }, { reason, paths, effect: 'none' })
}

async function readBack<Handle extends Identity>(applying: Applying<Handle>): Promise<void> {
  const { ctx, kind, hypervisor, part } = applying
  const handle = await kind.find(ctx, hypervisor, { uuid: part.uuid })
  const paths = pathsBetween(applying, handle && (await kind.read(ctx, hypervisor, handle)))
  if (paths.length === 0) return
  const reason = 'it was changed, and is still different'
  throw differs({ kind: kind.word, name: part.resource }, { reason, paths, effect: 'done' })
}
