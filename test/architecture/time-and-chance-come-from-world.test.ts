// Clock, timers, randomness and ids are reached through src/world alone, so that every run can be simulated.
import { expect } from 'chai'
import { codeOf, filesIn, placesOf } from './source-files.ts'

const banned: Readonly<Record<string, RegExp>> = {
  'Date.now()': /\bDate\.now\b/,
  'new Date() of now': /\bnew Date\(\s*\)/,
  'Math.random()': /\bMath\.random\b/,
  'a timer': /\b(?:setTimeout|setInterval)\s*\(/,
  'performance.now()': /\bperformance\.now\b/,
  'randomness of crypto': /\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\s*\(/,
  'timers/promises': /timers\/promises/,
}

/** Beginnings of paths, each with the reason. */
const allowed: Readonly<Record<string, string>> = {
  'src/world/': 'it is the world',
  'src/engine/secret-box.ts': 'keys and nonces must not be reproducible',
  'src/plugins/guard/watch.ts': 'runs in processes of their own, which need nothing of us',
  'src/plugins/guard/keep-watches.ts': 'the same',
  'src/plugins/local/guard/': 'a process of its own, which needs nothing of us',
  'src/testing/fake-http/': 'a server on a port: what is tested meets it from outside, with a clock of its own',
  'src/testing/gcp/': 'the same',
  'src/plugins/script/bin/': 'a process of its own, started by scripts',
}

describe('architecture: time and chance', () => {
  const files = filesIn('src', ['.ts'])

  it('are not taken from the system outside src/world', () => {
    expect(files).to.have.lengthOf.above(100)
    const found = files
      .filter((file) => !Object.keys(allowed).some((beginning) => file.path.startsWith(beginning)))
      .flatMap((file) =>
        Object.entries(banned).flatMap(([name, pattern]) =>
          placesOf(file, pattern, codeOf(file.text)).map((place) => `${place}: ${name}`),
        ),
      )
    expect(found).to.deep.equal([])
  })

  it('are allowed only where a file still is', () => {
    const unused = Object.keys(allowed).filter((beginning) => !files.some((file) => file.path.startsWith(beginning)))
    expect(unused).to.deep.equal([])
  })

  it('are found by the patterns where they are', () => {
    const seen = files.filter((file) => file.path === 'src/world/real-world.ts').map((file) => codeOf(file.text))
    expect(seen).to.have.lengthOf(1)
    for (const name of ['Date.now()', 'a timer', 'performance.now()', 'randomness of crypto']) {
      expect(seen[0], name).to.match(banned[name] as RegExp)
    }
  })
})
