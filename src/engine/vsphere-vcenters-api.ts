// What the outside may ask about the vCenters of a home.
import type { VsphereReport } from '../plugins/vsphere/report/report.ts'

export interface VsphereReportOptions {
  /** Only the vCenters of this deployment. Default: those of all; and where no deployment has one, that of the environment. */
  readonly deploymentId?: string | undefined
  /** Older snapshots are told. Default 3, as VMware advises. */
  readonly mostDays?: number | undefined
  readonly signal?: AbortSignal
}

export interface VsphereVCenters {
  /** Changes nothing. @throws Fault `vsphere.bad_property` where no vCenter is named at all */
  report(options?: VsphereReportOptions): Promise<VsphereReport>
}
