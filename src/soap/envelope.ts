// Builds and parses SOAP envelopes of vim25 methods: encodes requests for the client, decodes requests and encodes replies for
// the simulator. The client decodes replies as a stream in reply-decoder.ts. vim25/ interprets faults.

import { decodeElement, decodeField, encodeElement, encodeField } from './codec.ts'
import { findMethodSignature, type MethodArgs, type MethodName, methodSignature } from './method-signature.ts'
import { SoapError } from './soap-error.ts'
import { isDataObject } from './type-registry.ts'
import { findUndeclared } from './undeclared.ts'
import type { ManagedObjectReference } from './vim-types.ts'
import { parseXml, type XmlElement } from './xml/xml.ts'

export type { MethodArgs, MethodName, MethodResult, SoapFault, SoapReply } from './method-signature.ts'

const head =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n'
const tail = '\n</soapenv:Body>\n</soapenv:Envelope>'

// ---- client

/**
 * Encodes the envelope of a call.
 * @throws RequestEncodingError if an argument cannot be encoded; InvalidXmlCharacterError if it has characters that XML cannot represent
 */
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

// ---- server (simulator)

export interface SoapRequest {
  /** The method name as sent; it may not be a declared method. */
  readonly method: string
  readonly self: ManagedObjectReference
  readonly args: Readonly<Record<string, unknown>>
  /** Path of the first argument, or field of one, that is not declared and therefore missing from `args`. */
  readonly undeclared?: string | undefined
}

/**
 * Decodes a call. Omits the arguments of a method that is not declared.
 * @throws SoapError if the text is not an envelope with a method call
 */
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
    throw new SoapError(`the body is not a SOAP envelope, but <${envelope.name}>`)
  return body.children[0]
}

/** Encodes the envelope of a reply. A void or null result has no returnval element, as on a real server. */
export function encodeReply(method: string, result: unknown): string {
  const returns = findMethodSignature(method)?.returns
  return encodeReplyBody(method, returns ? encodeField(returns, result) : '')
}

/** Encodes the envelope of a reply whose returnval elements are already encoded. */
export const encodeReplyBody = (method: string, returnval: string): string =>
  `${head}<${method}Response xmlns="urn:vim25">${returnval}</${method}Response>${tail}`

/**
 * Encodes the envelope of a fault, to be sent with HTTP status 500.
 * @throws SoapError if the fault's type name cannot be an element name
 */
export function encodeFault(faultstring: string, detail: { readonly _typeName: string }): string {
  const name = detail._typeName
  // The name becomes an element name, and XML has no escapes for those.
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new SoapError(`${JSON.stringify(name)} is not a valid fault name`)
  const type = isDataObject(name) ? name : 'MethodFault'
  const element = encodeElement(`${name}Fault`, { ...detail, _typeName: type }, 'anyType')
    .replace(/^<(\S+?)( |>)/, '<$1 xmlns="urn:vim25"$2')
    .replace(`xsi:type="${type}"`, `xsi:type="${name}"`)
  return `${head}<soapenv:Fault><faultcode>ServerFaultCode</faultcode>${encodeElement('faultstring', faultstring, 'string')}<detail>${element}</detail></soapenv:Fault>${tail}`
}
