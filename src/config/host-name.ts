// Host names in the one form that they are compared in: as URL.hostname writes them, IPv6 in brackets.

import { isIPv6 } from 'node:net'

/** The names that reach this machine from itself alone. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** `text` as URL.hostname writes it; undefined when it is more or less than a host name or an IP address. */
export function parseHostName(text: string): string | undefined {
  const name = isIPv6(text) ? `[${text}]` : text.toLowerCase()
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(name) || !URL.canParse(`http://${name}`)) return undefined
  const { hostname } = new URL(`http://${name}`)
  // A URL reads 4000 as the address 0.0.15.160; whoever wrote it here meant a port.
  return hostname === name || hostname.startsWith('[') ? hostname : undefined
}

/** The same for a socket to listen on, which wants IPv6 without brackets. */
export function parseListenAddress(text: string): string | undefined {
  return parseHostName(text)?.replace(/^\[|\]$/g, '')
}

/** Whether a host name, as URL.hostname writes it, can only mean this machine. */
export function isLoopback(hostname: string): boolean {
  return loopbackNames.includes(hostname) || /^127(\.\d+){3}$/.test(hostname)
}

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopback(parseHostName(address) ?? address)
}

/** Whether an address to listen on is every address of this machine, so that it names none. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** The origin of pages as browsers write it, such as `https://portal.example.com`; undefined when it is more or less than that. */
export function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined
  return new URL(text).origin
}
