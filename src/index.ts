// The public API, for programs that embed the gateway or the simulator.

export { loadServeConfig, type ServeConfig } from './config/config.ts'
export { createLog, type Log } from './observability/log.ts'
export { createMetrics, type Metrics } from './observability/metrics.ts'
export { buildSchema } from './schema/schema.ts'
export {
  type AccessProvider as Entrance,
  sharedAccountAccess as sharedEntrance,
} from './server/auth/access-provider.ts'
export { AuthenticationError } from './server/auth/authentication-error.ts'
export type { Authenticator as Authentication } from './server/auth/authenticator.ts'
export type { Identity } from './server/auth/identity.ts'
export { createGateway, type GatewayOptions } from './server/create-gateway.ts'
export { type RunningServer, startServer } from './server/start-server.ts'
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator/index.ts'
export type { Transport, TransportRequest, TransportResponse } from './transport/transport.ts'
export { TransportError } from './transport/transport-error.ts'
export { createUndiciTransport } from './transport/undici-transport.ts'
export { type ConnectedVCenter, connectVCenter } from './vcenter/connect-vcenter.ts'
export { resolveEndpoint as endpointOf, type VCenterEndpoint } from './vcenter/vcenter-endpoint.ts'
