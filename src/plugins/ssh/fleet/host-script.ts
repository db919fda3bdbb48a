// The shell text that runs a command on a host so that it outlives the connection, once whoever asks how often: the first
// to make the record of the run is the one that runs it, everybody else waits for its end.
//
// Every program that is started counts a thousand times in a fleet: what the shell can do by itself, it does.
import { quoteWord } from '../client/quote.ts'

/** Of each stream: pieces of at most 1 KiB that are kept on the host. What is beyond is counted. */
const keptPieces = 1024
/** How often, every tenth of a second, output is looked for that something in the background holds open. */
const outputPatience = 20
/** Bytes of output that a shell shows by itself, unless it cannot read them all: it drops bytes that are 0. */
const mostByShell = 512
/** How long, in seconds, what is known of a run is kept at least. */
const keptFor = 24 * 60 * 60
/** How often, in seconds, what was kept longer is looked for: on a host that runs much that is many files to read. */
const sweptEvery = 60 * 60

/** What stands behind each text that comes as lines. */
export const endLine = (name: string): string => `fermata: end of ${name}`

// Arguments: what all files of the run begin with, file with the command, time limit in seconds (0: none), the command that
// reads `$file`, file with the environment, the umask of the command.
const runner = `
own=$1 file=$2 limit=$3 launch=$4 env=$5 mask=$6
read -r stat </proc/self/stat || exit
pid=\${stat%% *}
set -- \${stat##*) }
set -C
{ echo "$pid \${20}" >"$own.pid"; } 2>/dev/null || { rm -f "$file" "$env"; exit; }
set +C
finish() {
  : >"$file"
  [ ! -e "$env" ] || : >"$env"
  read -r up </proc/uptime
  echo "$1 \${up%%.*}" >"$own.code"
}
[ ! -e "$own.ended" ] || { finish 143; exit; }
cd /
LC_ALL=C mkfifo "$own.o" "$own.e"
keep() {
  LC_ALL=C dd bs=1024 count=${keptPieces} of="$own.$1" 2>"$own.$1.dd"
  read -r pieces word <"$own.$1.dd"
  case $pieces in
    *[!0-9+]*|'') wc -c >"$own.$1.rest";;
    *+*) [ $((\${pieces%+*} + \${pieces#*+})) -lt ${keptPieces} ] || wc -c >"$own.$1.rest";;
  esac
  : >"$own.$1.end"
}
keep out <"$own.o" &
keep err <"$own.e" &
{ umask "$mask"; [ ! -e "$env" ] || . "$env"; eval "exec setsid $launch"; } >"$own.o" 2>"$own.e" </dev/null & child=$!
echo $child >"$own.child"
[ ! -e "$own.ended" ] || kill -TERM -$child 2>/dev/null || kill -TERM $child
timer=
[ "$limit" = 0 ] || { setsid sh -c 'sleep "$1"; echo timeout >"$2.ended"; kill -TERM -"$3"; sleep 5; kill -KILL -"$3"' timer "$limit" "$own" "$child" & timer=$!; }
wait $child; code=$?
[ -z "$timer" ] || kill -KILL -$timer $timer
turns=0
until [ -e "$own.out.end" ] && [ -e "$own.err.end" ] || [ $turns -ge ${outputPatience} ]; do
  [ $turns -gt 0 ] && pause=0.1 || pause=0.02
  turns=$((turns + 1))
  LC_ALL=C sleep $pause 2>/dev/null || { sleep 1; turns=$((turns + 9)); }
done
finish $code
`

// Who runs it names the place: memory, because a boot ends what ran and takes away what is known of it.
const place = `
name=$1; shift
uid= mask=
while read -r word value rest; do
  case $word in Umask:) mask=$value;; Uid:) uid=$value; break;; esac
done </proc/self/status
[ -n "$uid" ] || uid=$(id -u)
[ -n "$mask" ] || mask=$(umask)
umask 077
base=
for each in /run /dev/shm /tmp; do
  each=$each/fermata-fleet-$uid
  [ -d "$each" ] || mkdir -p "$each" 2>/dev/null
  [ -d "$each" ] && [ -O "$each" ] && [ ! -L "$each" ] && [ -w "$each" ] && { base=$each; break; }
done
[ -n "$base" ] || { echo "nothing can be kept below /run, /dev/shm or /tmp" >&2; exit 97; }
own=$base/$name
`

/**
 * Arguments: name of the run; `fresh` or `again`; seconds since it may have begun; bytes to show of each stream; time limit;
 * the command that reads `$file`; `apart` when the run needs a session of its own; `env` when an environment comes on
 * standard input, as lines up to the end line; bytes of the command, which comes behind it, or 0: as lines, too. Answers
 * with one line and the output: `fermata STATE CODE OUT ERR OUT_ALL ERR_ALL ENDED`.
 */
