// Every invariant, in the order of the promises. An id is never given to another rule.
import type { Rule } from './rule.ts'
import { abandonedIsNeverSealed, bracketIsClosed } from './rules/bracket.ts'
import { cutWhileFrozen, thawAfterCut } from './rules/cutting.ts'
import { disarmAfterThaw, everyDeadmanIsDisarmed, extensionWithinMaximum } from './rules/deadman.ts'
import {
  childrenGoBeforeParents,
  deletedByTheCatalog,
  lastGoodIsKept,
  partsGoBeforeTheirPoint,
} from './rules/deleting.ts'
import { repeatIsInDoubt, settleAfterThaw, undoAfterThaw, undoOfACut } from './rules/effects.ts'
import { deadmanBeforeFreeze, ledgerBeforeFreeze, oneFreezeAtATime } from './rules/freezing.ts'
import { nothingAfterTheEnd, nothingBeginsAfterCancel, oneBeginning, resumeThawsFirst } from './rules/lives.ts'
import { failureStopsOthers, freezeInOrder, thawInReverse } from './rules/ordering.ts'
import { powerAsFound } from './rules/power.ts'
import {
  endsWereBegun,
  secretsAreMasked,
  sentBeforeStarted,
  sequenceWithoutGaps,
  timeGoesForward,
  toldAsRecorded,
} from './rules/record.ts'
import {
  labelIsMeasured,
  labelIsTheLowest,
  sealedIsSettled,
  sealedIsWhatWasAsked,
  successMeansSealed,
} from './rules/sealing.ts'
import { everyFreezeIsThawed, thawAfterFreeze, thawWithinLease } from './rules/thawing.ts'

export const rules: readonly Rule[] = [
  ledgerBeforeFreeze,
  deadmanBeforeFreeze,
  oneFreezeAtATime,
  everyFreezeIsThawed,
  thawWithinLease,
  disarmAfterThaw,
  extensionWithinMaximum,
  undoAfterThaw,
  cutWhileFrozen,
  thawAfterCut,
  thawAfterFreeze,
  freezeInOrder,
  thawInReverse,
  settleAfterThaw,
  failureStopsOthers,
  repeatIsInDoubt,
  oneBeginning,
  resumeThawsFirst,
  sentBeforeStarted,
  sealedIsSettled,
  sealedIsWhatWasAsked,
  labelIsTheLowest,
  labelIsMeasured,
  successMeansSealed,
  abandonedIsNeverSealed,
  powerAsFound,
  toldAsRecorded,
  lastGoodIsKept,
  childrenGoBeforeParents,
  deletedByTheCatalog,
  everyDeadmanIsDisarmed,
  bracketIsClosed,
  undoOfACut,
  partsGoBeforeTheirPoint,
  nothingBeginsAfterCancel,
  sequenceWithoutGaps,
  timeGoesForward,
  endsWereBegun,
  nothingAfterTheEnd,
  secretsAreMasked,
]
