// What tests of operations build their context with: the same that authors of plugins get from `fermata/testing`.
export {
  operationContext,
  subject,
  type LogRecord,
  type OperationContextOptions,
  type TestContext,
  type TestSubject,
} from '../../src/testing/operation-context.ts'
