// One case of the contract: what it claims, and how it is tried.
import type { Bench } from './bench.ts'

export interface ContractCase {
  /** `deadman.fires`; stable, for reports and for naming what is known not to hold. */
  readonly id: string
  /** A sentence about the plugin. */
  readonly claim: string
  /** @throws ContractBroken, CaseSkipped, or what the plugin threw. */
  run(bench: Bench): Promise<void>
}

export const names = {
  prepare: 'cloudify.interfaces.freeze.fs_prepare',
  finalize: 'cloudify.interfaces.freeze.fs_finalize',
  suspend: 'cloudify.interfaces.freeze.suspend',
  resume: 'cloudify.interfaces.freeze.resume',
  create: 'cloudify.interfaces.snapshot.create',
  apply: 'cloudify.interfaces.snapshot.apply',
  remove: 'cloudify.interfaces.snapshot.delete',
  statistics: 'cloudify.interfaces.statistics.perfomance',
} as const
