// The public interface for tests of plugins: `fermata/testing`.
export { contractSuite } from './contract/mocha-suite.ts'
export { contractCases, runContract, type CaseResult } from './contract/suite.ts'
export type { ContractNode, ContractSubject } from './contract/subject.ts'
export { faulty, type Injection, type InjectionPlan } from './fault-injection.ts'
export {
  operationContext,
  subject,
  type OperationContextOptions,
  type TestContext,
  type TestSubject,
} from './operation-context.ts'
export { testFermata, type TestFermata, type TestFermataOptions, type TestRun } from './test-fermata.ts'
export { simulatedWorld, type SimulatedWorld } from '../world/simulated-world.ts'
