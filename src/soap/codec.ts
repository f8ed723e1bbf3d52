// Values <-> elements, by declared type. A string that looks like a number stays a string: what a value is,
// the declaration or the xsi:type says, never its looks. envelope.ts wraps what is made here.

import { SoapError } from './soap-error.ts'
import { ValueDecoder } from './value-decoder.ts'
import {
  type Field,
  fieldsOf,
  isEnum,
  isPrimitive,
  type ManagedObjectReference,
  parseExpression,
} from './vim-types.ts'
import { escapeAttribute, escapeXml, type XmlElement } from './xml.ts'
import { replay } from './xml-events.ts'

/** A value for a place that is declared anyType, with the type that it goes out as: `typed('VirtualDevice*', devices)`. */
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

/** The elements of one field: none for undefined, one for a value, one each for an array. */
export function encodeField(field: Field, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (!field.repeated) return encodeElement(field.name, value, field.type)
  let text = ''
  for (const item of value as readonly unknown[]) text += encodeElement(field.name, item, field.type)
  return text
}

/** One element of a declared type. xsi:type is written only where the dynamic type differs, as real servers do. */
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
  const { type, repeated } = parseExpression(expression)
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
  if (typeName === undefined) throw new SoapError('a value for an anyType needs its type')
  return typed(typeName, value)
}

function encodeReference(name: string, reference: ManagedObjectReference, xsiType: string): string {
  const guid =
    reference.serverGuid === undefined ? '' : ` serverGuid="${escapeAttribute(reference.serverGuid)}"`
  return `<${name} type="${escapeAttribute(reference.type)}"${guid}${xsiType}>${escapeXml(reference.value)}</${name}>`
}

function encodeObject(name: string, value: object, type: string, attributes: string): string {
  const fields = fieldsOf(type)
  if (!fields) throw new SoapError(`the type ${type} is not declared`)
  let text = `<${name}${attributes}>`
  for (const field of fields.values())
    text += encodeField(field, (value as Record<string, unknown>)[field.name])
  return `${text}</${name}>`
}

function encodePrimitive(value: unknown, type: string): string {
  if (type === 'dateTime') {
    if (Number.isNaN((value as Date).getTime())) throw new SoapError('the date is none')
    return (value as Date).toISOString().replace(/(\.\d{3})Z$/, '$1000Z')
  }
  if (type === 'base64Binary') return Buffer.from(value as Uint8Array).toString('base64')
  if ((type === 'double' || type === 'float') && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : (value as number) > 0 ? 'INF' : '-INF'
  return typeof value === 'string' ? escapeXml(value) : String(value)
}

// ---- decoding

/** The value of a field among an element's children: undefined or an array when it is not there. */
export function decodeField(parent: XmlElement, field: Field): unknown {
  if (field.repeated)
    return parent.children
      .filter((child) => child.name === field.name)
      .map((child) => decodeElement(child, field.type))
  const element = parent.children.find((child) => child.name === field.name)
  return element && decodeElement(element, field.type)
}

/** One element as a value of the declared type or of a subtype that its xsi:type names. */
export function decodeElement(element: XmlElement, type: string): unknown {
  const decoder = new ValueDecoder(type)
  replay(element, decoder)
  return decoder.value
}
