// What we have the host's shell do to arm, extend and disarm a deadman. Handed over on standard input, never as arguments.
import { dirname } from 'node:path'
import type { Duration } from '../../../kernel/duration.ts'
import { quoteWord } from '../client/quote.ts'
import { helper } from './helper.ts'

export interface ArmRequest {
  /** Names the instance among all that are frozen on this host; letters and digits. */
  readonly instance: string
  /** Names this deadman; letters and digits. */
  readonly id: string
  readonly lease: Duration
  readonly maximum: Duration
  /** What a shell does to thaw; may be run more than once. */
  readonly thaw: string
  /** Name -> content: files that `thaw` needs, beside it. */
  readonly files: Readonly<Record<string, Uint8Array>>
}

const hundredths = (length: Duration): number => Math.max(1, Math.floor(length / 10))

/** The first memory file system where we can have a folder that nobody else may enter. Sets `base`. */
const findBase = `
umask 077
user=$(id -u)
base=
for top in /dev/shm /run "/run/user/$user"; do
  kind= at=
  while read -r device mount type rest; do
    case $top/ in "\${mount%/}"/*) [ \${#mount} -ge \${#at} ] && at=$mount kind=$type ;; esac
  done </proc/mounts
  case $kind in tmpfs|ramfs|rootfs) ;; *) continue ;; esac
  folder=$top/fermata-$user
  mkdir "$folder" 2>/dev/null
  if [ -d "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder" ] && chmod 700 "$folder" && : >"$folder/.probe.$$"; then
    rm -f "$folder/.probe.$$"
    base=$folder
    break
  fi
done
[ -n "$base" ] || { echo 'no memory file system (/dev/shm, /run) where we may have a folder' >&2; exit 3; }
`

/** Everything is read before anything runs, so that no program can take the rest of the script for its input. */
const whole = (script: string): string => `{\n${script}\nexit 0\n} </dev/null\n`

/** Prints the folder of memory. */
export const probeScript: string = whole(`${findBase}
command -v setsid >/dev/null || { echo 'setsid is missing' >&2; exit 3; }
printf '%s\\n' "$base"`)

/** Prints `folder pid start-time uptime` once the clock of the deadman runs. */
export function armScript(request: ArmRequest): string {
  const { instance, id, lease, maximum, thaw, files } = request
  const own = Object.entries(files).map(
    ([name, content]) =>
      `mkdir -p ${quoteWord(dirname(name))} && printf '%s' ${quoteWord(Buffer.from(content).toString('base64'))} | base64 -d >${quoteWord(name)} && chmod 700 ${quoteWord(name)} || exit 3`,
  )
  return whole(`${findBase}
# What nobody came back for.
find "$base" -mindepth 1 -maxdepth 1 -type d -name '????????????????????????' -mtime +7 -exec rm -rf {} + 2>/dev/null
mkdir -p "$base/${instance}/${id}" && cd "$base/${instance}/${id}" || exit 3
printf '%s' ${quoteWord(helper)} >helper && printf '%s' ${quoteWord(thaw)} >thaw || { echo 'the memory file system is full' >&2; exit 3; }
${own.join('\n')}
unset FERMATA_RUN
setsid sh ./helper "$PWD" ${hundredths(lease)} ${hundredths(maximum)} >helper.out 2>&1 &
count=0
while [ ! -e armed ] && [ $count -lt 100 ]; do count=$((count + 1)); sleep 0.05 2>/dev/null || sleep 1; done
read -r pid start begun <armed || { echo 'it did not answer' >&2; exit 3; }
printf '%s\\n' ${id} >"../current.${id}" && mv "../current.${id}" ../current || exit 3
for other in ../*/; do
  [ "$other" = "../${id}/" ] || : >"$other/ended"
done
read -r up rest </proc/uptime
printf '%s %s %s %s\\n' "$PWD" "$pid" "$start" "$up"`)
}

export interface Place {
  readonly folder: string
  readonly pid: number
  readonly startTime: number
}

const functions = ({ pid, startTime }: Place): string => `
isAlive() {
  [ -r /proc/${pid}/stat ] || return 1
  read -r line </proc/${pid}/stat || return 1
  set -- \${line##*) }
  [ "$1" != Z ] && [ "\${20}" = ${startTime} ]
}
nap() { sleep 0.05 2>/dev/null || sleep 1; }
remove() {
  id=\${PWD##*/}
  cd .. || return
  current=
  [ -e current ] && read -r current <current
  [ "$current" = "$id" ] && rm -f current
  rm -rf "./$id"
  own=$PWD
  cd .. && rmdir "$own" 2>/dev/null
}`

/** Ends with code 4 when the deadman did not grant it. */
export function extendScript(place: Place, name: string, lease: Duration): string {
  return whole(`${functions(place)}
cd ${quoteWord(place.folder)} 2>/dev/null || exit 4
printf '%s %s\\n' ${name} ${hundredths(lease)} >extend.new && mv extend.new extend || exit 4
count=0
while [ $count -lt 100 ]; do
  granted=
  [ -e granted ] && read -r granted <granted
  [ "$granted" = ${name} ] && [ -e armed ] && exit 0
  isAlive && [ -e armed ] || exit 4
  count=$((count + 1))
  nap
done
exit 4`)
}

/** Prints `none`, or `fired UPTIME END CODE` and after that what the thaw printed. One that is firing is waited for. */
export function disarmScript(place: Place): string {
  return whole(`${functions(place)}
cd ${quoteWord(place.folder)} 2>/dev/null || { echo none; exit 0; }
: >ended
count=0
while isAlive && [ ! -e outcome ] && [ $count -lt 600 ]; do count=$((count + 1)); nap; done
[ -e fired ] || { echo none; isAlive || remove; exit 0; }
times='0 0 1'
[ -e outcome ] && read -r times <outcome
printf 'fired %s\\n' "$times"
[ -e thaw.out ] && tail -c 4000 thaw.out
isAlive || remove`)
}
