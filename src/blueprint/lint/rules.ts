// All lint rules. The order is that of docs/reference/lint.md.
import type { LintRule } from './rule.ts'
import { deprecatedSuspend } from './rules/deprecated-suspend.ts'
import { duplicateKey } from './rules/duplicate-key.ts'
import { finalizeWithoutFreeze } from './rules/finalize-without-freeze.ts'
import { freezeWithoutFinalize } from './rules/freeze-without-finalize.ts'
import { operationInputOverruled } from './rules/operation-input-overruled.ts'
import { operationWithoutPlugin } from './rules/operation-without-plugin.ts'
import { preparedUnderUnprepared } from './rules/prepared-under-unprepared.ts'
import { retriesExceedLease } from './rules/retries-exceed-lease.ts'
import { secretInDefault } from './rules/secret-in-default.ts'
import { serviceWithoutHost } from './rules/service-without-host.ts'
import { sharedSnapshotPath } from './rules/shared-snapshot-path.ts'
import { snapshotWithoutApply } from './rules/snapshot-without-apply.ts'
import { snapshotWithoutDelete } from './rules/snapshot-without-delete.ts'
import { unusedInput } from './rules/unused-input.ts'
import { unknownRule } from './rules/unknown-rule.ts'
import { uploadResources } from './rules/upload-resources.ts'

const rules: readonly LintRule[] = [
  freezeWithoutFinalize,
  finalizeWithoutFreeze,
  preparedUnderUnprepared,
  serviceWithoutHost,
  snapshotWithoutDelete,
  snapshotWithoutApply,
  sharedSnapshotPath,
  retriesExceedLease,
  operationInputOverruled,
  operationWithoutPlugin,
  deprecatedSuspend,
  unusedInput,
  secretInDefault,
  uploadResources,
  duplicateKey,
]

export const lintRules: readonly LintRule[] = [...rules, unknownRule(rules.map(({ id }) => id))]
