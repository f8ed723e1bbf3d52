// The configuration of each command: read once, checked as a whole, frozen. Nothing else reads the environment.
// resolve-settings.ts decides which settings count; vcenter-config.ts reads those that say how a vCenter is reached.

import { readFileSync, statSync } from 'node:fs'
import { platform } from 'node:os'
import { type AccessConfig, readAccess } from './access/access-config.ts'
import { ConfigError } from './config-error.ts'
import { isWildcard, loopbackNames, parseHostName } from './host-name.ts'
import { type PersistedOperations, readPersistedOperations } from './persisted-operations.ts'
import { type Environment, readFlags, validate } from './read-settings.ts'
import { resolveServeSettings } from './resolve-settings.ts'
import { Secret } from './secret.ts'
import type { logFormats, logLevels } from './settings/setting.ts'
import { printSchemaSettings, serveSettings, simulateSettings } from './settings.ts'
import { readVCenter, type VCenterConfig } from './vcenter/vcenter-config.ts'
import { collectWarnings, type ModeOf } from './warnings.ts'

/** Where a configuration comes from. */
export interface ConfigSources {
  readonly argv: readonly string[]
  /** @default the process's own */
  readonly env?: Environment | undefined
  /** @default node:fs */
  readonly readFile?: ((path: string) => string) | undefined
  /** @default node:fs, and no modes where files have none that say who may read them */
  readonly modeOf?: ModeOf | undefined
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  /** 0 is any that is free. */
  readonly port: number
}

export interface ServeConfig extends ListenAddress, AccessConfig {
  /** Undefined is the embedded simulator. */
  readonly vcenter: VCenterConfig | undefined
  /** What the API calls the vCenter. */
  readonly vcenterName: string
  /** Where /ready and /metrics are answered; undefined is with all the rest. */
  readonly admin: ListenAddress | undefined
  /** The names that a request's Host may have, as URL.hostname writes them. */
  readonly allowedHosts: readonly string[]
  /** The origins whose pages may ask, beside the gateway's own, as browsers write them. */
  readonly allowedOrigins: readonly string[]
  readonly readOnly: boolean
  readonly introspection: boolean
  readonly graphiql: boolean
  readonly persistedOperations: PersistedOperations | undefined
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
  /** Of each operation. */
  readonly limits: {
    /** In its answer. */
    readonly objects: number
    /** Texts, numbers and the like in its answer. */
    readonly responseValues: number
    /** In its answer. */
    readonly errors: number
    /** That vSphere's answers to it may have. */
    readonly vcenterResponseBytes: number
    /** Of a query's answer, as text. */
    readonly responseBytes: number
    /** For the whole of it. */
    readonly timeoutMs: number
    /** Of its document. */
    readonly tokens: number
    readonly depth: number
    readonly aliases: number
    readonly directives: number
    /** Of its variables. */
    readonly variableValues: number
    /** Of the request that it comes with. */
    readonly requestBytes: number
    /** In one request, as a list; 0 is no list. */
    readonly batch: number
  }
  /** Of all operations together: how many may run, and how many subscriptions stand open. */
  readonly concurrency: {
    readonly operations: number
    readonly subscriptions: number
  }
  /** For one SOAP call. */
  readonly callTimeoutMs: number
  /** SOAP calls that read at the same time. */
  readonly maxConcurrentCalls: number
  readonly log: {
    readonly level: (typeof logLevels)[number]
    /** Undefined is text for a terminal, and JSON for anything else. */
    readonly format: (typeof logFormats)[number] | undefined
  }
  /** The collector of OpenTelemetry spans; there may be a password in it. Undefined makes no spans. */
  readonly otlpEndpoint: Secret | undefined
  /** Of the settings: what is probably not meant so, a sentence each for the log. */
  readonly warnings: readonly string[]
}

export interface SimulateConfig {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly vms: number | undefined
  /** Of answers, all together; as fast as they are made if undefined. */
  readonly bytesPerSecond: number | undefined
  readonly seed: number
  readonly username: string
  readonly password: Secret
}

export interface PrintSchemaConfig {
  readonly readOnly: boolean
}

/** Reads the configuration of `serve`; throws a ConfigError. */
export function loadServeConfig({
  argv,
  env = process.env,
  readFile = (path) => readFileSync(path, 'utf8'),
  modeOf = (path) => (platform() === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode),
}: ConfigSources): ServeConfig {
  const resolved = resolveServeSettings(argv, env, readFile)
  const { values, flags } = resolved
  const { host, port, allowedHosts, allowedOrigins, readOnly, pageSizeDefault, pageSizeMax } = values
  const { callTimeout, maxConcurrentCalls, adminHost, adminPort, logLevel, logFormat, otlpEndpoint } = values
  if (flags.pageSizeDefault && pageSizeDefault > pageSizeMax) {
    throw new ConfigError(`--page-size must not be more than --max-page-size, which is ${pageSizeMax}`)
  }
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
    pageSizeDefault: Math.min(pageSizeDefault, pageSizeMax),
    pageSizeMax,
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

/** Reads the configuration of `simulate`; throws a ConfigError. */
export function loadSimulateConfig({ argv }: Pick<ConfigSources, 'argv'>): SimulateConfig {
  const { password, megabytesPerSecond, host, port, tls, vms, seed, username } = validate(
    simulateSettings,
    readFlags(argv, simulateSettings),
  )
  return deepFreeze({
    host,
    port,
    tls,
    vms,
    bytesPerSecond: megabytesPerSecond && megabytesPerSecond * 1_000_000,
    seed,
    username,
    password: new Secret(password),
  })
}

/** Reads the configuration of `print-schema`; throws a ConfigError. */
export function loadPrintSchemaConfig({ argv }: Pick<ConfigSources, 'argv'>): PrintSchemaConfig {
  const { readOnly } = validate(printSchemaSettings, readFlags(argv, printSchemaSettings))
  return deepFreeze({ readOnly })
}

/**
 * Tells libraries that nobody develops with them here, where the environment says nothing of it: graphql-js looks at every
 * value twice else. They read it when they are loaded, which is when a command needs them.
 */
export function defaultNodeEnv(env: NodeJS.ProcessEnv = process.env): void {
  env.NODE_ENV ??= 'production'
}

/** Whether a port of one address is one of the other, too. */
const addressesOverlap = (a: string, b: string): boolean => a === b || isWildcard(a) || isWildcard(b)

function deepFreeze<T extends object>(value: T): T {
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) deepFreeze(item)
  }
  return Object.freeze(value)
}
