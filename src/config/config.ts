// The configuration of each command: read once, checked as a whole, frozen. Nothing else reads the environment.
// given-settings.ts decides which settings count; vcenter-config.ts reads those that say how a vCenter is reached.

import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import { giveServeSettings } from './given-settings.ts'
import { isWildcard, loopbackNames, parseHostName } from './host-name.ts'
import { type Environment, readFlags, validate } from './read-settings.ts'
import { Secret } from './secret.ts'
import { printSchemaSettings, simulateSettings } from './settings.ts'
import { readVCenter, type VCenterConfig } from './vcenter-config.ts'

/** Where a configuration comes from. */
export interface ConfigSources {
  readonly argv: readonly string[]
  /** @default the process's own */
  readonly env?: Environment | undefined
  /** @default node:fs */
  readonly readFile?: ((path: string) => string) | undefined
}

export interface ServeConfig {
  /** Undefined is the embedded simulator. */
  readonly vcenter: VCenterConfig | undefined
  /** What the API calls the vCenter. */
  readonly name: string
  readonly host: string
  /** 0 is any that is free. */
  readonly port: number
  /** The names that a request's Host may have, as URL.hostname writes them. */
  readonly allowedHosts: readonly string[]
  readonly readOnly: boolean
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
  /** Of each operation. */
  readonly limits: {
    /** In its answer. */
    readonly objects: number
    /** That vSphere's answers to it may have. */
    readonly bytes: number
  }
  /** For one SOAP call. */
  readonly timeoutMs: number
  /** SOAP calls that read at the same time. */
  readonly maxCalls: number
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
}: ConfigSources): ServeConfig {
  const given = giveServeSettings(argv, env, readFile)
  const { values, flags } = given
  const { host, port, allowedHosts, readOnly, pageSizeDefault, pageSizeMax, timeout, maxCalls } = values
  if (flags.pageSizeDefault && pageSizeDefault > pageSizeMax) {
    throw new ConfigError(`--page-size must not be more than --max-page-size, which is ${pageSizeMax}`)
  }
  const vcenter = values.url === undefined ? undefined : readVCenter(values.url, given, readFile)
  const ownName = isWildcard(host) ? [] : [parseHostName(host)!]

  return deepFreeze({
    vcenter,
    name: values.name ?? (vcenter ? new URL(vcenter.origin).host : 'simulator'),
    host,
    port,
    allowedHosts: [...new Set([...loopbackNames, ...ownName, ...allowedHosts])],
    readOnly,
    pageSizeDefault: Math.min(pageSizeDefault, pageSizeMax),
    pageSizeMax,
    limits: { objects: values.maxObjects, bytes: values.maxMegabytes * 1_000_000 },
    timeoutMs: timeout * 1000,
    maxCalls,
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
export function runInProduction(env: NodeJS.ProcessEnv = process.env): void {
  env.NODE_ENV ??= 'production'
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part)
  }
  return Object.freeze(value)
}
