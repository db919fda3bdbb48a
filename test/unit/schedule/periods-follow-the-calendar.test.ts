// Hours, days, ISO weeks, months and years are those of the calendar, also where clocks and years turn.
import { expect } from 'chai'
import { calendarOf } from '../../../src/schedule/retention/calendar.ts'
import { faultOf } from '../../support/freezing-provider.ts'

/** From the calendars printed for these years: the week has its Thursday in the year that it is counted in. */
const isoWeeks: Readonly<Record<string, string>> = {
  '1969-12-28': '1969-W52',
  '1969-12-29': '1970-W01',
  '2004-12-31': '2004-W53',
  '2005-01-01': '2004-W53',
  '2005-01-02': '2004-W53',
  '2005-01-03': '2005-W01',
  '2007-12-31': '2008-W01',
  '2008-12-28': '2008-W52',
  '2008-12-29': '2009-W01',
  '2010-01-03': '2009-W53',
  '2010-01-04': '2010-W01',
  '2016-02-29': '2016-W09',
  '2020-12-31': '2020-W53',
  '2021-01-03': '2020-W53',
  '2021-01-04': '2021-W01',
  '2024-12-30': '2025-W01',
  '2026-12-31': '2026-W53',
  '2027-01-03': '2026-W53',
  '2027-01-04': '2027-W01',
}

const summerEnds = ['2026-10-24T23:59:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z']
const summerBegins = ['2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z']

describe('the periods of retention', () => {
  it('have the ISO week of each day at the turns of years', () => {
    const calendar = calendarOf('UTC')
    for (const [date, week] of Object.entries(isoWeeks))
      expect(calendar(Date.parse(`${date}T12:00:00Z`)).weekly, date).to.equal(week)
  })

  it('begin on Monday at midnight', () => {
    const calendar = calendarOf('UTC')
    expect(calendar(Date.parse('2026-11-22T23:59:59.999Z')).weekly).to.equal('2026-W47')
    expect(calendar(Date.parse('2026-11-23T00:00:00Z')).weekly).to.equal('2026-W48')
  })

  it('keep the two hours of one name apart when clocks are put back, in one day', () => {
    const calendar = calendarOf('Europe/Berlin')
    const periods = summerEnds.map((text) => calendar(Date.parse(text)))
    expect(periods.map(({ hourly }) => hourly)).to.deep.equal([
      '2026-10-25 01:00+02:00',
      '2026-10-25 02:00+02:00',
      '2026-10-25 02:00+01:00',
      '2026-10-25 03:00+01:00',
    ])
    expect(new Set(periods.map(({ daily }) => daily))).to.deep.equal(new Set(['2026-10-25']))
  })

  it('leave out the hour that there is not when they are put forward', () => {
    const calendar = calendarOf('Europe/Berlin')
    expect(summerBegins.map((text) => calendar(Date.parse(text)).hourly)).to.deep.equal([
      '2026-03-29 01:00+01:00',
      '2026-03-29 03:00+02:00',
    ])
  })

  it('are those of the zone: a day of Samoa that never was, half hours of Newfoundland', () => {
    const apia = calendarOf('Pacific/Apia')
    expect(apia(Date.parse('2011-12-30T09:59:00Z')).daily).to.equal('2011-12-29')
    expect(apia(Date.parse('2011-12-30T10:00:00Z')).daily).to.equal('2011-12-31')
    const johns = calendarOf('America/St_Johns')
    expect(johns(Date.parse('2026-01-01T03:29:00Z'))).to.include({ yearly: '2025', monthly: '2025-12' })
    expect(johns(Date.parse('2026-01-01T03:30:00Z'))).to.include({ yearly: '2026', hourly: '2026-01-01 00:00-03:30' })
  })

  it('refuse a zone that there is not', async () => {
    const problem = await faultOf((async () => calendarOf('Europe/Berlln'))())
    expect([problem?.code, problem?.message]).to.deep.equal([
      'usage.bad_argument',
      "there is no time zone 'Europe/Berlln'",
    ])
  })
})
