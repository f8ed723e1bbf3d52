// Who may call, and over what: how callers are told apart, and whether the way to them is safe for what they send.

import { ConfigError } from '../config-error.ts'
import { isLoopback, isLoopbackAddress } from '../host-name.ts'
import type { ReadFile } from '../read-text.ts'
import type { ResolvedSettings } from '../resolve-settings.ts'
import type { Setting } from '../settings/setting.ts'
import { serveSettings } from '../settings.ts'
import { readJwksFile } from './jwks-file.ts'
import { type KeyPairFiles, readKeyPair } from './key-pair.ts'
import { readTokenFile } from './token-file.ts'

type AuthConfig = SharedAuthConfig | PerUserAuthConfig

/** All who are let in act as the gateway's own account. */
export type SharedAuthConfig =
  /** Everybody is an operator. */
  | { readonly mode: 'none' }
  | { readonly mode: 'token'; readonly tokenFile: string }
  | ({ readonly mode: 'jwt' } & JwtConfig)

/** Everybody logs in to the vCenter as themselves. */
export interface PerUserAuthConfig {
  readonly mode: 'vsphere'
  /** With the vCenter, at most. */
  readonly maxSessions: number
  /** How long a session that nobody uses is kept. */
  readonly idleTimeoutMs: number
}

export interface JwtConfig {
  readonly issuer: string
  readonly audience: string
  /** Where the keys are that tokens are checked with. */
  readonly keys: { readonly url: string } | { readonly file: string }
  /** The claim that holds the role: its name, or a path of names with dots between. */
  readonly roleClaim: string
}

export interface AccessConfig {
  readonly auth: AuthConfig
  /** Of our own listener; without, it speaks http. */
  readonly tls: KeyPairFiles | undefined
  /** A proxy in front speaks TLS with the callers, and says where they are. */
  readonly trustProxy: boolean
}

/** The settings that only one mode has. */
const modeSettings = {
  token: ['tokenFile'],
  jwt: ['jwtIssuer', 'jwtAudience', 'jwtKeys', 'jwtRoleClaim'],
  vsphere: ['maxSessions', 'sessionIdleTimeout'],
} as const

/** Reads who may call; throws a ConfigError, also when a file that is named is of no use. */
export function readAccess(resolved: ResolvedSettings, readFile: ReadFile): AccessConfig {
  const auth = readAuth(resolved, readFile)
  const tls = readTls(resolved, readFile)
  assertSafeExposure(resolved, auth, tls)
  return { auth, tls, trustProxy: resolved.values.trustProxy }
}

function readAuth(resolved: ResolvedSettings, readFile: ReadFile): AuthConfig {
  const { values, label } = resolved
  const { auth: mode, tokenFile, jwtIssuer, jwtAudience, jwtKeys, jwtRoleClaim = 'role' } = values
  const { maxSessions = 100, sessionIdleTimeout = 600 } = values
  // Whoever gives one has that mode in mind; without it, anybody would be let in, or in another way.
  for (const [other, keys] of Object.entries(modeSettings)) {
    const misplaced = other === mode ? undefined : keys.find((key) => values[key] !== undefined)
    if (misplaced) throw new ConfigError(`${label(serveSettings[misplaced])} needs --auth ${other}`)
  }
  const required = (value: string | undefined, setting: Setting): string => {
    if (value === undefined) throw new ConfigError(`--auth ${mode} needs ${label(setting)}`)
    return value
  }
  switch (mode) {
    case 'none':
      return { mode }
    case 'token': {
      const file = required(tokenFile, serveSettings.tokenFile)
      if (readTokenFile(file, readFile).length === 0) throw new ConfigError('--token-file holds no token')
      return { mode, tokenFile: file }
    }
    case 'jwt':
      return {
        mode,
        issuer: required(jwtIssuer, serveSettings.jwtIssuer),
        audience: required(jwtAudience, serveSettings.jwtAudience),
        keys: readKeys(required(jwtKeys, serveSettings.jwtKeys), label(serveSettings.jwtKeys), readFile),
        roleClaim: jwtRoleClaim,
      }
    case 'vsphere':
      return { mode, maxSessions, idleTimeoutMs: sessionIdleTimeout * 1000 }
  }
}

function readKeys(text: string, label: string, readFile: ReadFile): JwtConfig['keys'] {
  if (!/^\w+:\/\//.test(text)) {
    readJwksFile(text, readFile)
    return { file: text }
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (!url || !isSafe) {
    throw new ConfigError(
      `${label} must be a file or begin with https://: over http:// anyone on the way could put in a key`,
    )
  }
  if (url.username || url.password) throw new ConfigError(`${label} must not carry a password`)
  return { url: url.href }
}

function readTls({ values, label }: ResolvedSettings, readFile: ReadFile): KeyPairFiles | undefined {
  const { tlsCert: certFile, tlsKey: keyFile } = values
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    const [given, lacks] =
      certFile === undefined ? (['tlsKey', 'tlsCert'] as const) : (['tlsCert', 'tlsKey'] as const)
    throw new ConfigError(`${label(serveSettings[given])} needs ${label(serveSettings[lacks])}`)
  }
  readKeyPair({ certFile, keyFile }, readFile)
  return { certFile, keyFile }
}

/** What may be done on this machine may not be done on a network: let everybody in, and send credentials in the clear. */
function assertSafeExposure(
  { values, label }: ResolvedSettings,
  { mode }: AuthConfig,
  tls: KeyPairFiles | undefined,
): void {
  const { host, allowAnonymous, trustProxy } = values
  if (mode !== 'none' && allowAnonymous) {
    throw new ConfigError(`--allow-anonymous and --auth ${mode} exclude each other`)
  }
  if (isLoopbackAddress(host)) return
  const open = `${label(serveSettings.host)} opens the gateway to other machines`
  if (mode === 'none' && !allowAnonymous) {
    throw new ConfigError(
      `${open}, and anyone there could use the gateway: choose --auth token, jwt or vsphere, or let everybody in with --allow-anonymous`,
    )
  }
  if (mode !== 'none' && !tls && !trustProxy) {
    throw new ConfigError(
      `${open}, and ${mode === 'vsphere' ? 'passwords' : 'tokens'} would be sent in the clear: give --tls-cert and --tls-key, or --trust-proxy where a proxy in front speaks TLS`,
    )
  }
}
