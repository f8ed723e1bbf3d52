// A minimal SOAP client for the simulator's tests: sends calls, returns values, keeps the cookie. Independent of the gateway's
// client.

import {
  encodeRequest,
  type MethodArgs,
  type MethodName,
  type MethodResult,
} from '../../src/soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import type { Transport, TransportResponse } from '../../src/transport/transport.ts'
import { decodeReply } from '../soap/decode-reply.ts'

/** A vim25 fault in the response to a call. */
class FaultReply extends Error {
  readonly detail: { readonly _typeName?: string } & Readonly<Record<string, unknown>>

  constructor(faultstring: string, detail: object) {
    super(`${(detail as { _typeName?: string })._typeName}: ${faultstring}`)
    this.detail = detail as never
  }
}

export const serviceInstance = { type: 'ServiceInstance', value: 'ServiceInstance' }
export const sessionManager = { type: 'SessionManager', value: 'SessionManager' }
export const propertyCollector = { type: 'PropertyCollector', value: 'propertyCollector' }
export const viewManager = { type: 'ViewManager', value: 'ViewManager' }
export const searchIndex = { type: 'SearchIndex', value: 'SearchIndex' }
export const rootFolder = { type: 'Folder', value: 'group-d1' }

export async function readText({ body }: Pick<TransportResponse, 'body'>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export class SoapConnection {
  readonly transport: Transport
  cookie: string | undefined
  /** The last raw response. */
  last:
    | { readonly status: number; readonly headers: TransportResponse['headers']; readonly text: string }
    | undefined

  constructor(transport: Transport) {
    this.transport = transport
  }

  async post(body: string, signal?: AbortSignal): Promise<string> {
    const response = await this.transport.send({
      method: 'POST',
      path: '/sdk',
      headers: {
        'Content-Type': 'text/xml; charset="utf-8"',
        SOAPAction: '"urn:vim25/8.0.2.0"',
        ...(this.cookie !== undefined && { Cookie: this.cookie }),
      },
      body,
      signal,
    })
    const text = await readText(response)
    this.last = { status: response.status, headers: response.headers, text }
    const cookie = [response.headers['set-cookie']].flat()[0]
    if (cookie !== undefined) this.cookie = cookie.split(';', 1)[0]
    return text
  }

  async call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    signal?: AbortSignal,
  ): Promise<MethodResult<M>> {
    const reply = decodeReply(method, await this.post(encodeRequest(method, self, args), signal))
    if ('fault' in reply) throw new FaultReply(reply.fault.faultstring, reply.fault.detail ?? {})
    return reply.result
  }

  login(userName = 'user', password = 'pass'): Promise<DataObject<'UserSession'>> {
    return this.call('Login', sessionManager, { userName, password, locale: 'en_US' })
  }

  retrieve(...specSet: DataObject<'PropertyFilterSpec'>[]) {
    return this.call('RetrievePropertiesEx', propertyCollector, { specSet, options: {} })
  }
}

/** The values of an object's propSet by path. */
export const valuesOf = (content: DataObject<'ObjectContent'> | undefined): Record<string, unknown> =>
  Object.fromEntries((content?.propSet ?? []).map(({ name, val }) => [name, val]))

/** A spec that reads paths of all objects of a type in a view. */
export const viewSpec = (view: ManagedObjectReference, type: string, pathSet: string[]) => ({
  propSet: [{ type, pathSet }],
  objectSet: [
    {
      obj: view,
      skip: true,
      selectSet: [{ _typeName: 'TraversalSpec', name: 'view', type: view.type, path: 'view' }],
    },
  ],
})

/** A spec that reads paths of the given objects. */
export const objectSpec = (type: string, pathSet: string[], ...objects: ManagedObjectReference[]) => ({
  propSet: [{ type, pathSet }],
  objectSet: objects.map((obj) => ({ obj })),
})
