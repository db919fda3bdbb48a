// What the calls of a dialogue type: their own lines, or those of a template with values in it. All of it is known before
// anything is typed.
import { readFile } from 'node:fs/promises'
import { fault } from '../../kernel/fault.ts'
import { childOf, type Json, type JsonObject } from '../../kernel/json.ts'
import { fillTemplate } from '../../kernel/template.ts'
import type { OperationContext } from '../contract/context.ts'
import type { GivenCall } from './inputs.ts'

export interface Call extends Omit<GivenCall, 'action' | 'template' | 'template_text' | 'params'> {
  /** Typed one after the other, each until its prompt. */
  readonly lines: readonly string[]
}

/** Calls that type nothing are left out. @throws Fault `ssh.bad_input`, `script.not_found` */
export async function callsOf(ctx: OperationContext, given: readonly GivenCall[]): Promise<readonly Call[]> {
  const calls = await Promise.all(
    given.map(async ({ action, template, template_text: text, params, ...call }) => {
      const typed = action || (await fromTemplate(ctx, { template, text, params }))
      const lines = typed.split('\n').filter((line) => line.trim() !== '')
      return { ...call, lines: lines.map((line) => line.trim()) }
    }),
  )
  return calls.filter(({ lines }) => lines.length > 0)
}

interface Template {
  readonly template: string | undefined
  readonly text: string | undefined
  readonly params: GivenCall['params']
}

async function fromTemplate(ctx: OperationContext, { template, text, params }: Template): Promise<string> {
  const content = template ? await readFile(await ctx.blueprintFile(template), 'utf8') : (text ?? '')
  if (content === '') return ''
  const values: JsonObject = { ...(params as JsonObject | null | undefined), ctx: viewOf(ctx) }
  return fillTemplate(content, {
    bad,
    find: (segments, path) => {
      let value: Json | undefined = values
      for (const segment of segments) {
        if (value === undefined) throw bad(`'{{ ${path} }}': there is nothing before '${segment}'`)
        value = childOf(value, segment)
      }
      return value
    },
  })
}

/** What `ctx` of the original tells a template. */
function viewOf({ node, instance, host, deployment, blueprint, execution }: OperationContext): JsonObject {
  const runtime = instance.runtimeProperties
  const address = runtime['ip'] ?? host?.instance.runtimeProperties['ip'] ?? host?.node.properties['ip'] ?? null
  return {
    node: { id: node.id, name: node.id, type: node.type, properties: node.properties },
    instance: { id: instance.id, runtime_properties: runtime, host_ip: address },
    deployment: { id: deployment.id },
    blueprint: { id: blueprint.id },
    execution_id: execution.id,
    workflow_id: execution.workflow,
  }
}

const bad = (message: string): Error => fault('ssh.bad_input', { details: { message } })
