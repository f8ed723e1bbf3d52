// The configuration of each command: read once, validated as a whole, frozen. No other module reads the
// environment. resolve-settings.ts decides which settings apply; vcenter-config.ts reads those of the vCenter
// connection.

import { readFileSync, statSync } from 'node:fs'
import { platform } from 'node:os'
import { type AccessConfig, readAccess } from './access/access-config.ts'
import { ConfigError } from './config-error.ts'
import { isWildcard, loopbackNames, parseHostName } from './host-name.ts'
import { checkPageSizes } from './page-sizes.ts'
import { type PersistedOperations, readPersistedOperations } from './persisted-operations.ts'
import { type Environment, readFlags, validate } from './read-settings.ts'
import { resolveServeSettings } from './resolve-settings.ts'
import { Secret } from './secret.ts'
import type { logFormats, logLevels } from './settings/setting.ts'
import { printSchemaSettings, serveSettings, simulateSettings } from './settings.ts'
import { readVCenter, type VCenterConfig } from './vcenter/vcenter-config.ts'
import { collectWarnings, type ModeOf } from './warnings.ts'

/** The sources of a configuration. */
export interface ConfigSources {
  readonly argv: readonly string[]
  /** @default the process's own */
  readonly env?: Environment | undefined
  /** @default node:fs */
  readonly readFile?: ((path: string) => string) | undefined
  /** @default node:fs; undefined on Windows, where file modes do not determine read access */
  readonly modeOf?: ModeOf | undefined
}

/** An address to listen on. */
export interface ListenAddress {
  readonly host: string
  /** 0 selects a free port. */
  readonly port: number
}

export interface ServeConfig extends ListenAddress, AccessConfig {
  /** Undefined for the embedded simulator. */
  readonly vcenter: VCenterConfig | undefined
  /** The name of the vCenter in the API. */
  readonly vcenterName: string
  /** The address of /ready and /metrics; undefined if the main listener serves them. */
  readonly admin: ListenAddress | undefined
  /** Accepted host names of requests, in the form of URL.hostname. */
  readonly allowedHosts: readonly string[]
  /** Origins, besides the gateway's own, whose pages may send requests; in the form that browsers send. */
  readonly allowedOrigins: readonly string[]
  readonly readOnly: boolean
  readonly introspection: boolean
  readonly graphiql: boolean
  readonly persistedOperations: PersistedOperations | undefined
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
  /** Limits per operation. */
  readonly limits: {
    /** Objects in the response. */
    readonly objects: number
    /** Scalar values in the response. */
    readonly responseValues: number
    /** Errors in the response. */
    readonly errors: number
    /** Total length of vSphere's responses to the operation. */
    readonly vcenterResponseBytes: number
    /** Length of a query's response, as JSON. */
    readonly responseBytes: number
    /** Timeout of the whole operation. */
    readonly timeoutMs: number
    /** Limits of the document. */
    readonly tokens: number
    readonly depth: number
    readonly aliases: number
    readonly directives: number
    /** Values in all variables. */
    readonly variableValues: number
    /** Length of the HTTP request. */
    readonly requestBytes: number
    /** Operations in a batch; 0 disables batches. */
    readonly batch: number
  }
  /** Limits across all operations: running queries and mutations, and open subscriptions. */
  readonly concurrency: {
    readonly operations: number
    readonly subscriptions: number
  }
  /** Timeout of one SOAP call. */
  readonly callTimeoutMs: number
  /** Maximum concurrent SOAP calls that read. */
  readonly maxConcurrentCalls: number
  readonly log: {
    readonly level: (typeof logLevels)[number]
    /** Undefined for text on a terminal, and JSON otherwise. */
    readonly format: (typeof logFormats)[number] | undefined
  }
  /** URL of the OpenTelemetry collector, which may contain a password. Undefined disables tracing. */
  readonly otlpEndpoint: Secret | undefined
  /** Warnings about settings that are probably mistakes, one sentence each, for the log. */
  readonly warnings: readonly string[]
}

export interface SimulateConfig {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly vms: number | undefined
  readonly smallMachine: boolean
  /** Total rate of responses; undefined for no limit. */
  readonly bytesPerSecond: number | undefined
  readonly seed: number
  readonly username: string
  readonly password: Secret
}

export interface PrintSchemaConfig {
  readonly readOnly: boolean
  /** Whether to print the result of an introspection query instead of SDL. */
  readonly introspection: boolean
}

/** Returns the sources, by default the environment and the files of this process. */
export const withDefaultSources = ({
  argv = [],
  env = process.env,
  readFile = (path) => readFileSync(path, 'utf8'),
  modeOf = (path) => (platform() === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode),
}: Partial<ConfigSources>) => ({ argv, env, readFile, modeOf })

