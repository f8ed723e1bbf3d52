// The vCenter of a gateway that another program embeds: the same checks as for the settings of the command line.

import { parseThumbprint } from '../../transport/thumbprint.ts'
import { ConfigError } from '../config-error.ts'
import { Secret } from '../secret.ts'
import { assertEncrypted, parseAuthorities, type VCenterConfig } from './vcenter-config.ts'
import { parseVCenterUrl } from './vcenter-url.ts'

/** The address of a vCenter, the account of the gateway, and the certificate to trust. */
export interface VCenterOptions {
  /**
   * The address: a host (`vcenter.example.com`), or a URL (`https://vcenter.example.com/sdk`), without a user
   * name. `http://` is only allowed to this machine, or with `insecure`.
   */
  readonly url: string
  /** User name of the gateway's account in vCenter, such as `gateway@vsphere.local`. */
  readonly username: string
  /**
   * Its password, or a function that returns the current one. The function is called at each login, and
   * must not be async. A rejected password is not sent again until it returns another one.
   */
  readonly password: string | (() => string)
  /** Certificate authorities in PEM format, trusted in addition to those of Node. @default none */
  readonly ca?: string
  /** SHA-256 thumbprint of the only certificate to trust, 32 bytes in hexadecimal. @default none */
  readonly thumbprint?: string
  /** Whether to trust any certificate, and to allow `http://`. @default false */
  readonly insecure?: boolean
  /** Name of the vCenter in the API. @default the host name of `url` */
  readonly name?: string
}

/** Checks what the function of the program returns. Each login with a wrong value would count towards the lockout of the account. */
function checkedPassword(password: VCenterOptions['password']): VCenterOptions['password'] {
  if (typeof password === 'string') return password
  return () => {
    const value: unknown = password()
    if (typeof value === 'string' && value !== '') return value
    // Its rejection, which is not handled anywhere else, must not end the process.
    if (value instanceof Promise) value.catch(() => {})
    throw new ConfigError('vcenter.password must return a string that is not empty, not a promise')
  }
}

/**
 * Checks the options.
 * @throws ConfigError
 */
export function readVCenterOptions({
  url: address,
  username,
  password,
  ca,
  thumbprint,
  insecure = false,
}: VCenterOptions): VCenterConfig {
  const { url, path, ...inUrl } = parseVCenterUrl(address, 'vcenter.url')
  if (inUrl.username !== undefined || inUrl.password !== undefined)
    throw new ConfigError(
      'vcenter.url must not contain a user name or a password; set vcenter.username and vcenter.password',
    )
  for (const [name, value] of Object.entries({ username, password })) {
    if (!value) throw new ConfigError(`vcenter.${name} is empty or missing`)
  }
  assertEncrypted(url, insecure, { url: 'vcenter.url', insecure: 'vcenter.insecure' })
  const trusted = Object.entries({ ca, thumbprint, insecure: insecure || undefined }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`vcenter.${name}`]),
  )
  if (trusted.length > 1) throw new ConfigError(`${trusted.slice(0, 2).join(' and ')} are mutually exclusive`)
  if (url.protocol === 'http:' && !insecure && trusted.length > 0)
    throw new ConfigError(`${trusted[0]} needs a URL that begins with https://`)
  if (thumbprint !== undefined && parseThumbprint(thumbprint) === undefined)
    throw new ConfigError('vcenter.thumbprint must be a SHA-256 thumbprint, 32 bytes in hexadecimal')
  return {
    origin: url.origin,
    path,
    account: { username, password: new Secret(checkedPassword(password)) },
    tls: { insecure, thumbprint, ca: ca && parseAuthorities(ca, 'vcenter.ca') },
  }
}
