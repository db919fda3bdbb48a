// Key pairs: of a key that is given, or a new one whose private half is kept in a file that nobody else may read.
import { constants } from 'node:fs'
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { OperationContext } from '../../contract/context.ts'
import { badProperty } from '../errors.ts'
import { namedFieldsOf, wantedOf } from '../resource/fields.ts'
import { nameOf, type ResourceKind, type Scene } from '../resource/kind.ts'
import { resourceOperations } from '../resource/operations.ts'
import { countedQuota } from '../resource/validate.ts'
import { newPrivateKey, publicKeyOf } from './ssh-keys.ts'

/** On record before the file is written: what stands there from then on is ours. */
const keyFile = 'private_key_path'
const madeFile = 'private_key_made'

export const keyPairs: ResourceKind = {
  word: 'key pair',
  type: 'key_pair',
  service: 'compute',
  path: '/os-keypairs',
  collection: 'keypairs',
  member: 'keypair',
  // A user has but one of a name.
  marking: 'newcomer',
  idOf: (thing) => nameOf(keyPairs, thing),
  unwrapped: (item) => (item['keypair'] ?? {}) as typeof item,
  async describe(scene) {
    const { public_key: _key, ...fields } = namedFieldsOf(scene, ['private_key'])
    const given = wantedOf(scene).text('public_key')
    if (given !== undefined) return { ...fields, public_key: given }
    const own = scene.settings.options.text('private_key') ?? (await ownPrivateKey(scene))
    return { ...fields, public_key: publicKeyOf(own) }
  },
  isLike: (thing, wanted) => essence(thing['public_key']) === essence(wanted['public_key']),
  attributes: (thing) => ({ public_key: thing['public_key'] ?? null, fingerprint: thing['fingerprint'] ?? null }),
  quota: countedQuota('maxTotalKeypairs', () => keyPairs),
}

export const keyPairOperations = resourceOperations('openstack_plugin.resources.compute.keypair', keyPairs, {
  list: 'list_keypairs',
  async afterCreate({ ctx, settings }) {
    const path = settings.options.text(keyFile)
    if (settings.isExternal && path !== undefined) ctx.instance.runtimeProperties[keyFile] = expanded(path)
  },
  afterDelete: removeFile,
})

// Made once: another attempt finds it in the file that is on record, or that was about to be written.
async function ownPrivateKey({ ctx, settings }: Scene): Promise<string> {
  const known = ctx.instance.runtimeProperties
  const recorded = known[madeFile]
  const path = typeof recorded === 'string' ? recorded : fileOf(ctx, settings.options.text(keyFile))
  const isThere = await exists(path)
  if (isThere && recorded === path) return readFile(path, 'utf8')
  if (isThere) throw badProperty(keyFile, `'${path}' is there already, and would be lost`)
  Object.assign(known, { [keyFile]: path, [madeFile]: path })
  await ctx.save()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const key = await newPrivateKey()
  // Whole or not at all: half a key is none.
  await rm(`${path}.part`, { force: true })
  await writeFile(`${path}.part`, key, { flag: 'wx', mode: 0o600, flush: true })
  await rename(`${path}.part`, path)
  ctx.log.info(`The private key is in ${path}`)
  return key
}

async function removeFile(ctx: OperationContext): Promise<void> {
  const known = ctx.instance.runtimeProperties
  const path = known[madeFile]
  if (typeof path === 'string') await rm(path, { force: true })
  for (const name of [keyFile, madeFile]) delete known[name]
}

function fileOf({ stateDirectory, deployment, instance }: OperationContext, given: string | undefined): string {
  if (given !== undefined) return expanded(given)
  return join(stateDirectory, 'keypairs', encodeURIComponent(deployment.id), `${encodeURIComponent(instance.id)}.pem`)
}

function expanded(path: string): string {
  return resolve(path.replace(/^~(?=\/)/, homedir()))
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

// What follows the key is a comment.
function essence(key: unknown): string {
  return typeof key === 'string' ? key.trim().split(/\s+/).slice(0, 2).join(' ') : ''
}
