// The public API, for programs that embed the gateway or the simulator. docs/library.md describes it, and
// testing.ts has the gateway for tests of other programs.

export { loadServeConfig, type ServeConfig } from './config/config.ts'
export { ConfigError } from './config/config-error.ts'
export type { PersistedOperations } from './config/persisted-operations.ts'
export type { VCenterOptions } from './config/vcenter/vcenter-options.ts'
export { createLog, type Log, type LogFields } from './observability/log.ts'
export { createMetrics, type Metrics } from './observability/metrics.ts'
export { AuthenticationError } from './server/auth/authentication-error.ts'
export type { Authenticate } from './server/auth/callback-authenticator.ts'
export type { Identity } from './server/auth/identity.ts'
export {
  createGateway,
  type EmbeddedVCenter,
  type Gateway,
  type GatewayOptions,
} from './server/create-gateway.ts'
export { type RunningServer, startServer } from './server/start-server.ts'
export {
  createManualClock,
  createSimulator,
  demoUsers,
  type Simulator,
  type SimulatorOptions,
} from './simulator/index.ts'
export type { Transport, TransportRequest, TransportResponse } from './transport/transport.ts'
