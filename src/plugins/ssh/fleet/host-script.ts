// The shell text that runs a command on a host so that it outlives the connection, once whoever asks how often: the first
// to make the folder of the run is the one that runs it, everybody else waits for its end.
import { quoteWord } from '../client/quote.ts'

/** Of each stream: pieces of at most 1 KiB that are kept on the host. What is beyond is counted. */
const keptPieces = 1024
/** How long, in seconds, output is waited for that something in the background holds open. */
const outputPatience = 2

// Arguments: folder of the run, folder with the command, time limit in seconds (0: none), what runs the file `$0`.
const runner = `
dir=$1 in=$2 limit=$3
mkdir "$dir" 2>/dev/null || { rm -rf "$in"; exit 0; }
echo "$$ $(cut -d' ' -f22 /proc/$$/stat)" >"$dir/pid"
mv "$in/command" "$dir/command" && rmdir "$in"
cd /
mkfifo "$dir/o" "$dir/e"
keep() { dd bs=1024 count=${keptPieces} of="$dir/$1" 2>/dev/null; wc -c >"$dir/$1.rest"; }
keep out <"$dir/o" & out=$!
keep err <"$dir/e" & err=$!
setsid sh -c "$4" "$dir/command" >"$dir/o" 2>"$dir/e" </dev/null & child=$!
echo $child >"$dir/child"
timer=
[ "$limit" = 0 ] || { setsid sh -c 'sleep "$1"; echo timeout >"$2/ended"; kill -TERM -"$3"; sleep 5; kill -KILL -"$3"' timer "$limit" "$dir" "$child" & timer=$!; }
wait $child; code=$?
[ -z "$timer" ] || kill -KILL -$timer $timer
setsid sh -c 'sleep ${outputPatience}; kill "$@"' patience $out $err & patience=$!
wait $out $err
kill -KILL -$patience $patience
rm -f "$dir/o" "$dir/e" "$dir/command"
echo $code >"$dir/code.new" && mv "$dir/code.new" "$dir/code"
`

// Who runs it names the place: memory, because a boot ends what ran and takes away what is known of it.
const place = `
unset FERMATA_RUN
umask 077
name=$1; shift
base=
for each in /run /dev/shm /tmp; do
  each=$each/fermata-fleet-$(id -u)
  mkdir -p "$each" 2>/dev/null; [ -d "$each" ] && [ -O "$each" ] && [ ! -L "$each" ] && [ -w "$each" ] && { base=$each; break; }
done
[ -n "$base" ] || { echo "nothing can be kept below /run, /dev/shm or /tmp" >&2; exit 97; }
dir=$base/$name
`

/**
 * Arguments: name of the run; `fresh` or `again`; seconds since it may have begun; bytes to show of each stream; bytes of
 * the command, which comes on standard input; time limit; what runs the file `$0`. Answers with one line and the output:
 * `fermata STATE CODE OUT ERR OUT_ALL ERR_ALL ENDED`.
 */
export const runScript = `${place}
mode=$1 age=$2 show=$3 size=$4 limit=$5 launch=$6
answer() {
  out=0 err=0 outs=0 errs=0
  [ ! -f "$dir/out" ] || { outs=$(wc -c <"$dir/out"); out=$outs; more=$(cat "$dir/out.rest" 2>/dev/null); outs=$((outs + \${more:-0})); }
  [ ! -f "$dir/err" ] || { errs=$(wc -c <"$dir/err"); err=$errs; more=$(cat "$dir/err.rest" 2>/dev/null); errs=$((errs + \${more:-0})); }
  [ "$out" -le "$show" ] || out=$show
  [ "$err" -le "$show" ] || err=$show
  echo "fermata $1 $(cat "$dir/code" 2>/dev/null || echo -) $out $err $outs $errs $(cat "$dir/ended" 2>/dev/null || echo -)"
  [ "$out" -eq 0 ] || tail -c "$out" "$dir/out"
  [ "$err" -eq 0 ] || tail -c "$err" "$dir/err"
  exit 0
}
if [ "$mode" = again ] && [ "$(cat "$dir/ended" 2>/dev/null)" = cancelled ]; then mode=fresh; fi
if [ "$mode" = fresh ]; then
  rm -rf "$dir"
  find "$base" -mindepth 2 -maxdepth 2 -name code -mmin +1440 2>/dev/null | while read -r old; do rm -rf "\${old%/code}"; done
elif [ ! -d "$dir" ]; then
  up=$(cut -d. -f1 /proc/uptime)
  [ "$up" -gt "$age" ] || answer rebooted
fi
if [ ! -d "$dir" ]; then
  in=$(mktemp -d "$base/in.XXXXXX") || exit 97
  cat >"$in/command"
  [ "$(wc -c <"$in/command")" -eq "$size" ] || { rm -rf "$in"; echo "the command did not arrive whole" >&2; exit 97; }
  setsid sh -c ${quoteWord(runner)} fermata-run "$dir" "$in" "$limit" "$launch" </dev/null >/dev/null 2>&1 &
  wait $!
fi
turns=0
while [ ! -e "$dir/code" ]; do
  read -r pid begun 2>/dev/null <"$dir/pid" || pid=
  if [ -z "$pid" ] && [ $turns -gt 10 ]; then answer lost; fi
  if [ -n "$pid" ] && [ "$(cut -d' ' -f22 /proc/$pid/stat 2>/dev/null)" != "$begun" ]; then
    [ -e "$dir/code" ] || answer lost
  fi
  turns=$((turns + 1))
  [ $turns -le 60 ] || answer running
  sleep 0.3 2>/dev/null || sleep 1
done
answer ended
`

/** Ends the run of that name, with all that it began. */
export const stopScript = `${place}
[ -d "$dir" ] && [ ! -e "$dir/code" ] || exit 0
echo cancelled >"$dir/ended"
read -r child <"$dir/child" || exit 0
kill -TERM -"$child" 2>/dev/null
turns=0
while [ ! -e "$dir/code" ] && [ $turns -lt 10 ]; do turns=$((turns + 1)); sleep 0.1 2>/dev/null || sleep 1; done
[ -e "$dir/code" ] || kill -KILL -"$child" 2>/dev/null
exit 0
`
