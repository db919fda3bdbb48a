// What every command loads builds its schemas without typebox, whose three hundred modules take longer to load than most
// commands take to run.
import { expect } from 'chai'
import { filesIn, placesOf } from './source-files.ts'

/** Loaded by authors of plugins, and by whoever runs scripts. */
const allowed = ['src/index.ts', 'src/plugins/script/inputs.ts']

describe('architecture: schemas', () => {
  it('are built without the code of typebox wherever only its types are needed', () => {
    const files = filesIn('src', ['.ts'])
    expect(files).to.have.lengthOf.above(100)
    const others = files.filter(({ path }) => !allowed.includes(path))
    const code = /^(?:import|export) (?!type )[^'\n]*from 'typebox/m
    expect(
      files.flatMap((file) => placesOf(file, code)),
      'the pattern finds them',
    ).to.have.lengthOf.above(1)
    const found = others.flatMap((file) => placesOf(file, code))
    expect(found).to.deep.equal([])
  })
})
