// The setup of an adversary's case: a simulator, a SOAP proxy in front of it that the case controls, and gateways that connect
// to the proxy. All connections are real.

import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { type SoapProxy, startSoapProxy } from '../soap-proxy.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'

export interface AdversaryFixture {
  readonly simulator: Simulator
  readonly proxy: SoapProxy
  /** Starts a separate gateway with an empty cache; `close` stops it. */
  gateway(): TestGateway
  close(): Promise<void>
}

export async function startFixture(options: SimulatorOptions = {}): Promise<AdversaryFixture> {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 1 }, ...options })
  simulator.inventory.settings.guestsWrite = false
  const { origin } = await simulator.listen()
  const proxy = await startSoapProxy(origin)
  const gateways: TestGateway[] = []
  return {
    simulator,
    proxy,
    gateway() {
      const connect = () => createUndiciTransport({ url: proxy.url, userAgent: 'adversary' })
      const gateway = startGateway({ simulator, wrap: connect })
      gateways.push(gateway)
      return gateway
    },
    async close() {
      proxy.reset()
      await Promise.all(gateways.map((gateway) => gateway.close()))
      await proxy.close()
      await simulator.close()
    },
  }
}

/**
 * Drops what a vCenter loses when it restarts: tasks, and sessions with all their objects. The inventory stays, and hosts
 * complete the work that they started.
 */
export function restartVCenter({ objects, faults }: Simulator): void {
  faults.restart()
  for (const task of [...objects.ofType('Task')]) {
    objects.remove(task.ref)
  }
  for (const object of [...objects.ofType('VirtualMachine'), ...objects.ofType('TaskManager')]) {
    object.set('recentTask', [])
  }
}
