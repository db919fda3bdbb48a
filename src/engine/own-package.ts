// Lets modules of plugins write `import { definePlugin } from 'fermata'`, wherever their folder lies.
import { registerHooks } from 'node:module'

let isProvided = false

export function provideOwnPackage(): void {
  if (isProvided) return
  isProvided = true
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const own = new Map([
    ['fermata', new URL(`../index.${ending}`, import.meta.url).href],
    ['fermata/testing', new URL(`../testing/index.${ending}`, import.meta.url).href],
  ])
  registerHooks({
    resolve(specifier, context, next) {
      const url = own.get(specifier)
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true }
    },
  })
}
