// compare_backup: how every part of a backup differs from what the blueprint says and from what is there now.
import { Type } from '../kernel/schema.ts'
import type { Json } from '../kernel/json.ts'
import type { PartComparison } from '../plugins/contract/comparison.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { selection } from './parameters.ts'
import { inputsFor, readablePoint, whichBackup } from './which-backup.ts'

export const compareBackup = defineWorkflow({
  name: 'compare_backup',
  description: 'Compares a backup with what the blueprint says and with what is there now, changing nothing',
  parameters: Type.Object({ ...whichBackup, ...selection }),
  async run(run, parameters) {
    const point = await readablePoint(run, 'compare_backup', parameters)
    const inputs = inputsFor(point)
    const found: Record<string, PartComparison | null> = {}
    const having = run.select(parameters).filter((member) => member.id in point.records)
    await run.each(having, 'none', async (member) => {
      const record = point.records[member.id]
      if (record) found[member.id] = await run.compare(member, record, inputs)
    })
    for (const [id, comparison] of Object.entries(found)) {
      if (comparison === null)
        run.log.warning(`The part of ${id} cannot be compared: its provider offers no comparison`)
      else if (comparison.differences.length > 0)
        run.log.info(`${id} differs in ${comparison.differences.length} places`)
    }
    return { recovery_point: point.id, parts: found as unknown as Json }
  },
})
