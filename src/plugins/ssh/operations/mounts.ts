// What ssh.freeze and ssh.thaw have the host's shell do with a list of file systems.
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { quoteWord } from '../client/quote.ts'

export const MountInputs = Type.Object({
  /** Wins over the node's property. */
  mountpoints: Type.Optional(Type.Array(Type.String())),
  allow_root: Type.Optional(Type.Boolean()),
  host: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type GivenMounts = Static<typeof MountInputs>

export interface Mounts {
  readonly paths: readonly string[]
  readonly isRootAllowed: boolean
}

/** @throws Fault `ssh.bad_property` */
export async function mountsOf(ctx: OperationContext, given: GivenMounts): Promise<Mounts> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  const own = isJsonObject(evaluated) ? evaluated : {}
  const paths: Json | undefined = given.mountpoints ?? own['mountpoints']
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath))
    throw fault('ssh.bad_property', {
      details: { property: 'mountpoints', reason: 'expected a list of absolute paths, at least one' },
    })
  return {
    paths: paths as readonly string[],
    isRootAllowed: (given.allow_root ?? own['allow_root'] === true) === true,
  }
}

const isPath = (path: Json): boolean => typeof path === 'string' && path.startsWith('/') && !path.includes('\0')

/** Where fsfreeze is, which those who become root by sudo may not have in their PATH. */
const findTools = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin'

/** Thawing what is not frozen is no error. */
export function thawScript(paths: readonly string[]): string {
  return `${findTools}
code=0
thaw() {
  said=$(LC_ALL=C fsfreeze -u "$1" 2>&1) && return
  case $said in *'Invalid argument'*) return ;; esac
  printf '%s\\n' "$said" >&2
  code=1
}
${paths
  .toReversed()
  .map((path) => `thaw ${quoteWord(path)}`)
  .join('\n')}
exit $code
`
}

/** Exit codes: 3 it is refused, 4 it could not be frozen, 5 the deadman has fired. Whatever was frozen is thawed then. */
export function freezeScript({ paths, isRootAllowed }: Mounts, deadman: string): string {
  const words = paths.map(quoteWord).join(' ')
  return `{
${findTools}
refuse() { printf '%s\\n' "$1" >&2; exit 3; }
command -v fsfreeze >/dev/null || refuse 'there is no fsfreeze on the host'
deviceOf() { stat -L -c %d -- "$1" 2>/dev/null; }
root=$(deviceOf /) tools=$(deviceOf "$(command -v fsfreeze)") shell=$(deviceOf /bin/sh)
for path in ${words}; do
  device=$(deviceOf "$path") || refuse "'$path' is not there"
  [ "$path" = / ] || [ "$device" != "$(deviceOf "$path/..")" ] || refuse "'$path' is no mount point"
  case " $root $tools $shell " in *" $device "*) ${isRootAllowed ? ':' : `refuse "'$path' holds the host's own programs; allow_root: true freezes it all the same"`} ;; esac
done
for path in ${words}; do sync -f "$path" 2>/dev/null; done
cd ${quoteWord(deadman)} 2>/dev/null && [ -e armed ] || { echo 'no deadman is on watch' >&2; exit 5; }
undo() { ( ${thawScript(paths)} ); }
for path in ${words}; do
  said=$(LC_ALL=C fsfreeze -f "$path" 2>&1) && continue
  case $said in *busy*) continue ;; esac
  undo
  printf '%s\\n' "$said" >&2
  exit 4
done
[ -e armed ] || { undo; echo 'its deadman fired before all of it stood still' >&2; exit 5; }
exit 0
} </dev/null
`
}
