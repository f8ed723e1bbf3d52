// Resolves the configured vCenter: how to open a connection, and which account to use. Without a configured
// vCenter, this is the embedded simulator.

import type { Clock, MonotonicClock } from '../concurrency/clock.ts'
import type { ServeConfig } from '../config/config.ts'
import type { VCenterConfig } from '../config/vcenter/vcenter-config.ts'
import { version } from '../config/version.ts'
import type { CaptureSigner } from '../schema/captures/capture-marker.ts'
import type { RecoveryDelays } from '../schema/tasks/recovery-delays.ts'
import type { Transport } from '../transport/transport.ts'
import { createUndiciTransport } from '../transport/undici-transport.ts'
import type { CircuitBreakerOptions } from '../vim25/session/circuit-breaker.ts'
import type { StreamOptions } from '../vim25/updates/update-stream.ts'

/** Delays that tests shorten. */
export interface VCenterTimings {
  readonly circuitBreaker?: CircuitBreakerOptions
  /** @default defaultRecoveryDelays */
  readonly recovery?: Partial<RecoveryDelays>
  /** The clock of the limits and the caches of vAPI. @default the system clock */
  readonly vapiClock?: MonotonicClock
  /** The clock of the periodic reads of alarms. @default the system clock */
  readonly alarmClock?: Clock
  /** How often events are read at most. @default once a second */
  readonly eventPacing?: Pick<StreamOptions, 'minReopenIntervalMs' | 'clock'>
  /** The clock of the timers at which captures are removed. @default the system clock */
  readonly captureClock?: Clock
}

export interface VCenterEndpoint extends VCenterTimings {
  /** Opens a new connection. */
  readonly connect: () => Transport
  readonly path?: string | undefined
  /** The service account; undefined if each user logs in. */
  readonly account?: VSphereAccount | undefined
  /** Signs the markers of captures. @default with a random key, which another process does not know */
  readonly captureSigner?: CaptureSigner | undefined
  readonly close?: () => Promise<void>
}

/** An account of a vCenter. */
export interface VSphereAccount {
  readonly userName: string
  readonly password: () => string
  /** Whether `password` reads a file each time. @default false */
  readonly hasPasswordFile?: boolean
}

/**
 * Connections in addition to those for queued reads: for three long polls, mutations, and cancellations and
 * logouts. Opened on demand.
 */
const spareConnections = 6

/** The settings of the connections. */
interface EndpointConfig extends Pick<ServeConfig, 'vcenter' | 'callTimeoutMs' | 'maxConcurrentCalls'> {
  readonly limits: Pick<ServeConfig['limits'], 'vcenterResponseBytes'>
}

/** Returns the endpoint of the configured vCenter, or of a simulator in this process. */
export async function resolveEndpoint(
  { vcenter, ...config }: EndpointConfig,
  timings: VCenterTimings = {},
): Promise<VCenterEndpoint> {
  if (vcenter) return remoteEndpoint(vcenter, config, timings)
  const { createSimulator, demoUsers } = await import('../simulator/index.ts')
  // The other users are to try --auth vsphere with.
  const simulator = createSimulator({ users: demoUsers('user', 'pass') })
  return {
    ...timings,
    connect: () => simulator.transport(),
    account: { userName: 'user', password: () => 'pass' },
    close: () => simulator.close(),
  }
}

/** Returns the endpoint of a vCenter on the network. */
export function remoteEndpoint(
  { origin: url, path, account, tls }: VCenterConfig,
  { callTimeoutMs, maxConcurrentCalls, limits }: Omit<EndpointConfig, 'vcenter'>,
  timings: VCenterTimings,
): VCenterEndpoint {
  return {
    connect: () =>
      createUndiciTransport({
        url,
        tls,
        timeoutMs: callTimeoutMs,
        maxConnections: maxConcurrentCalls + spareConnections,
        // For calls outside operations. An operation's own limit is lower, and has a better message.
        maxResponseBytes: 2 * limits.vcenterResponseBytes,
        userAgent: `vsphere-graphql/${version}`,
      }),
    path,
    ...timings,
    account: account && {
      userName: account.username,
      password: () => account.password.reveal(),
      hasPasswordFile: account.password.isReread,
    },
  }
}
