// Encodes values as XML elements and decodes elements to values, by declared type. The declaration or the xsi:type decides
// the type of a value, never its content: a string that looks like a number stays a string. envelope.ts adds the envelope.

import { RequestEncodingError } from './soap-error.ts'
import { type Field, fieldsOf, isEnum, isPrimitive, parseTypeExpression } from './type-registry.ts'
import { ValueDecoder } from './value-decoder.ts'
import type { ManagedObjectReference } from './vim-types.ts'
import { emitEvents, escapeAttribute, escapeXml, type XmlElement } from './xml/xml.ts'

/** A value for a field declared as anyType, with the type to encode it as: `typed('VirtualDevice*', devices)`. */
export class TypedValue {
  readonly expression: string
  readonly value: unknown

  constructor(expression: string, value: unknown) {
    this.expression = expression
    this.value = value
  }
}

export const typed = (expression: string, value: unknown): TypedValue => new TypedValue(expression, value)

export function isReference(value: unknown): value is ManagedObjectReference {
  const candidate = value as Partial<ManagedObjectReference> | null
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.type === 'string' &&
    typeof candidate.value === 'string' &&
    !('_typeName' in candidate)
  )
}

// ---- encoding

/** Encodes one field: no element for undefined or null, one element for a value, one element per item of an array. */
export function encodeField(field: Field, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (!field.repeated) return encodeElement(field.name, value, field.type)
  let text = ''
  for (const item of value as readonly unknown[]) text += encodeElement(field.name, item, field.type)
  return text
}

/**
 * Encodes one element of a declared type. Writes xsi:type only if the dynamic type differs, as real servers do.
 * @throws RequestEncodingError if the type is not declared, or XML cannot represent the value
 */
export function encodeElement(name: string, value: unknown, type: string): string {
  if (type === 'anyType') return encodeAny(name, value)
  if (type === 'ManagedObjectReference') return encodeReference(name, value as ManagedObjectReference, '')
  if (isPrimitive(type) || isEnum(type)) return `<${name}>${encodePrimitive(value, type)}</${name}>`
  const dynamic = (value as { _typeName?: string })._typeName ?? type
  return encodeObject(
    name,
    value as object,
    dynamic,
    dynamic === type ? '' : ` xsi:type="${escapeAttribute(dynamic)}"`,
  )
}

function encodeAny(name: string, value: unknown): string {
  const { expression, value: inner } = value instanceof TypedValue ? value : inferType(value)
  const { type, repeated } = parseTypeExpression(expression)
  if (repeated) {
    const items = (inner as readonly unknown[]).map((each) =>
      encodeAny(type, each instanceof TypedValue ? each : typed(type, each)),
    )
    return `<${name} xsi:type="ArrayOf${type[0]?.toUpperCase()}${type.slice(1)}">${items.join('')}</${name}>`
  }
  if (type === 'ManagedObjectReference') {
    return encodeReference(name, inner as ManagedObjectReference, ' xsi:type="ManagedObjectReference"')
  }
  if (isPrimitive(type)) return `<${name} xsi:type="xsd:${type}">${encodePrimitive(inner, type)}</${name}>`
  if (isEnum(type)) return `<${name} xsi:type="${type}">${encodePrimitive(inner, type)}</${name}>`
  const dynamic = (inner as { _typeName?: string })._typeName ?? type
  return encodeObject(name, inner as object, dynamic, ` xsi:type="${escapeAttribute(dynamic)}"`)
}

const isInt = (value: number): boolean => value >= -(2 ** 31) && value < 2 ** 31

function inferType(value: unknown): TypedValue {
  switch (typeof value) {
    case 'string':
      return typed('string', value)
    case 'boolean':
      return typed('boolean', value)
    case 'number':
      if (!Number.isSafeInteger(value)) return typed('double', value)
      return typed(isInt(value) ? 'int' : 'long', value)
    case 'bigint':
      return typed('long', value)
  }
  if (value instanceof Date) return typed('dateTime', value)
  if (isReference(value)) return typed('ManagedObjectReference', value)
  const typeName = (value as { _typeName?: string } | undefined)?._typeName
  if (typeName === undefined)
    throw new RequestEncodingError('the type of a value for an anyType is unknown; use typed()')
  return typed(typeName, value)
}

function encodeReference(name: string, reference: ManagedObjectReference, xsiType: string): string {
  const guid =
    reference.serverGuid === undefined ? '' : ` serverGuid="${escapeAttribute(reference.serverGuid)}"`
  return `<${name} type="${escapeAttribute(reference.type)}"${guid}${xsiType}>${escapeXml(reference.value)}</${name}>`
}

function encodeObject(name: string, value: object, type: string, attributes: string): string {
  const fields = fieldsOf(type)
  if (!fields) throw new RequestEncodingError(`the type ${type} is not declared`)
  let text = `<${name}${attributes}>`
  for (const field of fields.values())
    text += encodeField(field, (value as Record<string, unknown>)[field.name])
  return `${text}</${name}>`
}

function encodePrimitive(value: unknown, type: string): string {
  if (type === 'dateTime') {
    if (Number.isNaN((value as Date).getTime())) throw new RequestEncodingError('the date is invalid')
    return (value as Date).toISOString().replace(/(\.\d{3})Z$/, '$1000Z')
  }
  if (type === 'base64Binary') return Buffer.from(value as Uint8Array).toString('base64')
  if ((type === 'double' || type === 'float') && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : (value as number) > 0 ? 'INF' : '-INF'
  return typeof value === 'string' ? escapeXml(value) : String(value)
}

// ---- decoding

/**
 * Decodes a field from the children of an element.
 * @returns for a repeated field always an array, which may be empty; for any other field undefined if it is absent
 */
export function decodeField(parent: XmlElement, field: Field): unknown {
  if (field.repeated)
    return parent.children
      .filter((child) => child.name === field.name)
      .map((child) => decodeElement(child, field.type))
  const element = parent.children.find((child) => child.name === field.name)
  return element && decodeElement(element, field.type)
}

/** Decodes one element as a value of the declared type, or of the subtype that its xsi:type names. */
export function decodeElement(element: XmlElement, type: string): unknown {
  const decoder = new ValueDecoder(type)
  emitEvents(element, decoder)
  return decoder.value
}
