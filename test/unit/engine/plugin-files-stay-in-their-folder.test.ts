// Claim: names that a blueprint gives lead to files of the plugin version that its plan names, and nowhere else.
import { expect } from 'chai'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan, PlannedPlugin } from '../../../src/blueprint/plan.ts'
import { homeAt } from '../../../src/engine/home.ts'
import { pluginFile, uploadedFolder } from '../../../src/engine/plugin-files.ts'
import { temporaryFolder } from '../../support/folder.ts'

const planned = (packageName: string | null, packageVersion: string | null): PlannedPlugin => ({
  name: 'lamp',
  executor: 'central_deployment_agent',
  install: true,
  source: null,
  packageName,
  packageVersion,
  properties: {},
  written: {},
})

async function withHome(use: (path: string) => void): Promise<void> {
  await using folder = await temporaryFolder()
  const path = realpathSync(folder.path)
  for (const version of ['1.0', '2.0']) {
    mkdirSync(join(path, 'plugins/lamp', version), { recursive: true })
    writeFileSync(join(path, 'plugins/lamp', version, 'start.sh'), version)
  }
  mkdirSync(join(path, 'plugins/outside/1.0'), { recursive: true })
  writeFileSync(join(path, 'secret.key'), 'secret')
  symlinkSync(join(path, 'secret.key'), join(path, 'plugins/lamp/1.0/link'))
  use(path)
}

describe('the files of an uploaded plugin', () => {
  const plan = { plugins: { lamp: planned('lamp', '1.0') } } as unknown as Plan

  it('are those of the version in the plan', async () => {
    await withHome((path) => {
      const file = (name: string): string => pluginFile(homeAt(path), plan, name, 'lit')
      expect(file('plugin:lamp/start.sh')).to.equal(join(path, 'plugins/lamp/1.0/start.sh'))
      expect(file('plugin:lamp?version=>=1,<2/start.sh')).to.equal(join(path, 'plugins/lamp/1.0/start.sh'))
    })
  })

  it('are not found by ways that lead outside', async () => {
    await withHome((path) => {
      for (const name of [
        'plugin:lamp/../2.0/start.sh',
        'plugin:lamp/../../../secret.key',
        'plugin:lamp/link',
        'plugin:lamp?version=2.0/start.sh',
        'plugin:outside/x',
        'plugin:../start.sh',
        'plugin:lamp',
        'plugin:lamp/',
      ]) {
        expect(() => pluginFile(homeAt(path), plan, name, 'lit'), name)
          .to.throw()
          .with.property('code', 'script.not_found')
      }
    })
  })

  it('have no folder under names that are no names', async () => {
    await withHome((path) => {
      const home = homeAt(path)
      expect(uploadedFolder(home, planned('lamp', '2.0'))).to.equal(join(path, 'plugins/lamp/2.0'))
      for (const [name, version] of [
        ['..', '1.0'],
        ['lamp', '..'],
        ['lamp/1.0', '..'],
        ['lamp', '3.0'],
        ['lamp', null],
        [null, '1.0'],
      ] as const)
        expect(uploadedFolder(home, planned(name, version)), `${name} ${version}`).to.equal(undefined)
    })
  })
})
