// A plan of an execution as the timeline picture takes it.
import { formatDuration } from '../kernel/duration.ts'
import type { ExecutionPlan, PlannedCall } from '../lifecycle/plan/execution-plan.ts'
import { drawTimeline, spanTitle, type PictureLane, type SpanKind } from '../report/plan-picture.ts'

export function planSvg(plan: ExecutionPlan): string {
  const calls = plan.phases.flatMap((phase) => phase.calls)
  const lanes = new Map<string, PlannedCall[]>()
  for (const call of calls) {
    const lane = lanes.get(call.instance)
    if (lane) lane.push(call)
    else lanes.set(call.instance, [call])
  }
  return drawTimeline({
    title: `${plan.workflow} of ${plan.deploymentId}`,
    lanes: [...lanes].map(([name, own]) => laneOf(name, own)),
    length: plan.timeline.length,
    note: guessNote(plan),
  })
}

function laneOf(name: string, calls: readonly PlannedCall[]): PictureLane {
  const spans = calls.map((call) => ({
    from: call.from,
    to: call.to,
    kind: kindOf(call),
    isGuess: call.predicted === null,
    title: spanTitle(`${name}: ${call.operation} (${call.implementation})`, call.predicted),
  }))
  const freeze = calls.find(({ role }) => role === 'freeze')
  const thaw = calls.findLast(({ role }) => role === 'thaw')
  const still = freeze
    ? [
        {
          from: freeze.from,
          to: (thaw ?? freeze).to,
          title: `${name} stands still for ${formatDuration((thaw ?? freeze).to - freeze.from)}`,
        },
      ]
    : []
  return { name, spans, still }
}

function kindOf({ role }: PlannedCall): SpanKind {
  return role === 'verify' || role === 'compare' ? 'call' : role
}

/** null when every length is known. */
export function guessNote({ timeline, phases }: ExecutionPlan): string | null {
  if (timeline.guessed === 0) return null
  const calls = phases.reduce((count, phase) => count + phase.calls.length, 0)
  const each = formatDuration(timeline.assumed)
  return `${timeline.guessed} of ${calls} calls were never run here; each is taken to last ${each}`
}
