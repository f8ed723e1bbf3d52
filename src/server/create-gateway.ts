// The gateway for programs that embed it: a request handler with its vCenter connection, without a port. The
// program `vsphere-graphql serve` is start-server.ts.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { minKeyLength } from '../config/access/capture-key-file.ts'
import { loadServeConfig, type ServeConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { checkGatewayOptions, readGatewayOptions } from '../config/options/gateway-options.ts'
import type { PersistedOperations } from '../config/persisted-operations.ts'
import { readVCenterOptions, type VCenterOptions } from '../config/vcenter/vcenter-options.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Transport } from '../transport/transport.ts'
import { createCaptureSigner } from '../vcenter/capture-signer.ts'
import { connectVCenter } from '../vcenter/connect-vcenter.ts'
import { remoteEndpoint, type VCenterEndpoint, type VCenterTimings } from '../vcenter/vcenter-endpoint.ts'
import { sharedAccountAccess } from './auth/access-provider.ts'
import { type Authenticate, callbackAuthenticator } from './auth/callback-authenticator.ts'
import { countSessions } from './auth/count-sessions.ts'
import { createRequestHandler } from './create-request-handler.ts'
import { drain } from './drain.ts'
import { createFetch } from './http/create-fetch.ts'
import { normalizing } from './http/normalize-request.ts'
import { startCaptureExpiry } from './start-capture-expiry.ts'

/** A vCenter in this process, such as the simulator of `createSimulator`. */
export interface EmbeddedVCenter {
  /** The account that the gateway logs in with. */
  readonly account: { readonly username: string; readonly password: string }
  /** Opens a new connection. */
  transport(): Transport
}

interface CommonOptions {
  /** Omits mutations from the schema. @default false */
  readonly readOnly?: boolean
  /**
   * Host names that requests may have in their Host header, as protection against DNS rebinding. Ports are
   * ignored. @default localhost, 127.0.0.1 and [::1]
   */
  readonly allowedHosts?: readonly string[]
  /** Origins, besides the gateway's own, whose pages may send requests, such as `http://localhost:5173`. @default none */
  readonly allowedOrigins?: readonly string[]
  /** Whether introspection is enabled. @default true */
  readonly introspection?: boolean
  /** Whether `/graphql` serves the playground to browsers. @default true */
  readonly graphiql?: boolean
  /** Page size of lists without `first` and `last`, in objects. @default 100 */
  readonly pageSizeDefault?: number
  /** Maximum page size of lists, in objects. @default 1000 */
  readonly pageSizeMax?: number
  /** Limits of each operation. @default those of `vsphere-graphql serve` */
  readonly limits?: Partial<ServeConfig['limits']>
  /** Limits of all operations together. @default those of `vsphere-graphql serve` */
  readonly concurrency?: Partial<ServeConfig['concurrency']>
  /** Operations that clients may send by id. @default none */
  readonly persistedOperations?: PersistedOperations
  /**
   * Signs the snapshots of `captureChanges`, at least 32 characters. Gateways with the same key recognize each
   * other's captures, also after a restart.
   * @default a random key, which only this gateway knows
   */
  readonly captureKey?: string
  /** Receives the events of the gateway, one line for each operation, and the audit lines of mutations. @default none */
  readonly log?: Log
  /** Counts operations and vCenter calls, and serves them at `/metrics`. @default none */
  readonly metrics?: Metrics
}

/** Options of `createGateway`: the vCenter and, unless it is a simulator, how callers are authenticated. */
export type GatewayOptions = CommonOptions &
  (
    | {
        /** The vCenter, and the account of the gateway. */
        readonly vcenter: VCenterOptions
        /** Returns who sends a request. */
        readonly authenticate: Authenticate
      }
    | {
        /** A simulator. The gateway does not close it. */
        readonly vcenter: EmbeddedVCenter
        /** Returns who sends a request. @default every caller is an operator */
        readonly authenticate?: Authenticate
      }
  )

/** A running gateway. Pass it to `createServer` of node:http or node:https, or send requests with `fetch`. */
export interface Gateway {
  /** Handles a request of node:http. The endpoint is `/graphql`; `/health` and `/ready` need no authentication. */
  (request: IncomingMessage, response: ServerResponse): void
  /**
   * Handles a request without a port, with the signature of the global `fetch`. A path is relative to
   * `http://localhost`.
   */
  readonly fetch: typeof globalThis.fetch
  /**
   * Ends subscriptions, lets running operations finish for up to 5 seconds, and logs out of vCenter. Later
   * requests get the error SHUTTING_DOWN with status 503. Without this call, the session stays open in vCenter
   * until it expires there.
   */
  close(): Promise<void>
}

/**
 * Creates a gateway in this process. It logs in to vCenter when it needs to, once for all callers, and keeps that
 * session until `close`. A vCenter that cannot be reached is not an error: operations fail with
 * VCENTER_UNAVAILABLE until it can.
 * @throws ConfigError if an option is invalid
 */
export function createGateway(options: GatewayOptions): Gateway {
  return createGatewayWith(options, {})
}

/**
 * The same with delays that tests shorten.
 * @throws ConfigError if an option is invalid
 */
export function createGatewayWith(options: GatewayOptions, timings: VCenterTimings): Gateway {
  checkGatewayOptions(options)
  const { vcenter, authenticate, captureKey, log = silent, metrics } = options
  const isEmbedded = 'transport' in vcenter
  if (!isEmbedded && authenticate === undefined)
    throw new ConfigError(
      'authenticate is missing: without it, every program that reaches the gateway could change the vCenter',
    )
  const { callTimeoutMs, maxConcurrentCalls } = loadServeConfig({ argv: [], env: {} })
  const { pageSizeDefault, pageSizeMax, ...checked } = readGatewayOptions(options)
  const { limits } = checked
  const { endpoint, vcenterName } =
    'transport' in vcenter
      ? { endpoint: embeddedEndpoint(vcenter, timings), vcenterName: 'simulator' }
      : remote(vcenter, { callTimeoutMs, maxConcurrentCalls, limits }, timings)
  const captureSigner = captureKey === undefined ? undefined : signerOf(captureKey)
  const connected = connectVCenter(
    { vcenterName, pageSizeDefault, pageSizeMax, maxConcurrentCalls },
    { ...endpoint, captureSigner },
    log,
    metrics,
  )
  const sessions = countSessions(
    sharedAccountAccess(connected, authenticate && callbackAuthenticator(authenticate)),
  )
  const shutdown = new AbortController()
  const forceShutdown = new AbortController()
  const handler = createRequestHandler({
    accessProvider: sessions.accessProvider,
    log,
    metrics,
    ...checked,
    persistedOperationsName: 'persistedOperations',
    shutdownSignal: shutdown.signal,
    forceShutdownSignal: forceShutdown.signal,
    isSimulator: isEmbedded,
  })
  if (!checked.readOnly) startCaptureExpiry(connected, limits, log, shutdown.signal)

  let closed: Promise<void> | undefined
  return Object.assign(normalizing(handler, metrics), {
    fetch: createFetch(handler, shutdown.signal),
    close() {
      closed ??= drain(sessions.close(), { shutdown, forceShutdown }).then(() => connected.close())
      return closed
    },
  })
}

const silent: Log = { info() {}, warn() {}, error() {} }

const embeddedEndpoint = (vcenter: EmbeddedVCenter, timings: VCenterTimings): VCenterEndpoint => {
  // The password of now, so that a password that is changed later is rejected as by a vCenter on the network.
  const { username: userName, password } = vcenter.account
  return {
    ...timings,
    connect: () => vcenter.transport(),
    account: { userName, password: () => password },
  }
}

function remote(
  vcenter: VCenterOptions,
  settings: Parameters<typeof remoteEndpoint>[1],
  timings: VCenterTimings,
) {
  const config = readVCenterOptions(vcenter)
  const { name: vcenterName = new URL(config.origin).host } = vcenter
  return { endpoint: remoteEndpoint(config, settings, timings), vcenterName }
}

function signerOf(key: string) {
  if (typeof key !== 'string' || key.length < minKeyLength)
    throw new ConfigError(`captureKey must have at least ${minKeyLength} characters`)
  return createCaptureSigner(() => [key])
}
