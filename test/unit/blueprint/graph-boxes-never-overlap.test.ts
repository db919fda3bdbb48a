// Claim: whatever the topology, boxes stand inside their holders, never on each other, and names cannot break the picture.
import { expect } from 'chai'
import { drawPlan } from '../../../src/blueprint/graph/draw-plan.ts'
import { freezeOrder } from '../../../src/blueprint/graph/freeze-order.ts'
import { layOut, type Place, titleHeight } from '../../../src/blueprint/graph/layout.ts'
import { type Box, pictureOf } from '../../../src/blueprint/graph/picture.ts'
import type { Plan } from '../../../src/blueprint/plan.ts'
import { planOf } from './texts.ts'

const imports = 'imports: [cloudify/types/types.yaml]\n'

/** A plan of `count` nodes; `seed` chooses holders and relationships. Targets always come before their sources. */
function randomPlan(count: number, seed: number): Plan {
  let state = seed
  const next = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * below)
  }
  const nodes: Record<string, unknown> = {}
  for (let index = 0; index < count; index += 1) {
    const kinds = ['connected_to', 'depends_on', 'connected_to']
    const targets = new Map<number, string>()
    for (let tries = next(4); tries > 0 && index > 0; tries -= 1)
      targets.set(next(index), kinds[tries - 1] ?? 'depends_on')
    if (index > 0 && next(3) > 0) targets.set(next(index), 'contained_in')
    nodes[`node_${index}_${'x'.repeat(next(20))}`.slice(0, 30)] = { index, targets }
  }
  const names = Object.keys(nodes)
  const templates = Object.entries(nodes as Record<string, { index: number; targets: Map<number, string> }>).map(
    ([name, { targets, index }]) => {
      const relationships = [...targets].map(([target, kind]) => ({
        type: `cloudify.relationships.${kind}`,
        target: names[target],
      }))
      return [name, { type: index % 4 === 0 ? 'cloudify.nodes.Compute' : 'cloudify.nodes.Root', relationships }]
    },
  )
  return planOf(`${imports}node_templates: ${JSON.stringify(Object.fromEntries(templates))}`)
}

function overlap(left: Place, right: Place): boolean {
  return (
    left.x < right.x + right.width &&
    right.x < left.x + left.width &&
    left.y < right.y + right.height &&
    right.y < left.y + left.height
  )
}

