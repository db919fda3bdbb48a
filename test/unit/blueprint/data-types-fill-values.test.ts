// Values of data types take the defaults of their parts, at every depth, and inherit them.
import { expect } from 'chai'
import { deploymentOf, planOf, problemsOf, refusalsOf } from './texts.ts'

const types = `
data_types:
  disk: {properties: {size: {type: integer, default: 10}, kind: {default: ssd}}}
  fast: {derived_from: disk, properties: {kind: {default: nvme}}}
  machine: {properties: {root: {type: disk}, cache: {type: fast}, name: {type: string}}}
node_types: {t: {properties: {machine: {type: machine}}}}
`

describe('data types fill values', () => {
  it('puts in defaults at every depth', () => {
    const plan = planOf(`${types}node_templates: {n: {type: t, properties: {machine: {name: a, root: {size: 20}}}}}`)
    expect(plan.nodes[0]?.properties['machine']).to.deep.equal({
      root: { size: 20, kind: 'ssd' },
      cache: { size: 10, kind: 'nvme' },
      name: 'a',
    })
  })

  it('names the part that is missing, unknown or of the wrong type', () => {
    const pathsOf = (machine: string): string[] =>
      problemsOf(`${types}node_templates: {n: {type: t, properties: {machine: ${machine}}}}`).map(
        ({ alias, message }) => `${alias} ${message}`,
      )
    expect(pathsOf('{}')[0]).to.match(/^107 .*'machine.name'/)
    expect(pathsOf('{name: a, root: {sise: 1}}')[0]).to.match(/^106 .*'machine.root.sise'/)
    expect(pathsOf('{name: a, root: {size: big}}')[0]).to.match(/^105 .*'machine.root.size'/)
    expect(pathsOf('[]')[0]).to.match(/^105 /)
  })

  it('fills and checks inputs in the same way', () => {
    const plan = planOf(`${types}inputs: {m: {type: machine}}\noutputs: {size: {value: {get_input: [m, root, size]}}}`)
    expect(deploymentOf(plan, { inputs: { m: { name: 'a' } } }).outputs['size']?.value).to.equal(10)
    expect(refusalsOf(plan, { inputs: { m: { root: {} } } })[0]?.alias).to.equal(214)
  })

  it('sees circles of data types', () => {
    const [problem] = problemsOf('data_types: {a: {properties: {b: {type: b}}}, b: {properties: {a: {type: a}}}}')
    expect(problem).to.deep.include({ alias: 100, message: 'types depend on each other in a circle: a -> b -> a' })
  })

  it('asks for nothing on a resource that exists already', () => {
    planOf(`
node_types: {t: {properties: {use_external_resource: {default: false}, size: {type: integer}}}}
node_templates: {n: {type: t, properties: {use_external_resource: true}}}
`)
  })
})
