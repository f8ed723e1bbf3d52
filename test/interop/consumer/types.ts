// A program of a consumer: uses the exported types with strict settings. library.test.ts compiles and runs it.

import { createServer, type Server } from 'node:http'
import {
  type Authenticate,
  AuthenticationError,
  ConfigError,
  createGateway,
  createLog,
  createManualClock,
  createMetrics,
  createSimulator,
  demoUsers,
  type Gateway,
  type GatewayOptions,
  type Identity,
  type Log,
  type LogFields,
  loadServeConfig,
  type Metrics,
  type RunningServer,
  type ServeConfig,
  type Simulator,
  type SimulatorOptions,
  startServer,
  type Transport,
  type VCenterOptions,
} from 'vsphere-graphql'
import {
  createTestGateway,
  type TestGateway,
  type TestGatewayOptions,
  type TestResponse,
} from 'vsphere-graphql/testing'

const identity: Identity = { name: 'dashboard', role: 'reader' }
const authenticate: Authenticate = (authorization) => {
  if (authorization === 'Bearer guest') throw new AuthenticationError('NO_ROLE', 'no role')
  return authorization === null ? null : identity
}
const vcenter: VCenterOptions = {
  url: 'vcenter.example.com',
  username: 'user',
  password: () => 'pass',
  thumbprint: 'ab'.repeat(32),
}
const remote: GatewayOptions = { vcenter, authenticate, limits: { depth: 10 }, allowedHosts: ['localhost'] }
// @ts-expect-error a vCenter needs authenticate
const incomplete: GatewayOptions = { vcenter }
// @ts-expect-error an unknown role
const unknownRole: Authenticate = () => ({ name: 'x', role: 'admin' })

const lines: [string, LogFields | undefined][] = []
const log: Log = {
  info: (message, fields) => void lines.push([message, fields]),
  warn() {},
  error() {},
}
const metrics: Metrics = createMetrics()
const simulated: SimulatorOptions = {
  vms: 4,
  seed: 3,
  users: demoUsers('user', 'pass'),
  clock: createManualClock(),
}
const simulator: Simulator = createSimulator(simulated)
const transport: Transport = simulator.transport()
await transport.close()

const unused: Gateway = createGateway(remote)
await unused.close()
try {
  createGateway(incomplete)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.log('ConfigError')
}

const gateway: Gateway = createGateway({ vcenter: simulator, authenticate, log, metrics })
const server: Server = createServer(gateway)
server.close()
const response: Response = await gateway.fetch(new URL('http://localhost/graphql'), {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
  body: '{ "query": "{ virtualMachines { totalCount } }" }',
})
console.log(await response.text())
await gateway.close()
await simulator.close()
createLog(process.stdout).info('lines', { count: lines.length, role: unknownRole.length })

const testing: TestGatewayOptions = { vms: 2, role: 'reader' }
const testGateway: TestGateway = createTestGateway(testing)
const result: TestResponse<{ viewer: { role: string } }> = await testGateway.execute('{ viewer { role } }')
console.log(result.data?.viewer.role, result.errors?.[0]?.extensions?.code)
await testGateway.close()

const config: ServeConfig = loadServeConfig({ argv: ['--port', '0', '--simulator'], env: {} })
const running: RunningServer = await startServer(config, log)
console.log(new URL(running.url).pathname)
await running.stop()
