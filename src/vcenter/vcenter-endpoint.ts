// Where a configuration's vCenter is: how a connection to it is opened, and whom the gateway logs in as. The embedded simulator
// where no vCenter is configured.

import type { ServeConfig } from '../config/config.ts'
import { version } from '../config/version.ts'
import type { RecoveryDelays } from '../schema/tasks/recovery-delays.ts'
import type { Transport } from '../transport/transport.ts'
import { createUndiciTransport } from '../transport/undici-transport.ts'
import type { CircuitBreakerOptions } from '../vim25/session/circuit-breaker.ts'

export interface VCenterEndpoint {
  /** Opens a connection of its own. */
  readonly connect: () => Transport
  readonly path?: string | undefined
  /** The gateway's own; undefined where each person logs in. */
  readonly account?: VSphereAccount | undefined
  readonly close?: () => Promise<void>
  readonly circuitBreaker?: CircuitBreakerOptions
  /** @default defaultRecoveryDelays */
  readonly recovery?: Partial<RecoveryDelays>
}

/** Who logs in to a vCenter. */
export interface VSphereAccount {
  readonly userName: string
  readonly password: () => string
}

/** Connections beyond those of the reads in their turns: for long polls, changes, and what ends something. Opened when needed. */
const spareConnections = 5

/** May be tried with --auth vsphere: the embedded simulator lets it look, and change nothing. */
const viewerUser = { username: 'viewer', password: 'pass', readOnly: true } as const

/** Where a configuration's vCenter is; the simulator in this process when none is named. */
export async function resolveEndpoint({
  vcenter,
  callTimeoutMs,
  maxConcurrentCalls,
  limits,
}: ServeConfig): Promise<VCenterEndpoint> {
  if (vcenter) {
    const { origin: url, path, account, tls } = vcenter
    return {
      connect: () =>
        createUndiciTransport({
          url,
          tls,
          timeoutMs: callTimeoutMs,
          maxConnections: maxConcurrentCalls + spareConnections,
          // For calls of no operation; an operation's own limit comes first, and says more.
          maxResponseBytes: 2 * limits.vcenterResponseBytes,
          userAgent: `vsphere-graphql/${version}`,
        }),
      path,
      account: account && { userName: account.username, password: () => account.password.reveal() },
    }
  }
  const { createSimulator } = await import('../simulator/index.ts')
  const simulator = createSimulator({ users: [viewerUser] })
  return {
    connect: () => simulator.transport(),
    account: { userName: 'user', password: () => 'pass' },
    close: () => simulator.close(),
  }
}
