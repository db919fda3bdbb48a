import { expect } from 'chai'
import { format, inspect } from 'node:util'
import { Redactor, Secret } from '../../../src/kernel/secret.ts'

const mask = '********'

function redactor(...values: readonly string[]): Redactor {
  const made = new Redactor()
  for (const value of values) made.add(value)
  return made
}

describe('a secret', () => {
  const secret = new Secret('hunter22')

  it('is revealed by name only', () => {
    expect(secret.reveal()).to.equal('hunter22')
  })

  it('shows its mask in texts, JSON, inspection and formats', () => {
    const shown = [
      `${secret as unknown as string}`,
      String(secret),
      '' + (secret as unknown as string),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      [secret].join(),
    ]
    for (const text of shown) expect(text).to.contain(mask).and.not.to.contain('hunter')
  })

  it('has no property that holds it', () => {
    expect(Object.getOwnPropertyNames(secret)).to.deep.equal([])
    expect(structuredClone({ ...secret })).to.deep.equal({})
  })
})

describe('the redactor', () => {
  it('leaves texts alone as long as it knows no secret', () => {
    expect(redactor().text('hunter22')).to.equal('hunter22')
    expect(redactor().jsonText('{"a":1}')).to.equal('{"a":1}')
  })

  it('masks every occurrence, also side by side', () => {
    expect(redactor('hunter22').text('hunter22hunter22, hunter22!')).to.equal(`${mask}${mask}, ${mask}!`)
  })

  it('takes characters of patterns as they are', () => {
    for (const value of ['a.*b', 'x+y?', '(abc', '[a-z]', 'a|b|c', '^$^$', 'c:\\dir\\', 'a{2}b', '/-/-/']) {
      expect(redactor(value).text(`<${value}>`), value).to.equal(`<${mask}>`)
      expect(redactor(value).text('harmless words'), value).to.equal('harmless words')
    }
  })

  it('leaves nothing of secrets that overlap', () => {
    expect(redactor('abcdef', 'defghi').text('<abcdefghi>')).to.equal(`<${mask}>`)
    expect(redactor('long', 'very long secret').text('a very long secret')).to.equal(`a ${mask}`)
    expect(redactor('abab').text('ababab')).to.equal(mask)
  })

  it('masks single lines of a secret with many, whatever ends them', () => {
    for (const end of ['\n', '\r\n']) {
      const known = redactor(['BEGIN KEY', 'c2VjcmV0', 'END KEY', 'ab'].join(end))
      expect(known.text('key is c2VjcmV0, ab')).to.equal(`key is ${mask}, ab`)
    }
  })

  it('masks the JSON spelling, once and twice quoted', () => {
    const value = 'say "hi"\tto\\me'
    const once = JSON.stringify({ value })
    const twice = JSON.stringify({ once })
    expect(redactor(value).text(once)).to.equal(`{"value":"${mask}"}`)
    expect(redactor(value).text(twice)).to.contain(mask).and.not.to.contain('hi')
  })

  it('does not collect what is shorter than four characters', () => {
    expect(redactor('', 'a', 'yes').text('yes, a')).to.equal('yes, a')
  })

  it('masks values and keys of JSON at every depth and changes nothing else', () => {
    const value = { hunter22: ['x hunter22', { deep: 'hunter22' }], number: 1, flag: false, none: null }
    expect(redactor('hunter22').json(value)).to.deep.equal({
      [mask]: [`x ${mask}`, { deep: mask }],
      number: 1,
      flag: false,
      none: null,
    })
  })

  it('keeps a JSON text JSON', () => {
    expect(redactor('true', '1234').jsonText('{"up":true,"port":1234,"is":"true"}')).to.equal(
      `{"up":true,"port":1234,"is":"${mask}"}`,
    )
  })

  it('writes moments as JSON does', () => {
    expect(redactor('hunter22').json({ at: new Date(0) })).to.deep.equal({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('is quick with long texts and many secrets', function () {
    this.timeout(2000)
    const known = redactor(...Array.from({ length: 200 }, (_none, index) => `secret-number-${index}-${'x'.repeat(50)}`))
    expect(known.text('secret-number-'.repeat(20_000))).to.have.length(280_000)
  })
})
