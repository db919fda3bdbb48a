// Sections of one value: description, metadata, dsl_definitions.
import type { JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { keyPlace } from '../document.ts'
import { versionName } from '../version.ts'
import { type Build, fitsShape } from './build.ts'
import { dict, oneOf, text } from './shape.ts'

interface Singles {
  readonly description: string | null
  readonly metadata: JsonObject
}

export function checkSingles(build: Build): Singles {
  const { singles } = build.document
  const description = singles.get('description')
  const metadata = singles.get('metadata')
  needsTwo('description', build)
  needsTwo('dsl_definitions', build)
  if (description !== undefined) fitsShape(description, text, build)
  if (metadata !== undefined) fitsShape(metadata, dict, build)
  const definitions = singles.get('dsl_definitions')
  if (definitions !== undefined) fitsShape(definitions, oneOf(dict, { is: 'list' }), build)
  return {
    description: typeof description?.value === 'string' ? description.value : null,
    metadata: isJsonObject(metadata?.value) ? metadata.value : {},
  }
}

function needsTwo(section: 'description' | 'dsl_definitions', build: Build): void {
  const element = build.document.singles.get(section)
  if (element === undefined || element.source.isBundled || !build.checksVersion || build.document.minor >= 2) return
  const details = { feature: section, needed: versionName(2), version: build.document.version }
  build.reporter.add('blueprint.version_too_low', keyPlace(element), details)
}
