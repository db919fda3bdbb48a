// From the text of an implementation to the plugin that runs it: `plugin.module.function`, a script's path, address or text.
import { didYouMean } from '../../kernel/near.ts'
import type { Document, Element } from '../document.ts'
import type { PlannedPlugin } from '../plan.ts'

interface Mapped {
  readonly plugin: string
  /** What stands after the plugin's name. */
  readonly operation: string
  /** Scripts: the input that says which. */
  readonly script?: { readonly input: 'script_path' | 'script_source'; readonly value: string }
}

export type Mapping =
  | Mapped
  | { readonly failure: 'unmapped'; readonly near: string | undefined }
  | { readonly failure: 'ambiguous'; readonly plugins: readonly string[] }
  | { readonly failure: 'no_script_plugin' }

export class ImplementationMapper {
  readonly #plugins: ReadonlyMap<string, PlannedPlugin>
  readonly #document: Document
  readonly #known = new Map<string, Mapping>()

  constructor(plugins: ReadonlyMap<string, PlannedPlugin>, document: Document) {
    this.#plugins = plugins
    this.#document = document
  }

  /** `element` is where the text stands: scripts are looked for beside its file. */
  map(implementation: string, element: Element, task: 'run' | 'execute_workflow' = 'run'): Mapping {
    const key = `${task}\0${element.source.name}\0${element.namespace}\0${implementation}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const mapping = this.#find(implementation, element, task)
    this.#known.set(key, mapping)
    return mapping
  }

  #find(implementation: string, element: Element, task: string): Mapping {
    const isText = implementation.includes('\n')
    const candidates = isText ? [] : this.#candidates(implementation)
    const [plugin] = candidates
    if (plugin !== undefined) {
      if (candidates.length > 1) return { failure: 'ambiguous', plugins: candidates }
      return { plugin, operation: implementation.slice(plugin.length + 1) }
    }
    const script = isText
      ? { input: 'script_source' as const, value: implementation }
      : this.#script(implementation, element)
    if (script === undefined) return { failure: 'unmapped', near: this.#near(implementation) }
    const runner =
      [...this.#plugins.keys()].find((name) => name === 'script') ??
      [...this.#plugins.keys()].find((name) => name.endsWith('script'))
    if (runner === undefined) return { failure: 'no_script_plugin' }
    return { plugin: runner, operation: `script_runner.tasks.${task}`, script }
  }

  #candidates(implementation: string): string[] {
    const found: string[] = []
    for (let dot = implementation.indexOf('.'); dot !== -1; dot = implementation.indexOf('.', dot + 1)) {
      const name = implementation.slice(0, dot)
      if (this.#plugins.has(name)) found.push(name)
    }
    if (found.length > 0) return found
    // Built-in plugins have no namespace, though what refers to them was given one.
    const end = implementation.lastIndexOf('--')
    return end === -1 ? [] : this.#candidates(implementation.slice(end + 2)).filter((name) => !name.includes('--'))
  }

  #script(implementation: string, element: Element): Mapped['script'] {
    // The namespace stays before the path: it tells later whose file it is.
    const { namespace } = element
    const isPrefixed = namespace !== '' && implementation.startsWith(`${namespace}--`)
    const path = isPrefixed ? implementation.slice(namespace.length + 2) : implementation
    // A plugin's script is the plugin's, whatever files of that name the blueprint has.
    const ofPlugin = `${element.source.name}/${path}`
    if (element.source.name.startsWith('plugin:') && this.#document.hasFile(ofPlugin, element.source))
      return { input: 'script_path', value: ofPlugin }
    if (isPrefixed && Object.hasOwn(this.#document.namespaces, namespace))
      return { input: 'script_path', value: implementation }
    if (!/^(https?|ftp|file):/i.test(path) && !this.#document.hasFile(path, element.source)) return undefined
    return { input: 'script_path', value: implementation }
  }

  #near(implementation: string): string | undefined {
    const name = implementation.slice(0, Math.max(0, implementation.indexOf('.')))
    const { fileNames } = this.#document
    if (implementation.includes('/')) {
      return didYouMean(implementation, fileNames) ?? 'no file of that name belongs to the blueprint'
    }
    const plugins = [...this.#plugins.keys()]
    return didYouMean(name, plugins) ?? `plugins here: ${plugins.join(', ') || 'none'}`
  }
}
