// lint.secret_in_default: a password where everybody can read it.
import type { Json } from '../../../kernel/json.ts'
import { type Element, placeIn } from '../../document.ts'
import { fieldOf, objectAt } from '../../elements/build.ts'
import type { Place } from '../../reporter.ts'
import type { Finding, LintRule, LintScene } from '../rule.ts'

const secretName =
  /(^|[_-])(password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|credentials?)$/i

const example = (value: string): string => `
inputs:
  password: ${value}
outputs:
  length: { value: { get_input: password } }
`

export const secretInDefault: LintRule = {
  id: 'lint.secret_in_default',
  summary: 'A default or property whose name sounds like a secret holds a plain value.',
  why: 'It is stored with the blueprint, shown by `blueprints get`, and part of every archive and repository the blueprint travels through.',
  example: { blueprint: example('{ default: hunter2 }') },
  better: { blueprint: example('{ default: { get_secret: password } }') },
  *check(scene) {
    const { inputs, node_types: types, node_templates: nodes, plugins } = scene.document.sections
    for (const element of own(inputs, scene))
      yield* judge(element.name, fieldOf(element.value, 'default'), placeIn(element, 'default'))
    for (const element of [...own(types, scene), ...own(plugins, scene)]) {
      for (const [name, property] of Object.entries(objectAt(element.value, 'properties'))) {
        yield* judge(name, fieldOf(property as Json, 'default'), placeIn(element, 'properties', name, 'default'))
      }
    }
    for (const element of own(nodes, scene)) {
      for (const [name, value] of Object.entries(objectAt(element.value, 'properties'))) {
        yield* judge(name, value as Json, placeIn(element, 'properties', name))
      }
    }
  },
}

function own(elements: ReadonlyMap<string, Element>, scene: LintScene): Element[] {
  return [...elements.values()].filter(({ source }) => scene.isOwn(source))
}

/** Paths say where a secret lies, not what it is. The value itself never goes into the message. */
function* judge(name: string, value: Json | undefined, place: Place): Generator<Finding> {
  if (!secretName.test(name) || typeof value !== 'string' || value === '' || /^[~./]/.test(value)) return
  yield {
    place,
    message: `'${name}' sounds like a secret and is written out here`,
    hint: `keep it with: fermata secrets create ${name} - and write { get_secret: ${name} }`,
  }
}
