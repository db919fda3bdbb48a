// Resume puts back what suspend found.
import { textOf } from '../entry.ts'
import type { Rule } from '../rule.ts'

export const powerAsFound: Rule = {
  id: 'power-as-found',
  promise: 'truth',
  claim:
    'A node whose power state was put back was seen in the state that was wanted, and that is what suspend had found.',
  needs: 'moments',
  *check(log) {
    for (const moment of log.of('power.restored')) {
      const { instance } = moment
      const [state, wanted] = [textOf(moment, 'state'), textOf(moment, 'wanted')]
      const found = log.facts.powerFound?.[instance ?? '']
      if (state !== wanted)
        yield { message: `${instance} is ${state} and should be ${wanted}`, instance, entries: [moment] }
      else if (found !== undefined && found !== wanted)
        yield { message: `${instance} was found ${found} and made ${wanted}`, instance, entries: [moment] }
    }
  },
}
