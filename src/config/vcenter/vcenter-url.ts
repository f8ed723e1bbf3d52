// A vCenter's address as people write it, read as govc reads it: host, host/sdk or a whole URL, with user:password if they like.

import { ConfigError } from '../config-error.ts'
import { Secret } from '../secret.ts'

export interface VCenterUrl {
  readonly url: URL
  /** Where SOAP is spoken, `/sdk` unless told. */
  readonly path: string
  readonly username: string | undefined
  readonly password: Secret | undefined
}

const percentEncode =
  'in a user name or password, percent-encode # (%23), ? (%3F), / (%2F), @ (%40), : (%3A) and \\ (%5C)'

/** Reads the value of the setting `label`. Its errors never show the value, which may hold a password. */
export function parseVCenterUrl(text: string, label: string): VCenterUrl {
  const fullUrl = /^\w+:\/\//.test(text) ? text : `https://${text}`
  if (!URL.canParse(fullUrl)) {
    throw new ConfigError(
      `${label} must be a host name or a URL such as https://vcenter.example.com/sdk; ${percentEncode}`,
    )
  }
  const url = new URL(fullUrl)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ConfigError(`${label} must begin with https://`)
  }
  // A bare / ? # or \ in a password ends the host name early: the rest would be sent to another host.
  if (url.search || url.hash || url.pathname.includes('@') || text.includes('\\')) {
    throw new ConfigError(`${label} must not have ?, # or \\, nor @ in its path; ${percentEncode}`)
  }
  return {
    url,
    path: url.pathname.replace(/\/$/, '') || '/sdk',
    ...credentials(url, label),
  }
}

function credentials({ username, password }: URL, label: string) {
  try {
    return {
      username: decodeURIComponent(username) || undefined,
      password: password ? new Secret(decodeURIComponent(password)) : undefined,
    }
  } catch {
    throw new ConfigError(`${label} has a % in its user name or password that encodes nothing: write %25`)
  }
}
