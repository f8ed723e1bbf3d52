// Reads the settings of the vCenter connection: address, account and trusted certificate.

import { X509Certificate } from 'node:crypto'
import type { TlsTrust } from '../../transport/connector.ts'
import { ConfigError } from '../config-error.ts'
import { isLoopback } from '../host-name.ts'
import { type ReadFile, readText } from '../read-text.ts'
import type { ResolvedSettings, VCenterSettings } from '../resolve-settings.ts'
import { Secret } from '../secret.ts'
import { vcenterSettings } from '../settings/vcenter-settings.ts'
import { splitPathList } from './govc.ts'
import { parseVCenterUrl } from './vcenter-url.ts'

export interface VCenterConfig {
  /** Origin for the transport, such as `https://vcenter.example.com`. */
  readonly origin: string
  /** Path of the SOAP endpoint, such as `/sdk`. */
  readonly path: string
  /** The service account; undefined if each user logs in. */
  readonly account: AccountConfig | undefined
  readonly tls: TlsTrust
}

/** The settings of the vCenter, and the authentication mode of commands that have one. */
type ResolvedVCenterSettings = ResolvedSettings<VCenterSettings> & {
  readonly values: { readonly auth?: string }
}

interface AccountConfig {
  readonly username: string
  readonly password: Secret
}

/**
 * Reads the settings of the vCenter at the URL `text`.
 * @throws ConfigError
 */
export function readVCenter(
  text: string,
  resolved: ResolvedVCenterSettings,
  readFile: ReadFile,
): VCenterConfig {
  const { url, path, ...urlCredentials } = parseVCenterUrl(text, resolved.label(vcenterSettings.url))
  return {
    origin: url.origin,
    path,
    account: readAccount(resolved, urlCredentials, readFile),
    tls: readTlsTrust(resolved, url, readFile),
  }
}

interface UrlCredentials {
  readonly username: string | undefined
  readonly password: Secret | undefined
}

function readAccount(
  resolved: ResolvedVCenterSettings,
  urlCredentials: UrlCredentials,
  readFile: ReadFile,
): AccountConfig | undefined {
  if (resolved.values.auth !== 'vsphere') return readServiceAccount(resolved, urlCredentials, readFile)
  assertNoServiceAccount(resolved, urlCredentials)
  return undefined
}

/** A service account beside --auth vsphere suggests that users could act with it, which is never the case. */
function assertNoServiceAccount(
  { values, label }: ResolvedVCenterSettings,
  urlCredentials: UrlCredentials,
): void {
  const misplaced = (['username', 'password', 'passwordFile'] as const).find(
    (key) => values[key] !== undefined,
  )
  const accountSource = misplaced
    ? label(vcenterSettings[misplaced])
    : (urlCredentials.username ?? urlCredentials.password) &&
      `a user or password in ${label(vcenterSettings.url)}`
  if (accountSource) {
    throw new ConfigError(
      `${accountSource} and --auth vsphere are mutually exclusive: each user logs in with their own account`,
    )
  }
}

function readServiceAccount(
  { values, flags, usesGovc, label }: ResolvedVCenterSettings,
  urlCredentials: UrlCredentials,
  readFile: ReadFile,
): AccountConfig {
  const resolved = { username: values.username, password: readPassword(values, label, readFile) }
  // The command line takes precedence over the environment, including the credentials in its URL. With a URL
  // from the environment, the variables take precedence over its credentials, as in govc.
  const username =
    (flags.url && !flags.username && urlCredentials.username) || resolved.username || urlCredentials.username
  const password =
    (flags.url && !flags.passwordFile && urlCredentials.password) ||
    resolved.password ||
    urlCredentials.password

  if (!username) {
    throw new ConfigError(
      `no user name for the vCenter: set ${label(vcenterSettings.username)}, or put user:password@ in the URL`,
    )
  }
  if (!password) {
    const file = usesGovc ? '' : ` or ${label(vcenterSettings.passwordFile)},`
    throw new ConfigError(
      `no password for the vCenter: set ${label(vcenterSettings.password)},${file} or put user:password@ in the URL`,
    )
  }
  return { username, password }
}

function readPassword(
  { password, passwordFile }: ResolvedVCenterSettings['values'],
  label: ResolvedVCenterSettings['label'],
  readFile: ReadFile,
) {
  if (password !== undefined) return new Secret(password)
  if (passwordFile === undefined) return undefined
  const name = label(vcenterSettings.passwordFile)
  // Editors end a file with a line break, which is not part of the password.
  const readNow = () => readText(passwordFile, name, readFile, { minSecretLength: 1 }).replace(/\r?\n$/, '')
  let last = readNow()
  if (last === '') throw new ConfigError(`${name} is empty`)
  return new Secret(() => {
    try {
      // The file may be empty or missing while it is being replaced.
      last = readNow() || last
    } catch {}
    return last
  })
}

/**
 * Rejects http://, except to this machine or if it is allowed explicitly.
 * @param labels the names of both settings for the error message
 * @throws ConfigError
 */
export function assertEncrypted(
  { protocol, hostname }: URL,
  insecure: boolean,
  labels: { readonly url: string; readonly insecure: string },
): void {
  if (protocol !== 'http:' || insecure || isLoopback(hostname)) return
  throw new ConfigError(
    `${labels.url} must begin with https://: http:// would expose the password on the network; ${labels.insecure} allows it`,
  )
}

function readTlsTrust(
  { values, usesGovc, label }: ResolvedVCenterSettings,
  url: URL,
  readFile: ReadFile,
): TlsTrust {
  const { caFile, thumbprint, insecure } = values
  const { url: urlSetting, insecure: insecureSetting } = vcenterSettings
  assertEncrypted(url, insecure, { url: label(urlSetting), insecure: label(insecureSetting) })
  const unused = caFile ? vcenterSettings.caFile : thumbprint ? vcenterSettings.thumbprint : undefined
  if (url.protocol === 'http:' && unused)
    throw new ConfigError(`${label(unused)} needs a URL that begins with https://`)
  if (insecure) return { insecure }
  if (thumbprint) return { thumbprint }
  if (!caFile) return {}
  const files = usesGovc ? splitPathList(caFile) : [caFile]
  return {
    ca: files.map((file) => readAuthorities(file, label(vcenterSettings.caFile), readFile)).join('\n'),
  }
}

function readAuthorities(file: string, label: string, readFile: ReadFile) {
  return parseAuthorities(readText(file, label, readFile), label)
}

/**
 * Returns the certificates of a PEM text, without the text around them.
 * @param label the name of the setting for the error message
 * @throws ConfigError if there is none, or one is invalid
 */
export function parseAuthorities(pem: string, label: string): string {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (!certificates?.every(isCertificate)) throw new ConfigError(`${label} must contain PEM certificates`)
  return certificates.join('\n')
}

function isCertificate(pem: string) {
  try {
    return Boolean(new X509Certificate(pem))
  } catch {
    return false
  }
}
