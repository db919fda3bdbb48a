// The deadman itself: a POSIX shell script that lives on the host, in memory, and needs nothing from us once it runs.

/** Processes that freeze or thaw for us carry this variable; its value names the deadman in charge. */
export const freezeVariable = 'FERMATA_FREEZE'

/**
 * Called with its folder, the lease and the maximum, both in hundredths of a second of the clock that /proc/uptime shows:
 * nobody can set that one, and it goes on while the machine sleeps. In the folder: `armed` (who it is; renamed to `fired`
 * when it fires, which needs no space), `thaw` (what it runs then), `outcome`, `extend` and `granted`, `ended` (nobody
 * needs it any more). `../current` names the deadman in charge of the instance.
 */
export const helper = `
umask 077
cd "$1" || exit 1
folder=$1 lease=$2 longest=$3 id=\${1##*/}
trap '' HUP INT QUIT PIPE TERM
clock() { read -r up rest </proc/uptime; now=\${up%.*}\${up#*.}; }
nap() { sleep 0.1 2>/dev/null || sleep 1; }
marked() { grep -lsF "${freezeVariable}=$id" /proc/[0-9]*/environ; }
end_marked() {
  for signal in TERM TERM KILL KILL; do
    found=$(marked)
    [ -n "$found" ] || return
    for entry in $found; do entry=\${entry#/proc/}; kill -s $signal "\${entry%/*}" 2>/dev/null; done
    nap
  done
}
thaw() {
  for try in 1 2 3; do
    sh ./thaw </dev/null >thaw.out 2>&1
    code=$?
    [ $code -eq 0 ] && return
    nap
  done
}
read -r line <"/proc/$$/stat"
set -- \${line##*) }
clock
begun=$now end=$((now + lease))
printf '%s %s %s\\n' "$$" "\${20}" "$begun" >armed.new && mv armed.new armed || exit 1
while :; do
  [ -e ended ] && exit 0
  clock
  if [ -e extend ]; then
    read -r name more <extend
    until=$((now + more))
    [ $until -gt $((begun + longest)) ] && until=$((begun + longest))
    printf '%s\\n' "$name" >granted.new && mv granted.new granted && end=$until
    rm -f extend
  fi
  [ $now -ge $end ] && break
  nap
done
current=
read -r current <../current
[ "$current" = "$id" ] || exit 0
mv armed fired
clock
fired=$now
end_marked
thaw
clock
printf '%s %s %s\\n' "$fired" "$now" "$code" >outcome.new && mv outcome.new outcome
count=0 seen=
while [ $count -lt 20 ] || { [ $count -lt 600 ] && [ -n "$found" ]; }; do
  found=$(marked)
  seen=$seen$found
  count=$((count + 1))
  nap
done
[ -n "$seen" ] && thaw
[ -e ended ] && rm -rf "$folder"
exit 0
`
