// Reads the data of disks from vCenter's file service, GET /folder: the gateway never reads data. It serves only the base file of a
// disk, and is slow; a backup program for production reads with VDDK.

import type { HttpResponse, Send } from './http.ts'
import { ReportedError, type RetryOptions, retry } from './retry.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** The part of a disk to read. */
export interface Extent {
  /** Such as `[vmfs-01] web-01/web-01.vmdk`. */
  readonly fileName: string
  /** The size of the disk, in bytes. */
  readonly capacity: number
  /** Inventory path of the datacenter. */
  readonly datacenter: string
  readonly start: number
  readonly length: number
}

export class VCenter {
  readonly #origin: string
  readonly #send: Send
  readonly #credentials: Credentials
  readonly #retry: RetryOptions
  /** The cookie of the session. Undefined before the login, and after the session has ended. */
  #session: Promise<string> | undefined

  constructor(url: string, send: Send, credentials: Credentials, retryOptions: RetryOptions = {}) {
    this.#origin = new URL(url.includes('://') ? url : `https://${url}`).origin
    this.#send = send
    this.#credentials = credentials
    this.#retry = retryOptions
  }

  /** Logs in, so that a wrong password is found before anything else is done. */
  async logIn(): Promise<void> {
    await retry(this.#retry, () => this.#login())
  }

  /** Returns the UUID of the vCenter; undefined if it has none, as an ESXi host. */
  instanceUuid(): Promise<string | undefined> {
    return retry(this.#retry, async () => {
      const { status, body } = await this.#call('RetrieveServiceContent', 'ServiceInstance', '')
      if (status !== 200)
        throw new ReportedError(`the vCenter responded with status ${status}`, String(status), status >= 500)
      return /<about>.*<instanceUuid>([^<]+)<\/instanceUuid>.*<\/about>/s.exec(body.toString())?.[1]
    })
  }

  read(extent: Extent): Promise<Buffer> {
    const { fileName, capacity, start, length } = extent
    const url = this.#urlOf(extent)
    return retry(this.#retry, async () => {
      const { status, headers, body } = await this.#get(url, `bytes=${start}-${start + length - 1}`)
      if (status !== 206)
        throw new ReportedError(`reading ${fileName} failed: status ${status}`, String(status), status >= 500)
      const range = `bytes ${start}-${start + length - 1}/${capacity}`
      if (headers['content-range'] !== range || body.length !== length)
        throw new Error(`reading ${fileName} returned ${headers['content-range']}, not ${range}`)
      return body
    })
  }

  /** Ends the session, if there is one. @param send for when the one of the reads was aborted */
  async logOut(send = this.#send): Promise<void> {
    const cookie = await this.#session?.catch(() => undefined)
    this.#session = undefined
    if (cookie === undefined) return
    // Repeated, since a session that is left stays for half an hour. The signal has ended the requests before.
    const { signal: _, ...retryOptions } = this.#retry
    await retry(retryOptions, async () => {
      const { status, body } = await this.#call('Logout', 'SessionManager', '', { cookie }, send)
      // A fault says that the session has ended already.
      if (status !== 200 && !body.includes('<faultstring>'))
        throw new ReportedError(`the logout failed: status ${status}`, String(status), true)
    })
  }

  #urlOf({ fileName, datacenter }: Extent): URL {
    const [, datastore = '', path = ''] = /^\[(.+?)\] (.+)\.vmdk$/.exec(fileName) ?? []
    const url = new URL(
      `/folder/${path.split('/').map(encodeURIComponent).join('/')}-flat.vmdk`,
      this.#origin,
    )
    url.search = String(new URLSearchParams({ dcPath: datacenter.replace(/^\//, ''), dsName: datastore }))
    return url
  }

  /** Reads with the session; with a new one if the vCenter has ended it. */
  async #get(url: URL, range: string): Promise<HttpResponse> {
    const session = this.#login()
    const cookie = await session
    const response = await this.#send({ method: 'GET', url, headers: { cookie, range } })
    if (response.status !== 401) return response
    // Of several reads that find this, the first one logs in.
    if (this.#session === session) this.#session = undefined
    return this.#send({ method: 'GET', url, headers: { cookie: await this.#login(), range } })
  }

  #login(): Promise<string> {
    this.#session ??= this.#openSession().catch((error: unknown) => {
      // A rejected password is not sent again: several wrong logins lock the account.
      if (!(error instanceof ReportedError) || error.retryable) this.#session = undefined
      throw error
    })
    return this.#session
  }

  async #openSession(): Promise<string> {
    const { username, password } = this.#credentials
    const content = `<userName>${escapeXml(username)}</userName><password>${escapeXml(password)}</password>`
    const { status, headers, body } = await this.#call('Login', 'SessionManager', content)
    const [cookie = ''] = headers['set-cookie'] ?? []
    const [session] = /^vmware_soap_session=[^;]+/.exec(cookie) ?? []
    if (status === 200 && session !== undefined) return session
    const [, fault] = /<faultstring>([^<]*)/.exec(body.toString()) ?? []
    throw fault === undefined
      ? new ReportedError(`the login failed: status ${status}`, String(status), true)
      : new ReportedError(`the vCenter rejected the login of ${username}: ${fault}`, 'LOGIN', false)
  }

  #call(
    method: string,
    self: 'ServiceInstance' | 'SessionManager',
    content: string,
    headers: Readonly<Record<string, string>> = {},
    send = this.#send,
  ): Promise<HttpResponse> {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<${method} xmlns="urn:vim25"><_this type="${self}">${self}</_this>${content}</${method}>
</soapenv:Body></soapenv:Envelope>`
    return send({
      method: 'POST',
      url: new URL('/sdk', this.#origin),
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: 'urn:vim25/6.7', ...headers },
      body,
    })
  }
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
