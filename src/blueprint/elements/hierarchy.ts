// Single inheritance by derived_from: chains, unknown parents, circles.
import { didYouMean } from '../../kernel/near.ts'
import { type Element, placeIn } from '../document.ts'
import { whatThereIs } from '../known-names.ts'
import { type Build, textAt } from './build.ts'

const depthLimit = 200

/** Root first, the type itself last. undefined when the chain is broken; that was reported. */
export type Hierarchies = ReadonlyMap<string, readonly string[] | undefined>

export function readHierarchies(elements: ReadonlyMap<string, Element>, build: Build): Hierarchies {
  const known = new Map<string, readonly string[] | undefined>()
  for (const name of elements.keys()) resolve(name, elements, known, build)
  return known
}

function resolve(
  start: string,
  elements: ReadonlyMap<string, Element>,
  known: Map<string, readonly string[] | undefined>,
  build: Build,
): void {
  const chain: string[] = []
  let name: string | undefined = start
  let base: readonly string[] | undefined = []
  while (name !== undefined) {
    if (known.has(name)) {
      base = known.get(name)
      break
    }
    const element = elements.get(name)
    if (element === undefined || chain.includes(name) || chain.length > depthLimit) {
      report(name, chain, elements, build)
      base = undefined
      break
    }
    chain.push(name)
    name = textAt(element.value, 'derived_from')
  }
  for (const link of chain.toReversed()) {
    base = base === undefined ? undefined : [...base, link]
    const element = elements.get(link)
    if (base !== undefined && base.length > depthLimit && element !== undefined) {
      build.reporter.add('blueprint.too_deep', placeIn(element, 'derived_from'), { limit: depthLimit })
      base = undefined
    }
    known.set(link, base)
  }
}

function report(name: string, chain: readonly string[], elements: ReadonlyMap<string, Element>, build: Build): void {
  const child = elements.get(chain.at(-1) ?? name)
  if (child === undefined) return
  const place = placeIn(child, 'derived_from')
  if (!elements.has(name)) {
    const near = didYouMean(name, elements.keys()) ?? whatThereIs(elements.keys(), child.name)
    build.reporter.add('blueprint.unknown_parent', place, { type: child.name, parent: name, near })
  } else if (chain.includes(name)) {
    const cycle = [...chain.slice(chain.indexOf(name)), name].join(' -> ')
    build.reporter.add('blueprint.type_cycle', place, { cycle })
  } else {
    build.reporter.add('blueprint.too_deep', place, { limit: depthLimit })
  }
}
