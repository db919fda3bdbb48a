// What every element's reader is given.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Document, type Element, type NamedSection, placeIn } from '../document.ts'
import type { Reporter } from '../reporter.ts'
import { checkShape, type Shape } from './shape.ts'

export interface Build {
  readonly document: Document
  readonly reporter: Reporter
  readonly checksVersion: boolean
}

/** Checks an element's shape. Elements that came with fermata are known to be right. */
export function fitsShape(element: Element, shape: Shape, build: Build): boolean {
  if (element.source.isBundled) return true
  const { reporter, document, checksVersion } = build
  const check = {
    reporter,
    minor: document.minor,
    checksVersion,
    placeOf: (path: readonly (string | number)[]) => placeIn(element, ...path),
  }
  return checkShape(element.value, shape, check, element.name === '' ? element.section : element.name)
}

/** The elements of a section whose shape is right. */
export function* wellFormed(section: NamedSection, shape: Shape, build: Build): Generator<Element> {
  for (const element of build.document.sections[section].values()) {
    if (fitsShape(element, shape, build)) yield element
  }
}

/** A field as an object; absent, null and everything else count as empty. */
export function objectAt(value: Json | undefined, key: string): JsonObject {
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return none
  const field = value[key]
  return isJsonObject(field) ? field : none
}

export function fieldOf(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export function textAt(value: Json | undefined, key: string): string | undefined {
  const field = fieldOf(value, key)
  return typeof field === 'string' ? field : undefined
}

const none: JsonObject = Object.freeze({})
