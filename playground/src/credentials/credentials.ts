// The credentials and headers of all requests of the page. They are kept for the session of the browser's tab only.

import type { Settings } from '../settings.ts'

export interface Credentials {
  /** For the scheme Bearer. */
  readonly token: string
  /** For the scheme Basic. */
  readonly username: string
  readonly password: string
  /** Further headers, as the text of a JSON object. */
  readonly headers: string
}

const noCredentials: Credentials = { token: '', username: '', password: '', headers: '' }

const storageKey = 'vsphere-graphql:credentials'

export interface CredentialsState {
  readonly credentials: Credentials
  /** Why the gateway rejected the last request: a 401 response. */
  readonly rejection?: string
}

/** The parts of Storage that are used. */
interface SessionStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export class CredentialsStore {
  readonly #storage: SessionStorage
  readonly #listeners = new Set<() => void>()
  #state: CredentialsState

  constructor(storage: SessionStorage) {
    this.#storage = storage
    this.#state = { credentials: { ...noCredentials, ...parseObject(storage.getItem(storageKey) ?? '') } }
  }

  /** For useSyncExternalStore: calls the listener after each change, and returns the function that stops this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getState = (): CredentialsState => this.#state

  set(credentials: Credentials): void {
    this.#storage.setItem(storageKey, JSON.stringify(credentials))
    this.#update({ credentials })
  }

  clear(): void {
    this.#storage.removeItem(storageKey)
    this.#update({ credentials: noCredentials })
  }

  /**
   * Reports that a response had the status 401, or that one had another status.
   * @param sent The credentials of its request. A late response says nothing about those that have replaced them.
   */
  setRejection(rejection: string | undefined, sent: Credentials): void {
    const { credentials } = this.#state
    if (sent !== credentials || rejection === this.#state.rejection) return
    this.#update({ credentials, ...(rejection !== undefined && { rejection }) })
  }

  #update(state: CredentialsState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** Returns the token of a text that may be the whole header, as documents and errors show it: `authorization: Bearer TOKEN`. */
export const tokenOf = (text: string): string =>
  text.trim().replace(/^(?:authorization\s*:\s*)?bearer(?:\s+|$)/i, '')

/** Whether two credentials are those of one user. Other headers do not change what the user may read. */
export const isSameUser = (one: Credentials, other: Credentials): boolean =>
  one.token === other.token && one.username === other.username && one.password === other.password

/** Whether a request can succeed: the scheme needs no credentials, or there are some. */
export function hasCredentials({ token, username }: Credentials, scheme: Settings['scheme']): boolean {
  return scheme === null || (scheme === 'Bearer' ? token : username) !== ''
}

/**
 * The headers of a request.
 * @throws if the further headers are no JSON object with strings
 */
export function requestHeaders(
  { token, username, password, headers }: Credentials,
  scheme: Settings['scheme'],
): Record<string, string> {
  const further = parseHeaders(headers)
  if (scheme === 'Bearer' && token !== '') return { authorization: `Bearer ${token}`, ...further }
  if (scheme === 'Basic' && username !== '')
    return { authorization: `Basic ${toBase64(`${username}:${password}`)}`, ...further }
  return further
}

/** Returns why credentials and headers cannot be sent, or undefined if they can. */
export function problemOf(credentials: Credentials, scheme: Settings['scheme']): string | undefined {
  if (scheme === 'Basic' && credentials.username.includes(':')) return 'A user name cannot contain a colon.'
  try {
    const further = parseHeaders(credentials.headers)
    const authorization = Object.keys(further).find((name) => name.toLowerCase() === 'authorization')
    if (scheme !== null && authorization !== undefined) return otherAuthorization[scheme](authorization)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  try {
    new Headers(requestHeaders(credentials, scheme))
    return undefined
  } catch {
    return 'The token has a character that no HTTP header can have, such as a typographic quote or dash.'
  }
}

const otherAuthorization = {
  Bearer: (name: string) => `Remove the header ${name}, and enter its token in the field Token.`,
  Basic: (name: string) => `Remove the header ${name}: it is made of the user name and the password.`,
}

/** RFC 9110 calls it a token. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Parses the text of the further headers; an empty text is no headers.
 * @throws if it is no JSON object with strings
 */
function parseHeaders(text: string): Record<string, string> {
  if (text.trim() === '') return {}
  const parsed = parseObject(text)
  if (!parsed) throw new Error('The headers are not a JSON object, such as { "x-vsphere-trace": "1" }.')
  for (const [name, value] of Object.entries(parsed)) {
    if (!headerName.test(name))
      throw new Error(`“${name}” cannot be the name of a header: use letters, digits and hyphens.`)
    if (typeof value !== 'string') throw new Error(`The header ${name} is not a string.`)
    if (!canSend(name, value))
      throw new Error(
        `The header ${name} has a character that no HTTP header can have, such as a line break or a typographic quote.`,
      )
  }
  return parsed as Record<string, string>
}

function canSend(name: string, value: string): boolean {
  try {
    return new Headers({ [name]: value }).has(name)
  } catch {
    return false
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Not JSON.
  }
  return undefined
}

/** Basic credentials are UTF-8 (RFC 7617); btoa takes bytes. */
const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