/**
 * Reads the configuration of `serve`.
 * @param sources by default the environment, and no flags
 * @throws ConfigError
 */
export function loadServeConfig(sources: Partial<ConfigSources> = {}): ServeConfig {
  const { argv, env, readFile, modeOf } = withDefaultSources(sources)
  const resolved = resolveServeSettings(argv, env, readFile)
  const { values, flags } = resolved
  const { host, port, allowedHosts, allowedOrigins, readOnly } = values
  const { callTimeout, maxConcurrentCalls, adminHost, adminPort, logLevel, logFormat, otlpEndpoint } = values
  const pageSizes = checkPageSizes(values, flags.pageSizeDefault !== undefined, {
    pageSizeDefault: '--page-size',
    pageSizeMax: '--max-page-size',
  })
  if (adminHost !== undefined && adminPort === undefined)
    throw new ConfigError('--admin-host needs --admin-port')
  const admin = adminPort === undefined ? undefined : { host: adminHost ?? host, port: adminPort }
  if (admin && admin.port === port && port !== 0 && addressesOverlap(admin.host, host))
    throw new ConfigError(
      `${resolved.label(serveSettings.adminPort)} must not be ${port}: that is ${resolved.label(serveSettings.port)}`,
    )
  const vcenter = values.url === undefined ? undefined : readVCenter(values.url, resolved, readFile)
  const ownHostName = isWildcard(host) ? [] : [parseHostName(host)!]

  return deepFreeze({
    vcenter,
    vcenterName: values.vcenterName ?? (vcenter ? new URL(vcenter.origin).host : 'simulator'),
    host,
    port,
    admin,
    ...readAccess(resolved, readFile),
    allowedHosts: [...new Set([...loopbackNames, ...ownHostName, ...allowedHosts])],
    allowedOrigins: [...new Set(allowedOrigins)],
    readOnly,
    introspection: !values.noIntrospection,
    graphiql: !values.noGraphiql,
    persistedOperations: readPersistedOperations(resolved, readFile),
    ...pageSizes,
    limits: {
      objects: values.maxObjects,
      responseValues: values.maxResponseValues,
      errors: values.maxErrors,
      vcenterResponseBytes: values.maxVCenterResponseMB * 1_000_000,
      responseBytes: values.maxResponseMB * 1_000_000,
      timeoutMs: values.operationTimeout * 1_000,
      tokens: values.maxTokens,
      depth: values.maxDepth,
      aliases: values.maxAliases,
      directives: values.maxDirectives,
      variableValues: values.maxVariableValues,
      requestBytes: values.maxRequestBytes,
      batch: values.maxBatch,
    },
    concurrency: {
      operations: values.maxConcurrentOperations,
      subscriptions: values.maxConcurrentSubscriptions,
    },
    callTimeoutMs: callTimeout * 1000,
    maxConcurrentCalls,
    log: { level: logLevel, format: logFormat },
    otlpEndpoint: otlpEndpoint === undefined ? undefined : new Secret(otlpEndpoint),
    warnings: collectWarnings(resolved, env, modeOf),
  })
}

/**
 * Reads the configuration of `simulate`.
 * @throws ConfigError
 */
export function loadSimulateConfig({ argv }: Pick<ConfigSources, 'argv'>): SimulateConfig {
  const { password, megabytesPerSecond, host, port, tls, vms, smallMachine, seed, username } = validate(
    simulateSettings,
    readFlags(argv, simulateSettings),
  )
  return deepFreeze({
    host,
    port,
    tls,
    vms,
    smallMachine,
    bytesPerSecond: megabytesPerSecond && megabytesPerSecond * 1_000_000,
    seed,
    username,
    password: new Secret(password),
  })
}

/**
 * Reads the configuration of `print-schema`.
 * @throws ConfigError
 */
export function loadPrintSchemaConfig({ argv }: Pick<ConfigSources, 'argv'>): PrintSchemaConfig {
  const { readOnly, introspection } = validate(printSchemaSettings, readFlags(argv, printSchemaSettings))
  return deepFreeze({ readOnly, introspection })
}

/**
 * Sets NODE_ENV to `production` unless it is set: graphql-js checks every value twice otherwise. Libraries
 * read it when they are loaded, which is when a command needs them.
 */
export function defaultNodeEnv(env: NodeJS.ProcessEnv = process.env): void {
  env.NODE_ENV ??= 'production'
}

/** Whether a port of one address is also a port of the other. */
const addressesOverlap = (a: string, b: string): boolean => a === b || isWildcard(a) || isWildcard(b)

function deepFreeze<T extends object>(value: T): T {
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) deepFreeze(item)
  }
  return Object.freeze(value)
}
