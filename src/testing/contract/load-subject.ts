// Loads the `contract.ts` that stands beside a plugin.
import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { provideOwnPackage } from '../../engine/own-package.ts'
import { fault } from '../../kernel/fault.ts'
import type { ContractSubject } from './subject.ts'

const fileNames = ['contract.ts', 'contract.mts', 'contract.js', 'contract.mjs']

/** @throws Fault `plugin.no_contract`, `plugin.load_failed` */
export async function loadSubject(folder: string): Promise<ContractSubject> {
  const file = fileNames.map((name) => join(resolve(folder), name)).find((path) => existsSync(path))
  if (file === undefined) throw noContract(folder, `it holds no ${fileNames[0]}`)
  provideOwnPackage()
  const module: unknown = await import(pathToFileURL(realpathSync(file)).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('plugin.load_failed', { details: { plugin: folder, path: file, reason }, cause })
  })
  const { subject } = module as { readonly subject?: unknown }
  if (isSubject(subject)) return subject
  throw noContract(folder, `${file} exports no 'subject' with a plugin and a function 'node'`)
}

const noContract = (path: string, reason: string): Error => fault('plugin.no_contract', { details: { path, reason } })

function isSubject(value: unknown): value is ContractSubject {
  if (typeof value !== 'object' || value === null) return false
  if (!('plugin' in value) || !('node' in value)) return false
  return typeof value.node === 'function' && typeof value.plugin === 'object' && value.plugin !== null
}
