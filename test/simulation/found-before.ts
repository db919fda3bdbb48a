// Seeds that broke a promise once, with what was found by them.

export const foundBefore: Readonly<Record<string, string>> = {
  270: 'a snapshot stayed that a failed bracket could not take back',
  280: 'the ledger said frozen after a thaw that the store had refused to record',
  489: 'cuts began in the turn in which their execution was cancelled',
  744: 'a thaw stayed unrecorded on one of several nodes',
  1459: 'settling began after a cancel',
  1943: 'a backup was sealed when a cancel came too late',
  1968: 'a thaw of a process that died was taken for a late one',
  2883: 'the store was busy while snapshots were taken back',
}
