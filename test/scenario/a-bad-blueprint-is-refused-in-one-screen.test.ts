// Claim: whatever is wrong with a blueprint or its archive, one screen says where and what to do, and nothing else suffers.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { tarBytes, zipBytes } from '../support/archives.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal, type Refusal } from '../support/refusal.ts'

const head = 'tosca_definitions_version: cloudify_dsl_1_3\nimports: [cloudify/types/types.yaml]\n'
const good = `${head}node_templates:\n  vm: { type: cloudify.nodes.Root }\n`

interface BadBlueprint extends Refusal {
  readonly name: string
  readonly text: string
}

const texts: readonly BadBlueprint[] = [
  {
    name: 'a YAML mistake',
    text: `${head}node_templates:\n  a: { type: x\n  b: 1\n`,
    code: 3,
    says: ['blueprint.yaml:5:', 'not YAML'],
    hint: 'mend the text',
  },
  {
    name: 'an unknown type',
    text: `${head}node_templates:\n  vm:\n    type: cloudify.nodes.Compte\n`,
    code: 3,
    says: ['blueprint.yaml:5:11', "'cloudify.nodes.Compte'", 'blueprint.unknown_node_type', 'node_templates.vm.type'],
    hint: "did you mean 'cloudify.nodes.Compute'",
  },
  {
    name: 'a circle of relationships',
    text:
      `${head}node_templates:\n` +
      ['left', 'right']
        .map(
          (id, index) =>
            `  ${id}:\n    type: cloudify.nodes.Root\n    relationships:\n      - { type: cloudify.relationships.connected_to, target: ${['right', 'left'][index]} }\n`,
        )
        .join(''),
    code: 3,
    says: ['blueprint.yaml:', 'left -> right -> left', 'node_templates.left.relationships'],
    hint: 'take one of these relationships out',
  },
  {
    name: 'a bomb of aliases',
    text: `${good}dsl_definitions:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, index) => `  a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(10)}]\n`).join('')}`,
    code: 3,
    says: [/blueprint\.yaml:\d+:\d+/, 'the document is'],
  },
  {
    name: 'a nesting of 100,000 levels',
    text: `${good}dsl_definitions: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`,
    code: 3,
    says: [/blueprint\.yaml:\d+:\d+/, /deep|nest/],
  },
  { name: 'an empty file', text: '', code: 3, says: ['blueprint.yaml'] },
  { name: 'a binary file', text: '\u0000\u0001\u0002PK', code: 3, says: ['blueprint.yaml'] },
  {
    name: 'five hundred mistakes',
    text: `${head}node_templates:\n${Array.from({ length: 500 }, (_, index) => `  n${index}: { type: nothing.${index} }\n`).join('')}`,
    code: 3,
    says: ['500 problems', 'more not shown'],
  },
]

const outside = '../outside'
const archives: Readonly<Record<string, { readonly content: Buffer; readonly entry: string }>> = {
  'up.tar': {
    entry: outside,
    content: tarBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: `b/../${outside}`, content: 'x' },
    ]),
  },
  'absolute.tar': {
    entry: '/tmp/fermata-absolute',
    content: tarBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: '/tmp/fermata-absolute', content: 'x' },
    ]),
  },
  'symlink.tar': {
    entry: 'b/link',
    content: tarBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: 'b/link', type: '2', link: '/etc/passwd' },
    ]),
  },
  'hardlink.tar': {
    entry: 'b/link',
    content: tarBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: 'b/link', type: '1', link: '/etc/passwd' },
    ]),
  },
  'device.tar': {
    entry: 'b/device',
    content: tarBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: 'b/device', type: '3' },
    ]),
  },
  'up.zip': {
    entry: outside,
    content: zipBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: `b/../${outside}`, content: 'x' },
    ]),
  },
  'absolute.zip': {
    entry: '/tmp/fermata-absolute',
    content: zipBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: '/tmp/fermata-absolute', content: 'x' },
    ]),
  },
  'symlink.zip': {
    entry: 'b/link',
    content: zipBytes([
      { name: 'b/blueprint.yaml', content: good },
      { name: 'b/link', content: '/etc/passwd', mode: 0o120777 },
    ]),
  },
}

describe('a bad blueprint', () => {
  let cli: CliSite
  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', '-b', 'good', await cli.write({ 'good/blueprint.yaml': good }))
  })
  after(() => cli.close())

  const upload = (path: string) => cli.run('blueprints', 'upload', '-b', 'bad', path)

  it('that is not there', async () => {
    expectRefusal(await upload(`${cli.folder}/nowhere.yaml`), { code: 2, says: ['nowhere.yaml', 'usage.no_such_file'] })
  })

  it('whose folder has no main file', async () => {
    await cli.write({ 'other/service.yaml': good })
    expectRefusal(await upload(`${cli.folder}/other`), {
      code: 3,
      says: ['blueprint.yaml'],
      hint: '--blueprint-filename; there is service.yaml',
    })
  })

  for (const { name, text, ...refusal } of texts) {
    it(`with ${name}`, async () => {
      const result = await upload(await cli.write({ 'bad/blueprint.yaml': text }))
      expectRefusal(name.startsWith('five hundred') ? firstScreen(result) : result, refusal)
    })
  }

  for (const [name, { content, entry }] of Object.entries(archives)) {
    it(`in an archive with an entry that leads elsewhere (${name})`, async () => {
      const result = await upload(await cli.write({ [name]: content }))
      expectRefusal(result, {
        code: 3,
        says: [name, entry.split('/').at(-1) ?? '', 'archive.unsafe_entry'],
        hint: 'plain files and folders',
      })
      expect(existsSync(`${cli.home}/outside`) || existsSync('/tmp/fermata-absolute')).to.equal(false)
    })
  }

  it('in an archive that is none', async () => {
    const result = await upload(await cli.write({ 'torn.zip': Buffer.from('PK\u0003\u0004 and then nothing') }))
    expectRefusal(result, { code: 3, says: ['torn.zip', 'archive.unreadable'] })
  })

  it('changes nothing: what was there is there, and only that', async () => {
    expect((await cli.json<{ id: string }[]>('blueprints', 'list')).map(({ id }) => id)).to.deep.equal(['good'])
    await cli.ok('deployments', 'create', 'good', '-b', 'good')
  })

  it('is told to programs as JSON, all problems of it', async () => {
    const path = await cli.write({
      'bad/blueprint.yaml': texts.find(({ name }) => name === 'five hundred mistakes')?.text ?? '',
    })
    const { code, stderr } = await cli.run('blueprints', 'upload', '-b', 'bad', path, '--json')
    expect(code).to.equal(3)
    expect((JSON.parse(stderr) as { error: { problems: unknown[] } }).error.problems).to.have.length(500)
  })
})

/** Many problems may fill a screen of forty lines; the rules for one refusal hold of its end. */
function firstScreen(result: { code: number | null; stdout: string; stderr: string }) {
  const lines = result.stderr.trimEnd().split('\n')
  expect(lines.length).to.be.lessThan(45)
  return { ...result, stderr: lines.slice(-10).join('\n') }
}