describe('graph', () => {
  for (const [count, seed] of [
    [1, 1],
    [5, 2],
    [20, 3],
    [50, 4],
    [50, 5],
    [120, 6],
  ] as const) {
    it(`keeps ${count} boxes apart and inside their holders (seed ${seed})`, () => {
      const picture = pictureOf(randomPlan(count, seed))
      const { places, width, height } = layOut(picture)
      const place = (box: Box): Place => places.get(box) as Place
      expect(places.size).to.equal(count)
      for (const box of picture.boxes) {
        const own = place(box)
        expect(own.x).to.be.at.least(0)
        expect(own.x + own.width).to.be.at.most(width)
        expect(own.y + own.height).to.be.at.most(height)
        const siblings = box.parent === undefined ? picture.roots : box.parent.children
        for (const other of siblings)
          if (other !== box) expect(overlap(own, place(other)), `${box.id} on ${other.id}`).to.equal(false)
        if (box.parent === undefined) continue
        const holder = place(box.parent)
        expect(own.y).to.be.at.least(holder.y + titleHeight)
        expect(own.y + own.height).to.be.below(holder.y + holder.height)
        expect(own.x).to.be.at.least(holder.x)
        expect(own.x + own.width).to.be.at.most(holder.x + holder.width)
      }
    })
  }

  it('draws arrows for everything but containment in the holder', () => {
    const plan = planOf(`${imports}
node_templates:
  vm: { type: cloudify.nodes.Compute }
  net: { type: cloudify.nodes.Network }
  app:
    type: cloudify.nodes.Root
    relationships:
      - { type: cloudify.relationships.contained_in, target: vm }
      - { type: cloudify.relationships.connected_to, target: net }
      - { type: cloudify.relationships.depends_on, target: vm }
`)
    const { arrows, roots } = pictureOf(plan)
    expect(roots.map(({ id, children }) => [id, children.map((box) => box.id)])).to.deep.equal([
      ['vm', ['app']],
      ['net', []],
    ])
    expect(arrows.map(({ source, target, kind }) => `${source.id} ${kind} ${target.id}`)).to.deep.equal([
      'app connected net',
      'app depends vm',
    ])
    expect(drawPlan(plan, 'dot').split('\n')).to.include.members([
      '  n2 -> n1;',
      '  n2 -> n0 [style=dashed, lhead=cluster_n0];',
    ])
    expect(drawPlan(plan, 'mermaid').split('\n')).to.include.members([
      '  subgraph n0["vm<br/>cloudify.nodes.Compute"]',
      '    n2["app<br/>cloudify.nodes.Root"]',
      '  end',
      '  n2 --> n1',
      '  n2 -.-> n0',
    ])
  })

  it('numbers services before computes and dependents before what they need, also across gaps', () => {
    const freezes = 'interfaces: { cloudify.interfaces.freeze: { fs_prepare: x.sh, fs_finalize: x.sh } }'
    const to = (target: string, kind: string): string => `{ type: cloudify.relationships.${kind}, target: ${target} }`
    const plan = planOf(
      `${imports}
node_templates:
  vm: { type: cloudify.nodes.Compute, ${freezes} }
  db: { type: cloudify.nodes.Root, ${freezes}, relationships: [${to('vm', 'contained_in')}] }
  pool: { type: cloudify.nodes.Root, relationships: [${to('db', 'connected_to')}] }
  web: { type: cloudify.nodes.Root, ${freezes}, relationships: [${to('pool', 'connected_to')}] }
  cron: { type: cloudify.nodes.Root, ${freezes}, relationships: [${to('vm', 'contained_in')}] }
  idle: { type: cloudify.nodes.Root, ${freezes}, properties: {} }
`,
      { files: { 'x.sh': '' } },
    )
    expect(freezeOrder(plan)).to.deep.equal([
      { number: 1, tier: 'services', nodes: ['web', 'cron', 'idle'] },
      { number: 2, tier: 'services', nodes: ['db'] },
      { number: 3, tier: 'computes', nodes: ['vm'] },
    ])
    expect(drawPlan(plan, 'svg')).to.contain('prepared as number 3')
  })

  it('escapes every name', () => {
    const name = `a"]<script>&x</script>\\ "{|}\n; n0 --> n1 %% #quot; ünï 数`
    const plan = planOf(`${imports}node_templates: ${JSON.stringify({ [name]: { type: 'cloudify.nodes.Root' } })}`)
    const svg = drawPlan(plan, 'svg')
    expect(svg).to.not.contain('<script')
    expect(isBalanced(svg)).to.equal(true)
    expect(svg).to.contain('&lt;script&gt;').and.contain('ünï 数')
    const dotLabels = drawPlan(plan, 'dot')
      .split('\n')
      .filter((line) => line.includes('label='))
    expect(dotLabels).to.have.lengthOf(1)
    expect(dotLabels[0]).to.match(/^ {2}n0 \[label="(?:[^"\\]|\\.)*"\];$/)
    const mermaid = drawPlan(plan, 'mermaid').trimEnd().split('\n')
    expect(mermaid).to.have.lengthOf(2)
    expect(mermaid[1]).to.match(/^ {2}n0\["[^"<>\]]*<br\/>cloudify\.nodes\.Root"\]$/)
  })

  it('draws a blueprint without nodes, and a chain of holders 2,000 deep', () => {
    expect(isBalanced(drawPlan(planOf(imports), 'svg'))).to.equal(true)
    const nodes = Array.from({ length: 2000 }, (_unused, index) => {
      const relationships =
        index === 0 ? [] : [{ type: 'cloudify.relationships.contained_in', target: `n${index - 1}` }]
      return [`n${index}`, { type: 'cloudify.nodes.Root', relationships }]
    })
    const plan = planOf(`${imports}node_templates: ${JSON.stringify(Object.fromEntries(nodes))}`)
    for (const format of ['svg', 'dot', 'mermaid'] as const) expect(drawPlan(plan, format)).to.contain('n1999')
  })
})

/** Every tag that opens closes, in order. */
function isBalanced(xml: string): boolean {
  const open: string[] = []
  for (const [, slash, tag = '', rest = ''] of xml.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|'[^']*'|[^<>"'])*)>/gi)) {
    if (slash === '/') {
      if (open.pop() !== tag) return false
    } else if (!rest.endsWith('/')) open.push(tag)
  }
  return open.length === 0 && !/<(?![/a-z])/i.test(xml)
}
