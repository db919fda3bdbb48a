// `completion`: prints a script that completes commands and options in a shell.
import { fault } from '../../kernel/fault.ts'
import type { CommandDefinition } from '../definition.ts'

export const completion: CommandDefinition = {
  words: 'completion',
  summary: 'print the completion script of a shell',
  arguments: [{ name: 'SHELL', description: 'bash, zsh or fish' }],
  examples: ['source <(fermata completion bash)', 'fermata completion fish | source'],
  async run(call) {
    const shell = call.argument(0)
    const { completionScript, shells } = await import('../completion-script.ts')
    const known = shells.find((name) => name === shell)
    if (known === undefined) {
      const message = `there is no completion for '${shell}'`
      throw fault('usage.bad_argument', { details: { message }, hint: `there is ${shells.join(', ')}` })
    }
    call.host.stdout.write(await completionScript(known))
  },
}
