// The text of a search: what it can be compared with. A complete IP address, MAC address or UUID is recognized in any of its
// usual forms.

import { isIP, SocketAddress } from 'node:net'
import { formatNumber } from '../../text/format-number.ts'
import { badInput } from '../errors/api-error.ts'

export interface SearchText {
  /** The text in lower case. */
  readonly text: string
  /** The canonical IP address, if the text is one. */
  readonly ipAddress?: string | undefined
  /** The digits of the MAC address, if the text is one. */
  readonly macAddress?: string | undefined
  /** The UUID in lower case with dashes, if the text is one. */
  readonly uuid?: string | undefined
}

const minLength = 2
const maxLength = 256

/** @throws ApiError BAD_USER_INPUT if the text is too short or too long */
export function parseSearchText(input: string): SearchText {
  const trimmed = input.trim()
  const { length } = [...trimmed]
  if (length < minLength)
    throw badInput(
      `text must have at least ${minLength} characters`,
      'Search for a longer part of the value.',
    )
  if (length > maxLength)
    throw badInput(
      `text has ${formatNumber(length)} characters, but must have at most ${maxLength}`,
      'Search for a shorter part of the value.',
    )
  return {
    text: trimmed.toLowerCase(),
    ipAddress: canonicalIpAddress(trimmed),
    macAddress: macAddressDigits(trimmed),
    uuid: canonicalUuid(trimmed),
  }
}

/** Returns an IP address in its canonical form (RFC 5952), without the zone; undefined for any other text. */
export function canonicalIpAddress(text: string): string | undefined {
  const [address = ''] = text.split('%', 1)
  const version = isIP(address)
  if (version === 4) return address
  return version === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : undefined
}

const macForms =
  /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|[0-9a-f]{10})$|^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i

/** Returns the 12 digits of a MAC address, which may be separated by `:`, `-` or `.`; undefined for any other text. */
export const macAddressDigits = (text: string): string | undefined =>
  macForms.test(text) ? text.replace(/[:.-]/g, '').toLowerCase() : undefined

/** The digits of a UUID, with dashes or as in a .vmx file: `42 0d a2 9d 39 a7 1e 5c-80 0b 6f 3a 11 22 33 44`. */
const uuidForms = /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$|^[0-9a-f]{2}(?:[ -][0-9a-f]{2}){15}$/i

function canonicalUuid(text: string): string | undefined {
  if (!uuidForms.test(text)) return undefined
  return text
    .replace(/[ -]/g, '')
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
