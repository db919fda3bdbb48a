// Its three hundred modules take longer to load than most commands take to run: a tenth of a second of every one of them.
import { expect } from 'chai'
import { filesIn } from './source-files.ts'

/** Authors of plugins get it from the index; a script's inputs are checked with it, by a plugin that is loaded when used. */
const allowed = ['src/index.ts', 'src/plugins/script/inputs.ts']

const loads = /^(?:import|export)\s+(?!type\b)[^;'"]*?from\s*['"]typebox(?:\/[^'"]*)?['"]/m

describe('architecture: the modules of typebox', () => {
  it('are loaded by those files alone that cannot do with the schemas of the kernel', () => {
    const loading = filesIn('src', ['.ts']).filter(({ text }) => loads.test(text))
    expect(loading.map(({ path }) => path)).to.have.members(allowed)
  })
})
