// The authentication mode and the transport security of the listener, and the check that their combination is
// safe.

import { ConfigError } from '../config-error.ts'
import { isLoopback, isLoopbackAddress } from '../host-name.ts'
import type { ReadFile } from '../read-text.ts'
import type { ResolvedSettings } from '../resolve-settings.ts'
import type { Setting } from '../settings/setting.ts'
import { serveSettings } from '../settings.ts'
import { readCaptureKeys } from './capture-key-file.ts'
import { readJwksFile } from './jwks-file.ts'
import { type KeyPairFiles, readKeyPair } from './key-pair.ts'
import { readTokenFile } from './token-file.ts'

type AuthConfig = SharedAuthConfig | PerUserAuthConfig

/** Modes in which all callers share the gateway's service account. */
export type SharedAuthConfig =
  /** No authentication: every caller is an operator. */
  | { readonly mode: 'none' }
  | { readonly mode: 'token'; readonly tokenFile: string }
  | ({ readonly mode: 'jwt' } & JwtConfig)

/** Each user logs in to the vCenter with their own account. */
export interface PerUserAuthConfig {
  readonly mode: 'vsphere'
  /** Maximum number of vCenter sessions. */
  readonly maxSessions: number
  /** How long an idle session is kept. */
  readonly idleTimeoutMs: number
}

export interface JwtConfig {
  readonly issuer: string
  readonly audience: string
  /** Location of the keys that verify tokens. */
  readonly keys: { readonly url: string } | { readonly file: string }
  /** The claim that holds the role: its name, or a dotted path. */
  readonly roleClaim: string
}

export interface AccessConfig {
  readonly auth: AuthConfig
  /** Certificate of the gateway's own listener; undefined for plain http. */
  readonly tls: KeyPairFiles | undefined
  /** Whether a reverse proxy terminates TLS, and reports client addresses. */
  readonly trustProxy: boolean
  /** The file with the keys that sign captures; undefined for a random key of the process. */
  readonly captureKeyFile: string | undefined
}

/** Settings that apply to one mode only. */
const modeSettings = {
  token: ['tokenFile'],
  jwt: ['jwtIssuer', 'jwtAudience', 'jwtKeys', 'jwtRoleClaim'],
  vsphere: ['maxSessions', 'sessionIdleTimeout'],
} as const

/**
 * Reads the settings of authentication and TLS.
 * @throws ConfigError, even if a file that they name is unusable
 */
export function readAccess(resolved: ResolvedSettings, readFile: ReadFile): AccessConfig {
  const auth = readAuth(resolved, readFile)
  const tls = readTls(resolved, readFile)
  assertSafeExposure(resolved, auth, tls)
  const { trustProxy, captureKeyFile } = resolved.values
  if (captureKeyFile !== undefined) readCaptureKeys(captureKeyFile, readFile)
  return { auth, tls, trustProxy, captureKeyFile }
}

function readAuth(resolved: ResolvedSettings, readFile: ReadFile): AuthConfig {
  const { values, label } = resolved
  const { auth: mode, tokenFile, jwtIssuer, jwtAudience, jwtKeys, jwtRoleClaim = 'role' } = values
  const { maxSessions = 100, sessionIdleTimeout = 600 } = values
  // Such a setting implies its mode. Ignoring it could leave the gateway open, or authenticate callers in
  // another way.
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
      if (readTokenFile(file, readFile).length === 0) throw new ConfigError('--token-file contains no token')
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
      `${label} must be a file or an https:// URL: over http://, an attacker on the network could replace the keys`,
    )
  }
  if (url.username || url.password) throw new ConfigError(`${label} must not contain a password`)
  return { url: url.href }
}

function readTls({ values, label }: ResolvedSettings, readFile: ReadFile): KeyPairFiles | undefined {
  const { tlsCert: certFile, tlsKey: keyFile } = values
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    const [present, missing] =
      certFile === undefined ? (['tlsKey', 'tlsCert'] as const) : (['tlsCert', 'tlsKey'] as const)
    throw new ConfigError(`${label(serveSettings[present])} needs ${label(serveSettings[missing])}`)
  }
  readKeyPair({ certFile, keyFile }, readFile)
  return { certFile, keyFile }
}

/**
 * Rejects settings that are only safe on a loopback address: no authentication, and credentials over plain
 * http.
 */
function assertSafeExposure(
  { values, label }: ResolvedSettings,
  { mode }: AuthConfig,
  tls: KeyPairFiles | undefined,
): void {
  const { host, allowAnonymous, trustProxy } = values
  if (mode !== 'none' && allowAnonymous) {
    throw new ConfigError(`--allow-anonymous and --auth ${mode} are mutually exclusive`)
  }
  if (isLoopbackAddress(host)) return
  const exposure = `${label(serveSettings.host)} exposes the gateway to other machines`
  if (mode === 'none' && !allowAnonymous) {
    throw new ConfigError(
      `${exposure} without authentication: set --auth token, jwt or vsphere, or allow it with --allow-anonymous`,
    )
  }
  if (mode !== 'none' && !tls && !trustProxy) {
    throw new ConfigError(
      `${exposure}, and ${mode === 'vsphere' ? 'passwords' : 'tokens'} would be sent in clear text: set --tls-cert and --tls-key, or --trust-proxy behind a proxy that terminates TLS`,
    )
  }
}
