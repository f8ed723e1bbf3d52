// Normalizes host names for comparison, to the form of URL.hostname, with IPv6 addresses in brackets.

import { isIPv6 } from 'node:net'

/** Names of the loopback interface, which only this machine can reach. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * Returns `text` in the form of URL.hostname; undefined if it is not exactly a host name or an IP address.
 */
export function parseHostName(text: string): string | undefined {
  const name = isIPv6(text) ? `[${text}]` : text.toLowerCase()
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(name) || !URL.canParse(`http://${name}`)) return undefined
  const { hostname } = new URL(`http://${name}`)
  // URL parses 4000 as the address 0.0.15.160, but in this setting it is probably a port.
  return hostname === name || hostname.startsWith('[') ? hostname : undefined
}

/** The same for listen(), which expects IPv6 addresses without brackets. */
export function parseListenAddress(text: string): string | undefined {
  return parseHostName(text)?.replace(/^\[|\]$/g, '')
}

/** Whether a host name, in the form of URL.hostname, always refers to this machine. */
export function isLoopback(hostname: string): boolean {
  return loopbackNames.includes(hostname) || /^127(\.\d+){3}$/.test(hostname)
}

/** Whether an address to listen on is reachable from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopback(parseHostName(address) ?? address)
}

/** Whether an address to listen on means all addresses of this machine, so that it is not a host name. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/**
 * Returns the origin as browsers send it, such as `https://portal.example.com`; undefined if `text` is not
 * exactly an origin.
 */
export function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined
  return new URL(text).origin
}
