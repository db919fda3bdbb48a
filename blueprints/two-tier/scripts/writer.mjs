// Appends the same counter to left.log and right.log, for ever. The two agree whenever it pauses between two rounds.
// pause.sh asks for a pause by writing a word to the file `pause`; the answer is the same word in the file `paused`.
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const directory = process.env.DIRECTORY ?? '.'
const pauseBetweenAppends = Number(process.env.PAUSE_BETWEEN_APPENDS ?? 3)
const left = join(directory, 'left.log')
const right = join(directory, 'right.log')

// Left by a writer before us.
for (const file of ['pause', 'paused']) rmSync(file, { force: true })

let counter = continueFrom(left, right)
process.once('SIGTERM', () => process.exit(0))

for (;;) {
  await pauseWhileAsked()
  counter += 1
  append(left)
  append(right)
  await sleep(pauseBetweenAppends)
}

// Opened anew for each line, so that a restored directory is written to as soon as it is there.
function append(path) {
  appendFileSync(path, `${counter}\n`)
}

async function pauseWhileAsked() {
  let answered
  for (;;) {
    const asked = read('pause')
    if (asked === undefined) break
    if (asked !== answered) {
      writeFileSync('paused.new', asked)
      renameSync('paused.new', 'paused')
      answered = asked
    }
    await sleep(2)
  }
  if (answered !== undefined) rmSync('paused', { force: true })
}

// Killed between the two appends, the writer before us owes right.log a line.
function continueFrom(leftPath, rightPath) {
  const [last, other] = [leftPath, rightPath].map((path) => Number((read(path) ?? '').trimEnd().split('\n').at(-1)))
  if (last > other) appendFileSync(rightPath, `${last}\n`)
  return last
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
