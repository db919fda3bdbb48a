// What the shell of a host or guest does with file systems that are to stand still, and to go on.
import { quoteWord } from '../ssh/client/quote.ts'

export interface Mounts {
  /** Empty: all that hold nothing of the guest's own. */
  readonly paths: readonly string[]
  /** Also one that holds the guest's own programs. */
  readonly isRootAllowed: boolean
  /** What beside root, shell and fsfreeze must go on, or nobody could be told to thaw. */
  readonly needed?: readonly string[]
}

/** Where fsfreeze is, which those who become root by sudo may not have in their PATH. */
const findTools = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin'

/**
 * All file systems on devices go on, the last mounted first. Thawing what is not frozen is no error. Sets `code`.
 * No here-documents: some shells keep them in /tmp, which may stand still.
 */
export const thawAllMounts = `
code=0
set --
while read -r device mount rest; do
  case $device in /*) set -- "$mount" "$@" ;; esac
done </proc/mounts
for mount; do
  mount=$(printf '%b' "$mount")
  said=$(LC_ALL=C fsfreeze --unfreeze "$mount" 2>&1) && continue
  case $said in *'Invalid argument'*|*'not supported'*|*'nappropriate ioctl'*|*'not a directory'*) continue ;; esac
  printf '%s\\n' "$said" >&2
  code=1
done
`

/** Thawing what is not frozen is no error. */
export function thawScript(paths: readonly string[]): string {
  if (paths.length === 0) return `${findTools}\n${thawAllMounts}exit $code\n`
  return thawWords(paths.toReversed().map(quoteWord).join(' '))
}

const thawWords = (words: string): string => `${findTools}
code=0
thaw() {
  said=$(LC_ALL=C fsfreeze --unfreeze "$1" 2>&1) && return
  case $said in *'Invalid argument'*) return ;; esac
  printf '%s\\n' "$said" >&2
  code=1
}
for mount in ${words}; do thaw "$mount"; done
exit $code
`

/** Sets `$@` to what is to stand still, or refuses. */
export function chooseMounts({ paths, isRootAllowed, needed = [] }: Mounts): string {
  // Subvolumes have numbers of their own on one device, and stand still together.
  const own = `own=" $(deviceOf /) $(deviceOf "$(command -v fsfreeze)") $(deviceOf /bin/sh) "
for path in ${[...needed.map(quoteWord), '/'].join(' ')}; do own="$own$(deviceOf "$path") $(sourceOf "$path") "; done`
  const refusal =
    needed.length > 0
      ? `refuse "'$path' holds what the guest itself needs"`
      : `refuse "'$path' holds the host's own programs; allow_root: true freezes it all the same"`
  const all = `set --
while read -r device mount type options rest; do
  case $device in /*) ;; *) continue ;; esac
  case ,$options, in *,ro,*) continue ;; esac
  mount=$(printf '%b' "$mount")
  number=$(deviceOf "$mount") || continue
  case $own in *" $number "*|*" $(sourceOf "$mount") "*) continue ;; esac
  own="$own$number "
  set -- "$@" "$mount"
done </proc/mounts
[ $# -gt 0 ] || refuse 'it has no file system beside the one that holds its own programs'`
  const named = `set -- ${paths.map(quoteWord).join(' ')}
for path; do
  device=$(deviceOf "$path") || refuse "'$path' is not there"
  [ "$path" = / ] || [ "$device" != "$(deviceOf "$path/..")" ] || refuse "'$path' is no mount point"
  case $own in *" $device "*|*" $(sourceOf "$path") "*) ${isRootAllowed ? ':' : refusal} ;; esac
done`
  return `${findTools}
refuse() { printf '%s\\n' "$1" >&2; exit 3; }
command -v fsfreeze >/dev/null || refuse 'there is no fsfreeze'
deviceOf() { stat -L -c %d -- "$1" 2>/dev/null; }
sourceOf() { df -P "$1" 2>/dev/null | { read -r head; read -r source rest; case $source in /*) echo "$source" ;; *) echo "none:$1" ;; esac; }; }
${own}
${paths.length === 0 ? all : named}`
}

/** Exit codes: 3 it is refused, 4 it could not be frozen, 5 the deadman has fired. Whatever was frozen is thawed then. */
export function freezeScript(mounts: Mounts, deadman: string): string {
  // Of all that there are, some may be of a kind that cannot.
  const others = mounts.paths.length === 0 ? `*'not supported'*|*'nappropriate ioctl'*) continue ;; ` : ''
  return `{
${chooseMounts(mounts)}
for path; do sync -f "$path" 2>/dev/null; done
cd ${quoteWord(deadman)} 2>/dev/null && [ -e armed ] || { echo 'no deadman is on watch' >&2; exit 5; }
undo() { ( ${thawWords('"$@"')} ); }
count=0
for path; do
  said=$(LC_ALL=C fsfreeze --freeze "$path" 2>&1) && count=$((count + 1)) && continue
  case $said in *busy*) count=$((count + 1)); continue ;; ${others}esac
  undo "$@"
  printf '%s\\n' "$said" >&2
  exit 4
done
[ $count -gt 0 ] || refuse 'none of its file systems can stand still'
[ -e armed ] || { undo "$@"; echo 'its deadman fired before all of it stood still' >&2; exit 5; }
exit 0
} </dev/null
`
}
