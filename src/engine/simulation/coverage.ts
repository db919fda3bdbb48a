// Which corners the seeds have visited: workflow by kind of fault by phase. A corner nobody visits proves nothing.
import { faultKinds, isOfCloud, type FaultKind } from './fault-plan.ts'
import type { Phase } from './passage.ts'
import { simulatedWorkflows, type SimulatedWorkflow } from './scenario.ts'

export interface Cell {
  readonly workflow: SimulatedWorkflow
  readonly kind: FaultKind
  readonly phase: Phase
}

/** All that there can be. */
export function cellsOf(workflows: readonly SimulatedWorkflow[] = simulatedWorkflows): readonly Cell[] {
  return workflows.flatMap((workflow) =>
    phasesOf(workflow).flatMap((phase) =>
      faultKinds.filter((kind) => canHappen(kind, phase)).map((kind) => ({ workflow, kind, phase })),
    ),
  )
}

export function cellName({ workflow, kind, phase }: Cell): string {
  return `${workflow} ${kind} ${phase}`
}

/** How often each was visited, the empty ones too. */
export class Coverage {
  readonly counts: Map<string, number>

  constructor(workflows?: readonly SimulatedWorkflow[]) {
    this.counts = new Map(cellsOf(workflows).map((cell) => [cellName(cell), 0]))
  }

  /** What is none of the corners (a fault while taking back) is not counted. */
  add(cell: Cell, times = 1): void {
    this.addNamed(cellName(cell), times)
  }

  addNamed(name: string, times: number): void {
    const count = this.counts.get(name)
    if (count !== undefined) this.counts.set(name, count + times)
  }

  get empty(): readonly string[] {
    return [...this.counts].filter(([, count]) => count === 0).map(([name]) => name)
  }

  get least(): number {
    return Math.min(...this.counts.values())
  }
}

function phasesOf(workflow: SimulatedWorkflow): readonly Phase[] {
  if (workflow === 'backup') return ['freeze', 'cut', 'thaw', 'settle', 'record']
  if (workflow === 'restore') return ['freeze', 'cut', 'thaw', 'record']
  return ['walk', 'record']
}

function canHappen(kind: FaultKind, phase: Phase): boolean {
  if (kind === 'refuse') return phase === 'freeze'
  return phase !== 'record' || !(isOfCloud(kind) || kind === 'partition')
}
