// Notes a record in sent.log and sends it to the guest until that says it is kept, for ever. The two agree whenever it pauses
// between two records. pause.sh asks for a pause by writing a word to the file `pause`; the answer is that word in `paused`.
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const sent = join(process.env.DIRECTORY ?? '.', 'sent.log')
const [host, port] = [process.env.RECORDS_ADDRESS ?? '127.0.0.1', 7001]

// Left by a writer before us.
for (const file of ['pause', 'paused']) rmSync(file, { force: true })

let record = Number((read(sent) ?? '').trimEnd().split('\n').at(-1))
// Killed before it was kept, perhaps: the guest keeps a record once, however often it comes.
if (record > 0) await send(record)

for (;;) {
  await pauseWhileAsked()
  record += 1
  appendFileSync(sent, `${record}\n`)
  await send(record)
  await sleep(20)
}

async function send(number) {
  while ((await answerTo(number)) !== 'kept') await sleep(100)
}

async function answerTo(number) {
  const socket = connect({ host, port })
  socket.setTimeout(3000, () => socket.destroy(new Error('no answer')))
  try {
    await once(socket, 'connect')
    socket.write(`${number}\n`)
    return (await text(socket)).trim()
  } catch {
    // It is away, as while it is put back.
    return undefined
  } finally {
    socket.destroy()
  }
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

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
