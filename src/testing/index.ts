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
export { realWorld } from '../world/real-world.ts'
export { calm, type Behaviour, type Manner, type SimFate } from '../plugins/sim/cloud/behaviour.ts'
export { SimCloud, type CloudOptions, type CloudState } from '../plugins/sim/cloud/cloud.ts'
export { giveCloud } from '../plugins/sim/find-cloud.ts'
export { default as simPlugin } from '../plugins/sim/plugin.ts'
export {
  fakeGcp,
  type FakeDiskOptions,
  type FakeGcp,
  type FakeGcpOptions,
  type FakeInstanceOptions,
} from './gcp/fake-gcp.ts'
export type { LoggedCall } from './gcp/http/front.ts'
export type { Planted, Trouble } from './fake-http/troubles.ts'
