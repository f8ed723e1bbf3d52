// Values <-> elements, by declared type. A string that looks like a number stays a string: what a value is,
// the declaration or the xsi:type says, never its looks. envelope.ts wraps what is made here.

import { SoapError } from './soap-error.ts'
import {
  type Field,
  fieldsOf,
  isDataObject,
  isEnum,
  isPrimitive,
  isSubtype,
  type ManagedObjectReference,
  parseExpression,
} from './vim-types.ts'
import { escapeXml, type XmlElement } from './xml.ts'

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
    dynamic === type ? '' : ` xsi:type="${escapeXml(dynamic)}"`,
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
  return encodeObject(name, inner as object, dynamic, ` xsi:type="${escapeXml(dynamic)}"`)
}

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
  const guid = reference.serverGuid === undefined ? '' : ` serverGuid="${escapeXml(reference.serverGuid)}"`
  return `<${name} type="${escapeXml(reference.type)}"${guid}${xsiType}>${escapeXml(reference.value)}</${name}>`
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
  return escapeXml(String(value))
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
  if (type === 'anyType') return decodeAny(element)
  if (type === 'ManagedObjectReference') return decodeReference(element)
  if (isPrimitive(type)) return decodePrimitive(element.text, type, element.name)
  if (isEnum(type)) return element.text
  return decodeObject(element, type)
}

function decodeAny(element: XmlElement): unknown {
  const type = element.xsiType
  if (type === undefined) {
    // Only morefs can be told without it; text is the one reading that invents nothing.
    return element.type === undefined ? element.text : decodeReference(element)
  }
  if (type.startsWith('ArrayOf')) return element.children.map(decodeItem)
  // What has text and no fields is an enumeration or a simple type that we do not declare.
  if (!isDeclared(type) && element.children.length === 0 && element.text !== '') return element.text
  return type === 'anyType' ? element.text : decodeElement(element, type)
}

// The items of an array are called by their declared type. vcsim leaves their xsi:type off; real servers write it, and it
// may be one that we do not declare.
function decodeItem(item: XmlElement): unknown {
  if (isDataObject(item.name)) return decodeElement(item, item.name)
  if (item.type !== undefined) return decodeReference(item)
  return decodeAny(item.xsiType === undefined ? { ...item, xsiType: item.name } : item)
}

const isDeclared = (type: string): boolean =>
  isPrimitive(type) || isEnum(type) || isDataObject(type) || type === 'ManagedObjectReference'

const isInt = (value: number): boolean => value >= -(2 ** 31) && value < 2 ** 31

function decodeReference(element: XmlElement): ManagedObjectReference {
  if (element.type === undefined)
    throw new SoapError(`<${element.name}> should be a reference but has no type`)
  const { type, text: value, serverGuid } = element
  return serverGuid === undefined ? { type, value } : { type, value, serverGuid }
}

function decodeObject(element: XmlElement, declared: string): object {
  let fields = fieldsOf(declared)
  const dynamic = element.xsiType ?? declared
  if (dynamic !== declared) {
    const own = fieldsOf(dynamic)
    // A type that a newer server made up reads as the declared one that it stands for.
    if (own && isDataObject(declared) && !isSubtype(dynamic, declared)) {
      throw new SoapError(`<${element.name}> should be a ${declared} but is a ${dynamic}`)
    }
    fields = own ?? fields
  }
  const value: Record<string, unknown> = { _typeName: dynamic }
  if (!fields) return value
  for (const child of element.children) {
    const field = fields.get(child.name)
    if (!field) continue
    const item = decodeElement(child, field.type)
    if (!field.repeated) value[child.name] = item
    else if (value[child.name] === undefined) value[child.name] = [item]
    else (value[child.name] as unknown[]).push(item)
  }
  return value
}

const dateTime = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/

function decodePrimitive(text: string, type: string, name: string): unknown {
  switch (type) {
    case 'string':
      return text
    case 'boolean':
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      break
    case 'byte':
    case 'short':
    case 'int':
    case 'long': {
      if (!/^[+-]?\d{1,19}$/.test(text)) break
      const number = Number(text)
      if (Number.isSafeInteger(number)) return number
      // Only a long may be beyond what a number holds exactly, and it ends at 64 bits.
      if (type === 'long' && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text)
      break
    }
    case 'float':
    case 'double':
      if (text === 'NaN') return Number.NaN
      if (text === 'INF' || text === '-INF')
        return text === 'INF' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
      break
    case 'dateTime': {
      if (!dateTime.test(text)) break
      // Without an offset it is UTC: a vCenter has no other time. More than three fraction digits are cut, not rounded up.
      const date = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
      if (!Number.isNaN(date.getTime())) return date
      break
    }
    case 'base64Binary':
      return new Uint8Array(Buffer.from(text, 'base64'))
  }
  throw new SoapError(`<${name}> should be of type ${type} but reads ${JSON.stringify(text.slice(0, 40))}`)
}
