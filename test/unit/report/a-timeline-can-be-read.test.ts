import { expect } from 'chai'
import { drawTimeline, type TimelinePicture } from '../../../src/report/plan-picture.ts'

const picture: TimelinePicture = {
  title: 'backup of shop',
  length: 2300,
  note: null,
  lanes: [
    {
      name: 'db_a1b2c3',
      spans: [
        { from: 0, to: 300, kind: 'freeze', isGuess: false, title: 'freeze, 300 ms' },
        { from: 300, to: 301, kind: 'cut', isGuess: false, title: 'cut, 1 ms' },
        { from: 301, to: 400, kind: 'thaw', isGuess: false, title: 'thaw, 99 ms' },
        { from: 400, to: 2300, kind: 'settle', isGuess: true, title: 'settle, of unknown length' },
      ],
      still: [{ from: 0, to: 400, title: 'db_a1b2c3 stands still' }],
    },
    { name: 'web_x', spans: [], still: [] },
  ],
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** All elements; fails when tags are not closed in their order or a sign stands where it may not. */
function elementsOf(svg: string): readonly Element[] {
  const open: string[] = []
  const elements: Element[] = []
  let end = 0
  for (const match of svg.matchAll(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*) ?(\/?)>/gi)) {
    expect(svg.slice(end, match.index)).to.not.match(/[<>]|&(?!(?:amp|lt|gt|quot);)/)
    end = match.index + match[0].length
    const [, isEnd, name = '', attributes = '', isEmpty] = match
    if (isEnd) expect(open.pop()).to.equal(name)
    else {
      const pairs = [...attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map((pair) => [pair[1], pair[2]])
      elements.push({ name, attributes: Object.fromEntries(pairs) as Record<string, string> })
      if (!isEmpty) open.push(name)
    }
  }
  expect(svg.slice(end).trim()).to.equal('')
  expect(open).to.deep.equal([])
  return elements
}

const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map((match) => match[1] ?? '')

describe('the timeline of a plan', () => {
  it('has a lane for each instance, an axis in seconds, and says what its colours mean', () => {
    const svg = drawTimeline(picture)
    const texts = textsOf(svg)
    expect(texts).to.include.members(['backup of shop', 'db_a1b2c3', 'web_x', '0.0 s', '0.5 s', '2.5 s'])
    expect(texts).to.include.members(['freeze', 'cut', 'thaw', 'settle', 'stands still', 'paler: length guessed'])
    expect(texts).to.not.include('call')
  })

  it('puts spans where their times are', () => {
    const elements = elementsOf(drawTimeline(picture)).filter(({ name }) => name === 'rect')
    const box = (colour: string) => elements.find(({ attributes }) => attributes['fill'] === colour)?.attributes ?? {}
    const [still, freeze, settle] = [box('#bee3f8'), box('#2b6cb0'), box('#829ab1')]
    expect(still['x']).to.equal(freeze['x'])
    expect(Number(still['width']) / Number(freeze['width'])).to.be.closeTo(4 / 3, 0.01)
    expect(Number(settle['width']) / Number(freeze['width'])).to.be.closeTo(1900 / 300, 0.02)
    expect([settle['fill-opacity'], freeze['fill-opacity']]).to.deep.equal(['0.45', undefined])
  })

  it('marks the cut also when it is too short to be seen', () => {
    const svg = drawTimeline(picture)
    const mark = elementsOf(svg).find(({ attributes }) => attributes['stroke'] === '#b44d12')
    expect(mark?.attributes['d']).to.match(/^M[\d.]+,[\d.]+ v\d+$/)
  })

  it('is XML whatever names there are', () => {
    const rude = '<script>alert("1")</script> & \u0000\ud800 "x" \'y\''
    const lane = {
      name: rude,
      spans: [{ from: 0, to: 1, kind: 'call' as const, isGuess: false, title: rude }],
      still: [],
    }
    const svg = drawTimeline({ title: rude, lanes: [lane], length: 1, note: rude })
    expect(elementsOf(svg).map(({ name }) => name)).to.not.include('script')
    expect(svg).to.not.match(/[\u0000-\u0008\ud800-\udfff]/)
  })

  it('is a picture also of nothing, of moments and of days', () => {
    for (const length of [0, 1, 40, 999, 86_400_000 * 3]) {
      const spans = [{ from: 0, to: length, kind: 'call' as const, isGuess: false, title: 'all of it' }]
      const svg = drawTimeline({ ...picture, length, lanes: [{ name: 'a', spans, still: [] }] })
      const marks = textsOf(svg).filter((text) => text.endsWith(' s'))
      expect(marks, String(length)).to.have.lengthOf.within(2, 12)
      expect(new Set(marks).size).to.equal(marks.length)
      expect(svg).to.not.match(/NaN|Infinity/)
      elementsOf(svg)
    }
    elementsOf(drawTimeline({ title: 'nothing', lanes: [], length: 0, note: null }))
  })
})
