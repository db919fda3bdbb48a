// A blueprint of two notes, which are files, with a plugin that saves them into a vault: one file for each snapshot, each
// resting on the one before when it is told to. What the vault holds can be seen, damaged and taken away.

const pluginText = `
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cutOperation, definePlugin, operation, Type } from 'fermata'

const digestOf = async (path) => createHash('sha256').update(await readFile(path)).digest('hex')
const inputs = Type.Object({ snapshot_name: Type.String() }, { additionalProperties: true })

export default definePlugin({
  name: 'vault',
  operations: {
    save: cutOperation({
      inputs,
      async cut(ctx, { snapshot_name: name, snapshot_incremental: isIncremental }) {
        const { file, vault } = ctx.node.properties
        await mkdir(vault, { recursive: true })
        const path = join(vault, \`\${ctx.node.id}-\${encodeURIComponent(name)}\${isIncremental ? '' : '-full'}\`)
        await copyFile(file, path)
        const parent = ctx.instance.runtimeProperties.last
        if (!isIncremental) ctx.instance.runtimeProperties.last = path
        return { kind: 'file', providerId: path, ...(isIncremental && parent ? { parentId: parent } : {}) }
      },
      async settle(_ctx, receipt) {
        const bytes = (await readFile(receipt.providerId)).length
        return { ...receipt, bytes, digest: await digestOf(receipt.providerId) }
      },
      async verify(_ctx, part) {
        const found = await digestOf(part.providerId).catch(() => undefined)
        if (found === part.digest) return { isUsable: true, isMissing: false, reason: null }
        const reason = found === undefined ? 'the vault has no such file' : 'its content is another'
        return { isUsable: false, isMissing: found === undefined, reason }
      },
    }),
    apply: operation({ inputs, run: (ctx) => copyFile(ctx.part.providerId, ctx.node.properties.file) }),
    remove: operation({
      inputs,
      async run(ctx) {
        // A cut that is taken back has no part yet.
        if (!ctx.part) return
        await rm(ctx.part.providerId, { force: true })
        if (ctx.instance.runtimeProperties.last === ctx.part.providerId) delete ctx.instance.runtimeProperties.last
      },
    }),
  },
})
`

/** Files of the blueprint, for a site that keeps notes and vault below `folder`. */
export function vaultBlueprint(folder: string): Readonly<Record<string, string>> {
  return {
    'notes/blueprint.yaml': `
tosca_definitions_version: cloudify_dsl_1_4
plugins:
  vault: { executor: central_deployment_agent, source: vault, install: false }
node_types:
  cloudify.nodes.Root: {}
  notes.Note:
    derived_from: cloudify.nodes.Root
    properties: { file: { type: string }, vault: { type: string } }
    interfaces:
      cloudify.interfaces.snapshot: { create: vault.save, apply: vault.apply, delete: vault.remove }
node_templates:
  left: { type: notes.Note, properties: { file: ${folder}/left.txt, vault: ${folder}/vault } }
  right: { type: notes.Note, properties: { file: ${folder}/right.txt, vault: ${folder}/vault } }
`,
    'notes/plugins/vault/plugin.ts': pluginText,
    'left.txt': 'left\n',
    'right.txt': 'right\n',
  }
}
