// Completion scripts for shells, made from the command tree: nouns, verbs and options.
import { allCommands } from './command-table.ts'
import { globalOptions, type CommandDefinition, type OptionDefinition } from './definition.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export async function completionScript(shell: Shell): Promise<string> {
  const commands = await allCommands()
  if (shell === 'fish') return fishScript(commands)
  return shell === 'zsh' ? zshScript(commands) : bashScript(commands)
}

interface Words {
  readonly noun: string
  readonly verb: string | undefined
}

function wordsOf({ words }: CommandDefinition): Words {
  const [noun = '', verb] = words.split(' ')
  return { noun, verb }
}

function nounsOf(commands: readonly CommandDefinition[]): string[] {
  return [...new Set(commands.map((command) => wordsOf(command).noun))]
}

function verbsOf(commands: readonly CommandDefinition[], noun: string): string[] {
  return commands.map(wordsOf).flatMap((words) => (words.noun === noun && words.verb !== undefined ? [words.verb] : []))
}

/** `-d, --deployment-id <id>` -> `-d`, `--deployment-id`. */
function flagsOf(option: OptionDefinition): string[] {
  return option.flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))
}

function allFlags(command: CommandDefinition): string {
  return [...(command.options ?? []), ...globalOptions].flatMap(flagsOf).join(' ')
}

function bashScript(commands: readonly CommandDefinition[]): string {
  const nouns = nounsOf(commands)
  const verbCases = nouns.map((noun) => `    ${noun}) words='${verbsOf(commands, noun).join(' ')}' ;;`)
  const flagCases = commands.map((command) => `    '${command.words}') words='${allFlags(command)}' ;;`)
  return `# bash completion of fermata; load it with: source <(fermata completion bash)
_fermata() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [[ $COMP_CWORD -eq 1 ]]; then
    words='${nouns.join(' ')}'
  elif [[ $COMP_CWORD -eq 2 && "$current" != -* ]]; then
    case "\${COMP_WORDS[1]}" in
${verbCases.join('\n')}
    esac
  elif [[ "$current" == -* ]]; then
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${flagCases.join('\n')}
    *) words='${globalOptions.flatMap(flagsOf).join(' ')}' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -z "$words" ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _fermata fermata
`
}

function zshScript(commands: readonly CommandDefinition[]): string {
  const bash = bashScript(commands).replace(/^#.*\n/, '')
  return `#compdef fermata
# zsh completion of fermata; load it with: source <(fermata completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash}`
}

function fishScript(commands: readonly CommandDefinition[]): string {
  const nouns = nounsOf(commands)
  const lines = [`complete -c fermata -n __fish_use_subcommand -f -a '${nouns.join(' ')}'`]
  for (const noun of nouns) {
    const verbs = verbsOf(commands, noun)
    if (verbs.length === 0) continue
    const isOpen = `__fish_seen_subcommand_from ${noun}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`
    lines.push(`complete -c fermata -n '${isOpen}' -f -a '${verbs.join(' ')}'`)
  }
  for (const command of commands) {
    const seen = command.words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
    for (const option of command.options ?? []) lines.push(fishOption(seen.join('; and '), option))
  }
  for (const option of globalOptions) lines.push(fishOption('true', option))
  return `# fish completion of fermata; load it with: fermata completion fish | source\n${lines.join('\n')}\n`
}

function fishOption(condition: string, option: OptionDefinition): string {
  const flags = flagsOf(option).map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value = option.flags.includes('<') ? ' -r' : ''
  const description = option.description.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `complete -c fermata -n '${condition}' ${flags.join(' ')}${value} -d '${description}'`
}
