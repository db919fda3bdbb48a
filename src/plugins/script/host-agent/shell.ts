// What lies beside a script on its host, as POSIX shell: the `ctx` command, and what brings its questions to us.
import { quoteWord } from '../../ssh/client/quote.ts'

/**
 * A question is a file of words in hexadecimal; its name goes into the pipe that we read. The answer comes as files, the
 * one with the exit code last.
 */
export const ctxCommand = `#!/bin/sh
bin=\${0%/*}
top=\${bin%/*}
ask=$top/ask/$$
hex() { od -An -v -tx1 | tr -d ' \\n'; }
umask 077
{
  if [ "\${1-}" = --fermata-json ]; then
    printf 'json x'
    hex
  else
    printf words
    for word in "$@"; do
      printf ' x'
      printf '%s' "$word" | hex
    done
  fi
  echo
} >"$ask" || exit 1
printf '%s\\n' "$$" 1<>"$top/questions"
count=0
until [ -e "$ask.code" ]; do
  [ -e "$top/gone" ] || [ $count -gt 6000 ] && { echo 'ctx: fermata is gone' >&2; exit 1; }
  count=$((count + 1))
  sleep 0.02 2>/dev/null || sleep 1
done
cat "$ask.out"
cat "$ask.err" >&2
read -r code <"$ask.code"
rm -f "$ask" "$ask.out" "$ask.err" "$ask.code"
exit "$code"
`

/** Makes the folder and prints it; then one line for each question, \`ID words x…\`, until the folder is gone. */
export function serveScript(files: Readonly<Record<string, Uint8Array>>): string {
  const folders = [...new Set(Object.keys(files).map((name) => name.replace(/\/?[^/]*$/, '')))].filter(Boolean)
  const writes = Object.entries(files).map(
    ([name, content]) =>
      `printf '%s' ${quoteWord(Buffer.from(content).toString('base64'))} | base64 -d >"$top"/${quoteWord(name)} && chmod 700 "$top"/${quoteWord(name)} || exit 1`,
  )
  // In memory where programs may be run from there, as the \`ctx\` command must be.
  return `{
umask 077
for parent in /dev/shm /run "\${TMPDIR:-/tmp}" /tmp; do
  top=$(mktemp -d "$parent/fermata-script.XXXXXX" 2>/dev/null) || continue
  printf '#!/bin/sh\\nexit 0\\n' >"$top/try" && chmod 700 "$top/try" && "$top/try" 2>/dev/null && break
  rm -rf "$top"
  top=
done
[ -n "$top" ] || { echo 'there is no folder to run a script from' >&2; exit 1; }
trap ': >"$top/gone"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$top/ask" ${folders.map((name) => `"$top"/${quoteWord(name)}`).join(' ')} && mkfifo "$top/questions" || exit 1
${writes.join('\n')}
exec 3<>"$top/questions"
printf '%s\\n' "$top"
while read -r id <&3; do
  [ "$id" = end ] && break
  printf '%s ' "$id"
  cat "$top/ask/$id"
done
rm -rf "$top"
exit 0
} </dev/null
`
}

/** Hands an answer over. */
export function answerScript(top: string, id: string, answer: { out: string; err: string; code: number }): string {
  const write = (name: string, text: string): string =>
    `printf '%s' ${quoteWord(Buffer.from(text).toString('base64'))} | base64 -d >ask/${id}.${name}`
  return `{ cd ${quoteWord(top)} && ${write('out', answer.out)} && ${write('err', answer.err)} && echo ${answer.code} >ask/${id}.new && mv ask/${id}.new ask/${id}.code; exit $?; } </dev/null\n`
}

export const endScript = (top: string): string => `echo end 1<>${quoteWord(top)}/questions\n`

/** Where a script finds what lies beside it. */
export const hostPaths = `PATH=$top/bin:$PATH CTX_SOCKET_URL=ctx:$top/bin/ctx PYTHONPATH=$top/python PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export PATH CTX_SOCKET_URL PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE`

/** The `ctx` of a script that the deadman runs: nobody is there to answer. */
export const loneCtxCommand = `#!/bin/sh
alone='the deadman is alone and cannot answer; hand it to fs_finalize as an input'
case \${1-} in
  --fermata-json)
    case $(cat) in
      *'"logger"'*) echo '{"type": "result", "payload": null}' ;;
      *) printf '{"type": "error", "payload": {"message": "%s"}}\\n' "$alone" ;;
    esac ;;
  logger) shift 2 2>/dev/null; printf '%s\\n' "$*" ;;
  *) printf 'ctx: %s\\n' "$alone" >&2; exit 1 ;;
esac
`
