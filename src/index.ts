// The public API: for those who embed the gateway or the simulator in a process of their own.

export { loadServeConfig, type ServeConfig } from './config/config.ts'
export {
  type ConnectedVCenter,
  connectVCenter,
  endpointOf,
  type VCenterEndpoint,
} from './gateway/connect-vcenter.ts'
export { createGateway, type GatewayOptions } from './gateway/gateway.ts'
export { type RunningServer, startServer } from './gateway/server.ts'
export { buildSchema } from './graphql/schema.ts'
export { createLog, type Log } from './observability/log.ts'
export { createMetrics, type Metrics } from './observability/metrics.ts'
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator/index.ts'
export type { Transport, TransportRequest, TransportResponse } from './transport/transport.ts'
export { TransportError } from './transport/transport-error.ts'
export { createUndiciTransport } from './transport/undici-transport.ts'
