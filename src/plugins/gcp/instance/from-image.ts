// An instance that is gone, made anew out of a machine image: under its old name, with all its disks.
import { seconds } from '../../../kernel/duration.ts'
import { pathOf } from '../client/project.ts'
import { labelsOf, makeOnce, type Work } from '../work.ts'
import { findInstance, type Instance, type InstanceRef } from './views.ts'

export function instanceFromImage(work: Work, ref: InstanceRef, machineImage: string): Promise<Instance> {
  const { project } = work
  const part = `instance/${machineImage}`
  return makeOnce<Instance>(work, {
    part,
    kind: 'instance',
    name: ref.name,
    find: () => findInstance(project, ref),
    change: {
      path: pathOf`/zones/${ref.zone}/instances`,
      query: { sourceMachineImage: `projects/${project.id}/global/machineImages/${machineImage}` },
      limit: seconds(3600),
      body: { name: ref.name, labels: labelsOf(work, part) },
    },
  })
}
