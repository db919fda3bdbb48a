// Lets plugin modules in a blueprint's folder write `import { definePlugin } from 'fermata'` wherever that folder lies.
import { registerHooks } from 'node:module'

let isProvided = false

export function provideOwnPackage(): void {
  if (isProvided) return
  isProvided = true
  const own = new URL(import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js', import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'fermata' ? { url: own, shortCircuit: true } : next(specifier, context),
  })
}
