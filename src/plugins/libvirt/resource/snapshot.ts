// snapshot.create and snapshot.delete of a network or pool: its document goes into the catalog; a whole backup is a file, too.
import { createHash } from 'node:crypto'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import {
  cutOperation,
  operation,
  type AnyInputs,
  type CutOperation,
  type PartCheck,
  type RunOperation,
} from '../../contract/operation.ts'
import { backupDamaged } from '../backup/errors.ts'
import { backupName } from '../backup/names.ts'
import { compareDocuments } from '../compare/compare-documents.ts'
import { leavesOf, type Leaves } from '../compare/leaves.ts'
import { hypervisorOfNode } from '../domain/domain-of.ts'
import type { LibvirtSettings } from '../settings.ts'
import { element, withChildren } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { documentPlaceOf, readDocument, removeDocument, writeDocument, type DocumentFile } from './document-file.ts'
import { identityOf, templateMark, type Identity } from './identity.ts'
import { resourceOf, type ResourceKind, type Snapshot } from './kind.ts'
import { documentPartIn, documentReceiptIn, kindOf, type DocumentPart, type DocumentReceipt } from './part.ts'

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex')

export function resourceSnapshotCreate<Handle extends Identity>(kind: ResourceKind<Handle>): CutOperation {
  return cutOperation({
    cut: (ctx, inputs) => cut(ctx, kind, inputs),
    async settle(ctx, receipt) {
      const known = documentReceiptIn(receipt, kind.word)
      if (known === undefined) throw backupDamaged(receipt.providerId, `it is no ${kind.word}`)
      const { hypervisor } = await hypervisorOfNode(ctx)
      const file = fileOf(known, kind.word)
      if (file) await writeDocument(ctx, hypervisor, file, known.xml)
      ctx.log.info(`Saved ${kind.word} ${known.resource} as '${known.name}'`)
      return { ...known, bytes: Buffer.byteLength(known.xml), digest: digestOfText(known.xml) }
    },
    verify: async (ctx, part) => check(ctx, documentPartIn(part, kind.word), kind.word),
    async compare(ctx, part) {
      const known = documentPartIn(part, kind.word)
      const { hypervisor } = await hypervisorOfNode(ctx)
      const handle = await kind.find(ctx, hypervisor, { uuid: known.uuid })
      const live = handle && (await kind.read(ctx, hypervisor, handle))
      const blueprint = await declaredLeaves(ctx, kind)
      return compareDocuments({
        blueprint,
        live: live && snapshotLeaves(kind, live),
        backup: snapshotLeaves(kind, known),
      })
    },
  })
}

export function resourceSnapshotDelete<Handle extends Identity>(kind: ResourceKind<Handle>): RunOperation {
  return operation({
    async run(ctx, inputs) {
      const { hypervisor, settings } = await hypervisorOfNode(ctx, { ...inputs })
      const known = documentReceiptIn(ctx.part, kind.word)
      const file = known
        ? fileOf(known, kind.word)
        : { place: documentPlaceOf(settings), ...namesOf(ctx, kind, settings) }
      if (file) await removeDocument(ctx, hypervisor, file)
      ctx.log.info(known ? `Deleted '${known.name}'` : `Nothing of the ${kind.word}'s backup is left`)
    },
  })
}

async function cut<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  inputs: AnyInputs,
): Promise<DocumentReceipt> {
  const { hypervisor, handle, settings } = await resourceOf(ctx, kind, { ...inputs })
  const found = await kind.read(ctx, hypervisor, handle)
  const { name } = namesOf(ctx, kind, settings)
  return {
    kind: kindOf(kind.word),
    providerId: `${handle.uuid}/${name}`,
    uuid: handle.uuid,
    resource: handle.name,
    ...found,
    name,
    place: inputs['snapshot_incremental'] === true ? null : documentPlaceOf(settings),
    // Nothing is written to it while it is read.
    consistency: 'application',
  }
}

// From what is on record alone: a cut that is taken back is found although its object may be gone.
function namesOf<Handle extends Identity>(
  ctx: OperationContext,
  { word }: ResourceKind<Handle>,
  { options, resourceId }: LibvirtSettings,
): Pick<DocumentFile, 'name' | 'file'> {
  const snapshotName = options.required('snapshot_name', options.text)
  return { name: backupName(ctx, resourceId ?? '', snapshotName, word), file: `${word}.xml` }
}

function fileOf({ place, name }: DocumentReceipt, word: string): DocumentFile | undefined {
  return place === null ? undefined : { place, name, file: `${word}.xml` }
}

async function check(ctx: OperationContext, part: DocumentPart, word: string): Promise<PartCheck> {
  const bad = (reason: string, isMissing: boolean): PartCheck => ({ isUsable: false, isMissing, reason })
  if (digestOfText(part.xml) !== part.digest) return bad('what the catalog holds of it has changed', false)
  const file = fileOf(part, word)
  if (file) {
    const { hypervisor } = await hypervisorOfNode(ctx)
    const text = await readDocument(ctx, hypervisor, file)
    if (text === undefined) return bad(`its file '${file.file}' is gone`, true)
    if (text !== part.xml) return bad(`its file '${file.file}' has changed`, false)
  }
  return { isUsable: true, isMissing: false, reason: null }
}

export function snapshotLeaves<Handle extends Identity>(
  { word, passing }: ResourceKind<Handle>,
  { xml, isActive, isAutostart }: Snapshot,
): Leaves {
  const document = parseXml(xml, `the ${word}`)
  const state = [element('active', {}, String(isActive)), element('autostart', {}, String(isAutostart))]
  return leavesOf(withChildren(document, [...document.children, ...state]), passing)
}

/** What the params of the node say, as they are in the blueprint now. undefined: it uses another's, or a template. */
async function declaredLeaves<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
): Promise<Leaves | undefined> {
  const { settings } = await hypervisorOfNode(ctx)
  if (settings.isExternal || ctx.instance.runtimeProperties[templateMark] === true) return undefined
  const properties = await ctx.evaluate(ctx.node.properties)
  const params = isJsonObject(properties) ? properties['params'] : undefined
  const identity = identityOf(ctx, settings)
  const leaves = new Map(leavesOf(kind.describe(isJsonObject(params) ? params : {}, identity), kind.passing))
  for (const path of ['uuid', 'name']) leaves.delete(`/${kind.word}/${path}`)
  return leaves
}
