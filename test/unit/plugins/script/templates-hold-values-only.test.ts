// The renderer of download-resource-and-render: looks values up as Jinja2 would, and refuses everything else.
import { expect } from 'chai'
import { Outcome } from '../../../../src/plugins/script/outcome.ts'
import { contextTree } from '../../../../src/plugins/script/proxy/context-tree.ts'
import { render } from '../../../../src/plugins/script/proxy/render.ts'
import { operationContext } from '../../../support/operation-context.ts'

const variables = { name: 'n', list: [{ 'a b': 1 }], dict: { on: true }, none: null }

function rendered(template: string): string {
  const ctx = operationContext({ node: { properties: { port: 80 } } })
  try {
    return render(template, contextTree(ctx, new Outcome(), {}), variables)
  } finally {
    void ctx.cleanUp()
  }
}

describe('a template', () => {
  it('is filled with values', () => {
    const table: [string, string][] = [
      ['a {{ name }} b {{name}}{{- name -}}', 'a n b nn'],
      ['{{ ctx.node.properties.port }}/{{ ctx.instance.id }}/{{ ctx.deployment.id }}', '80/server_x1y2z3/examples'],
      [`{{ ctx['node']["properties"]['port'] }}`, '80'],
      [`{{ list[0]['a b'] }} {{ dict.on }} {{ none }} {{ list }}`, '1 True None [{"a b":1}]'],
      ['{{ dict | tojson }} {{ missing | tojson }}', '{"on":true} '],
      [`{{ missing }}{{ dict.missing }}{{ missing | default('x') }}{{ name | default(5) }}{{ missing | d(5) }}`, 'xn5'],
      ['{# a comment of\ntwo lines #}text', 'text'],
      ['no places, { one brace } }}', 'no places, { one brace } }}'],
    ]
    for (const [template, text] of table) expect(rendered(template), template).to.equal(text)
  })

  it('is refused when it asks for more', () => {
    const table: [string, string][] = [
      ['{% for x in y %}', "'{% for %}' is not supported"],
      ['{{ missing.deeper }}', "there is nothing before 'deeper'"],
      ['{{ name | upper }}', "filter 'upper' is not known"],
      ['{{ 1 + 1 }}', "is not understood from '1 + 1' on"],
      ['{{ ctx.returns }}', 'is not a value'],
      ['{{ ctx.abort_operation.x }}', "'x' cannot be used in a template"],
      ['{{ ctx }}', "'{{ ctx }}' is not a value"],
      ['{{ }}', 'names no value'],
      ['{{ dict.constructor.name }}', "there is nothing before 'name'"],
    ]
    for (const [template, text] of table) expect(() => rendered(template), template).to.throw(text)
  })
})
