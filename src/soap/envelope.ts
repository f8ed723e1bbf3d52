// SOAP envelopes around vim25 methods: requests out for the client, requests in and replies out for the simulator. The client
// reads replies while they arrive: reply-decoder.ts. Pure text and values; what a fault means is vim25/'s business.

import { decodeElement, decodeField, encodeElement, encodeField } from './codec.ts'
import { findMethodSignature, type MethodArgs, type MethodName, methodSignature } from './method-signature.ts'
import { SoapError } from './soap-error.ts'
import { findUndeclared } from './undeclared.ts'
import { isDataObject, type ManagedObjectReference } from './vim-types.ts'
import { parseXml, type XmlElement } from './xml.ts'

export type { MethodArgs, MethodName, MethodResult, SoapFault, SoapReply } from './method-signature.ts'

const head =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n'
const tail = '\n</soapenv:Body>\n</soapenv:Envelope>'

// ---- the client's side

/** The envelope of a call. */
export function encodeRequest<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
): string {
  const signature = methodSignature(method)
  let body = encodeElement('_this', self, 'ManagedObjectReference')
  for (const param of signature.params)
    body += encodeField(param, (args as Record<string, unknown>)[param.name])
  return `${head}<${method} xmlns="urn:vim25">${body}</${method}>${tail}`
}

// ---- the server's side

export interface SoapRequest {
  /** As it stands in the envelope; it may be none that is declared. */
  readonly method: string
  readonly self: ManagedObjectReference
  readonly args: Readonly<Record<string, unknown>>
  /** The first element among the arguments that is not declared, and so not in `args`. */
  readonly undeclared?: string | undefined
}

/** Reads a call. The arguments of a method that is not declared are left out. */
export function decodeRequest(text: string): SoapRequest {
  const call = bodyOf(parseXml(text))
  const self = call?.children.find((child) => child.name === '_this')
  if (!call || !self) throw new SoapError('the body has no method call')
  const args: Record<string, unknown> = {}
  const params = findMethodSignature(call.name)?.params
  for (const param of params ?? []) {
    const value = decodeField(call, param)
    if (value !== undefined) args[param.name] = value
  }
  return {
    method: call.name,
    self: decodeElement(self, 'ManagedObjectReference') as ManagedObjectReference,
    args,
    undeclared: params && findUndeclared(call, params),
  }
}

function bodyOf(envelope: XmlElement): XmlElement | undefined {
  const body = envelope.children.find((child) => child.name === 'Body')
  if (envelope.name !== 'Envelope' || !body)
    throw new SoapError(`the body is not a SOAP envelope but <${envelope.name}>`)
  return body.children[0]
}

/** The envelope of a reply; a void or null result has no returnval at all, as on a real server. */
export function encodeReply(method: string, result: unknown): string {
  const returns = findMethodSignature(method)?.returns
  return encodeReplyBody(method, returns ? encodeField(returns, result) : '')
}

/** The same, around returnval elements that are text already. */
export const encodeReplyBody = (method: string, returnval: string): string =>
  `${head}<${method}Response xmlns="urn:vim25">${returnval}</${method}Response>${tail}`

/** The envelope of a fault; it goes out with HTTP status 500. */
export function encodeFault(faultstring: string, detail: { readonly _typeName: string }): string {
  const name = detail._typeName
  // It becomes an element's name, where nothing can be escaped.
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new SoapError(`${JSON.stringify(name)} cannot be the name of a fault`)
  const type = isDataObject(name) ? name : 'MethodFault'
  const element = encodeElement(`${name}Fault`, { ...detail, _typeName: type }, 'anyType')
    .replace(/^<(\S+?)( |>)/, '<$1 xmlns="urn:vim25"$2')
    .replace(`xsi:type="${type}"`, `xsi:type="${name}"`)
  return `${head}<soapenv:Fault><faultcode>ServerFaultCode</faultcode>${encodeElement('faultstring', faultstring, 'string')}<detail>${element}</detail></soapenv:Fault>${tail}`
}
