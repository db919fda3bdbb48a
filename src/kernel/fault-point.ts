// The places at which a process may die with something half done. Product code names them as it passes; a world of a
// test kills there. The crash matrix is made from this table: a new write to the journal has a point beside it.

export const faultPoints = {
  'execution.claimed': 'the execution is ours on disk, nothing of it ran',
  'execution.loaded': 'the workflow is about to begin',
  'execution.finished': 'the workflow is through, its end is not recorded',
  'execution.recorded': 'the end of the execution is on disk',
  'step.intended': 'the intent is on disk, nothing was called',
  'step.effect': 'the operation returned, its outcome is not recorded',
  'step.recorded': 'the outcome is on disk',
  'freeze.entered': 'the ledger row is on disk, no deadman is armed',
  'freeze.armed': 'the deadman runs, its handle is not recorded',
  'freeze.handled': 'the handle of the deadman is on disk, nothing is frozen',
  'freeze.extended': 'the lease was extended on the node, not in the ledger',
  'thaw.effect': 'the node runs again, its deadman is still armed',
  'thaw.disarmed': 'the deadman is gone, the ledger still says frozen',
  'bracket.frozen': 'everybody is frozen, nothing is cut',
  'bracket.cut': 'everything is cut, everybody is frozen',
  'bracket.thawed': 'everybody runs again, nothing is settled',
  'bracket.settled': 'everything is settled, nothing is sealed',
  'bracket.abandoned': 'a bracket that failed is closed on disk',
  'catalog.opened': 'the name is taken, nothing is saved',
  'catalog.sealed': 'the recovery point is good on disk',
  'catalog.discarded': 'the entry of a failed backup is gone',
  'catalog.marked': 'what is being deleted is marked so, nothing is deleted',
  'catalog.removed': 'parts are gone from the catalog',
  'catalog.verified': 'what a read-back found is on disk',
  'instance.recorded': 'a state, a property or a statistic of an instance is on disk',
} as const satisfies Readonly<Record<string, string>>

export type FaultPoint = keyof typeof faultPoints
