// Parses a vCenter address with govc's rules: a host, host/sdk or a whole URL, optionally with user:password.

import { ConfigError } from '../config-error.ts'
import { Secret } from '../secret.ts'

export interface VCenterUrl {
  readonly url: URL
  /** Path of the SOAP endpoint. @default '/sdk' */
  readonly path: string
  readonly username: string | undefined
  readonly password: Secret | undefined
}

const percentEncode =
  'in a user name or password, percent-encode # (%23), ? (%3F), / (%2F), @ (%40), : (%3A) and \\ (%5C)'

/** Parses the value of the setting `label`. Errors never show the value, which may contain a password. */
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
  // An unescaped / ? # or \ in a password ends the host name early, so the request would go to another host.
  if (url.search || url.hash || url.pathname.includes('@') || text.includes('\\')) {
    throw new ConfigError(`${label} must not contain ?, # or \\, or @ in its path; ${percentEncode}`)
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
    throw new ConfigError(`${label} has an invalid % sequence in its user name or password: write % as %25`)
  }
}
