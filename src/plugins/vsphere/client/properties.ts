// The property collector: what objects of a vCenter are like, page by page.
import { Fault } from '../../../kernel/fault.ts'
import { allOf, at, refIn, textAt, type Element } from './element.ts'
import { managerOf, type Session } from './session.ts'
import { struct, type Field, type Ref, type Struct } from './value.ts'

/** An object and what was asked of it. What it does not have, or we may not see, is not there. */
export interface Found {
  readonly ref: Ref
  readonly values: ReadonlyMap<string, Element>
}

export interface Query {
  readonly type: string
  /** `runtime.powerState` */
  readonly paths: readonly string[]
}

/** In one page; more than a vCenter likes to give at once, and it gives fewer. */
const pageSize = 500

/** @throws Fault `vsphere.not_found` when one of them is gone */
export async function readObjects(
  session: Session,
  signal: AbortSignal,
  { type, paths }: Query,
  refs: readonly Ref[],
): Promise<readonly Found[]> {
  if (refs.length === 0) return []
  const found: Found[] = []
  const objects = refs.map((obj) => struct([['obj', obj]]))
  for await (const one of pages(session, signal, filterSpec({ type, paths }, objects))) found.push(one)
  return found
}

/** All objects of a type below one, in any depth. Default: the whole vCenter. */
export async function* listObjects(
  session: Session,
  signal: AbortSignal,
  { type, paths }: Query,
  below?: Ref,
): AsyncGenerator<Found> {
  const { managers } = await session.signedIn(signal)
  const answer = await session.call({
    target: managerOf({ managers }, 'viewManager'),
    method: 'CreateContainerView',
    args: [
      ['container', below ?? managerOf({ managers }, 'rootFolder')],
      ['type', type],
      ['recursive', true],
    ],
    signal,
  })
  const view = refIn(at(answer, 'returnval'))
  if (view === undefined) return
  try {
    yield* pages(session, signal, filterSpec({ type, paths }, [viewSpec(view, 'ContainerView')]))
  } finally {
    // The session keeps it otherwise; a session that has ended has forgotten it.
    await session.call({ target: view, method: 'DestroyView', signal: session.lifetime }).catch(ignoreFaults)
  }
}

/** What is shown by a view, and not the view itself. */
export function viewSpec(view: Ref, type: 'ContainerView' | 'ListView'): Struct {
  const traversal = struct(
    [
      ['type', type],
      ['path', 'view'],
      ['skip', false],
    ],
    'TraversalSpec',
  )
  return struct([
    ['obj', view],
    ['skip', true],
    ['selectSet', traversal],
  ])
}

export function filterSpec(query: Query | readonly Query[], objects: readonly Struct[]): Struct {
  const properties = [query].flat().map(({ type, paths }) =>
    struct([
      ['type', type],
      ['all', false],
      ['pathSet', paths],
    ]),
  )
  return struct([
    ['propSet', properties],
    ['objectSet', objects],
  ])
}

async function* pages(session: Session, signal: AbortSignal, spec: Struct): AsyncGenerator<Found> {
  const ask = async (method: string, args: readonly Field[]): Promise<Element | undefined> => {
    const { managers } = await session.signedIn(signal)
    const target = managerOf({ managers }, 'propertyCollector')
    return at(await session.call({ target, method, args, signal }), 'returnval')
  }
  const options = struct([['maxObjects', pageSize]])
  let page = await ask('RetrievePropertiesEx', [
    ['specSet', spec],
    ['options', options],
  ])
  let token = textAt(page, 'token')
  try {
    for (;;) {
      for (const object of allOf(page, 'objects')) yield foundIn(object)
      if (token === undefined) return
      page = await ask('ContinueRetrievePropertiesEx', [['token', token]])
      token = textAt(page, 'token')
    }
  } finally {
    // Left before the end: the vCenter need not keep the rest.
    if (token !== undefined) await ask('CancelRetrievePropertiesEx', [['token', token]]).catch(ignoreFaults)
  }
}

function foundIn(object: Element): Found {
  const ref = refIn(at(object, 'obj')) ?? { type: '', id: '' }
  const values = allOf(object, 'propSet').flatMap((one): (readonly [string, Element])[] => {
    const value = at(one, 'val')
    return value === undefined ? [] : [[textAt(one, 'name') ?? '', value]]
  })
  return { ref, values: new Map(values) }
}

export function ignoreFaults(thrown: unknown): undefined {
  if (thrown instanceof Fault) return undefined
  throw thrown
}