export const runScript = `${place}
mode=$1 age=$2 shown=$3 limit=$4 launch=$5 session=$6 env=$7 size=$8
up=
read -r up rest </proc/uptime
up=\${up%%.*}
measure() {
  kept=0 all=0
  [ -s "$own.$1" ] || return 0
  kept=
  { read -r rest; read -r rest; read -r kept rest; } 2>/dev/null <"$own.$1.dd"
  case $kept in *[!0-9]*|'') kept=$(wc -c <"$own.$1");; esac
  more=0
  [ ! -s "$own.$1.rest" ] || read -r more <"$own.$1.rest"
  all=$((kept + more))
  [ "$kept" -le "$shown" ] || kept=$shown
}
answer() {
  code=- ended=-
  read -r code rest 2>/dev/null <"$own.code" || code=-
  [ ! -e "$own.ended" ] || read -r ended <"$own.ended"
  measure out; out=$kept outs=$all
  measure err; err=$kept errs=$all
  echo "fermata $1 $code $((out)) $((err)) $outs $errs $ended"
  show out "$out" "$outs"
  show err "$err" "$errs"
  exit 0
}
show() {
  [ "$2" -gt 0 ] || return 0
  if [ "$2" -eq "$3" ] && [ "$2" -le ${mostByShell} ]; then
    text=
    while IFS= read -r line; do text=$text$line$newline; done <"$own.$1"
    text=$text$line
    [ \${#text} -ne "$2" ] || { printf %s "$text"; return 0; }
  fi
  LC_ALL=C tail -c "$2" "$own.$1"
}
newline='
'
has_ended() { read -r code rest 2>/dev/null <"$own.code"; }
take() {
  while IFS= read -r line; do
    [ "$line" != "${endLine('$name')}" ] || return 0
    printf '%s\\n' "$line"
  done
  whole=
}
if [ "$mode" = again ] && [ -e "$own.ended" ]; then
  read -r ended <"$own.ended"
  [ "$ended" != cancelled ] || mode=fresh
fi
if [ "$mode" = fresh ]; then
  [ ! -e "$own.pid" ] && [ ! -e "$own.ended" ] || rm -rf "$own".*
  swept=
  [ ! -e "$base/swept" ] || read -r swept <"$base/swept"
  case $swept in *[!0-9]*|'') swept=$((up + 1));; esac
  if [ "$up" -lt "$swept" ] || [ $((up - swept)) -ge ${sweptEvery} ]; then
    echo "$up" >"$base/swept"
    for each in "$base"/run-*.code; do
      since=
      [ ! -e "$each" ] || read -r code since <"$each"
      case $since in *[!0-9]*|'') continue;; esac
      [ $((up - since)) -lt ${keptFor} ] || rm -f "\${each%.code}".*
    done
  fi
elif [ ! -e "$own.pid" ]; then
  [ "$up" -gt "$age" ] || answer rebooted
fi
if [ ! -e "$own.pid" ]; then
  file=$own.$$.command whole=yes
  if [ -n "$env" ]; then
    env=$own.$$.env
    take >"$env"
  fi
  if [ "$size" = 0 ]; then
    take >"$file"
  else
    cat >"$file"
    [ "$(wc -c <"$file")" -eq "$size" ] || whole=
  fi
  [ -n "$whole" ] || { rm -f "$file" "$env"; echo "the command did not arrive whole" >&2; exit 97; }
  runner=${quoteWord(runner)}
  if [ "$session" = apart ]; then
    setsid sh -c "$runner" fermata-run "$own" "$file" "$limit" "$launch" "$env" "$mask" </dev/null >/dev/null 2>&1 &
  else
    { set -- "$own" "$file" "$limit" "$launch" "$env" "$mask"; eval "$runner"; } </dev/null >/dev/null 2>&1 &
  fi
  wait $!
fi
turns=0
until has_ended; do
  pid=
  read -r pid begun 2>/dev/null <"$own.pid"
  if [ -z "$pid" ] && [ $turns -gt 10 ]; then answer lost; fi
  if [ -n "$pid" ]; then
    stat=
    read -r stat 2>/dev/null <"/proc/$pid/stat"
    set -- \${stat##*) }
    if [ "\${20}" != "$begun" ]; then
      has_ended || answer lost
    fi
  fi
  turns=$((turns + 1))
  [ $turns -le 60 ] || answer running
  sleep 0.3 2>/dev/null || sleep 1
done
answer ended
`

/** Ends the run of that name, with all that it began; one that has not begun does not begin. */
export const stopScript = `${place}
[ ! -e "$own.code" ] || exit 0
echo cancelled >"$own.ended"
child=
read -r child 2>/dev/null <"$own.child" || exit 0
kill -TERM -"$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null
turns=0
while [ ! -e "$own.code" ] && [ $turns -lt 10 ]; do turns=$((turns + 1)); sleep 0.1 2>/dev/null || sleep 1; done
[ -e "$own.code" ] || kill -KILL -"$child" 2>/dev/null
exit 0
`
