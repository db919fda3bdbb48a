// The lab's control plane, for the stories: read from what its `up` wrote.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { TruthSite } from './site.ts'

interface LabFile {
  readonly image: string
  /** Id by name. */
  readonly flavors: Readonly<Record<string, string>>
}

export async function labSite(): Promise<TruthSite> {
  const folder = join(process.env['LAB_STATE'] ?? '/tmp/lab-openstack', 'etc')
  if (!existsSync(join(folder, 'lab.json'))) throw new Error(`no lab runs with its state in ${folder}`)
  const openrc = readFileSync(join(folder, 'openrc'), 'utf8')
  const variable = (name: string): string => new RegExp(`^export ${name}=(.*)$`, 'm').exec(openrc)?.[1] ?? ''
  const { image, flavors } = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as LabFile
  return {
    authUrl: variable('OS_AUTH_URL'),
    username: variable('OS_USERNAME'),
    password: variable('OS_PASSWORD'),
    project: variable('OS_PROJECT_NAME'),
    image,
    flavor: flavors['lab.nano'] ?? '',
    patience: 90_000,
    pause: 200,
    hold: () => ({ release: () => {} }),
    // Glance tells the time in whole seconds: nothing to wait for but the clock.
    nextSecond: () => after(1100),
    [Symbol.asyncDispose]: async () => {},
  }
}
