// Checks whether a decoded value has its declared type. Derived from the declarations alone, so that tests can check the
// decoder with malformed responses.

import { isReference } from '../../src/soap/codec.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import {
  type Field,
  fieldsOf,
  fieldsOfSubtypes,
  isDataObject,
  isEnum,
  isSubtype,
} from '../../src/soap/type-registry.ts'

const simple: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  byte: Number.isSafeInteger,
  short: Number.isSafeInteger,
  int: Number.isSafeInteger,
  long: (value) =>
    Number.isSafeInteger(value) || (typeof value === 'bigint' && value === BigInt.asIntN(64, value)),
  float: (value) => typeof value === 'number',
  double: (value) => typeof value === 'number',
  dateTime: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  base64Binary: (value) => value instanceof Uint8Array,
  ManagedObjectReference: (value) => isReference(value) && isPlain(value),
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Returns where a value violates its declared type, or undefined if it conforms. */
export function typeMismatch(value: unknown, type: string, at = type): string | undefined {
  const isOfType = Object.hasOwn(simple, type) ? simple[type] : isEnum(type) ? simple.string : undefined
  if (isOfType) return isOfType(value) ? undefined : `${at} is no ${type}`
  if (type !== 'anyType') return objectMismatch(value, type, at)
  if (Array.isArray(value))
    return firstOf(value.map((item, index) => typeMismatch(item, type, `${at}[${index}]`)))
  if (Object.values(simple).some((isOne) => isOne(value))) return undefined
  return objectMismatch(value, type, at)
}

function objectMismatch(value: unknown, type: string, at: string): string | undefined {
  if (!isPlain(value) || typeof value._typeName !== 'string') return `${at} is no object`
  const { _typeName: typeName, ...rest } = value
  // An undeclared type decodes as its declared base type.
  if (type !== 'anyType' && isDataObject(typeName) && !isSubtype(typeName, type)) {
    return `${at} is a ${typeName} and no ${type}`
  }
  const isDeclared = isDataObject(typeName)
  const fields = isDeclared ? fieldsOf(typeName) : fieldsOfUnknown(type)
  return firstOf(
    Object.entries(rest).map(([name, each]) => {
      // An array in place of an anyType no longer has its type name.
      if (!fields) return typeMismatch(each, 'anyType', `${at}.${name}`)
      const field = fields.get(name)
      return field
        ? fieldMismatch(each, field, `${at}.${name}`, isDeclared ? typeName : type)
        : `${at} has a ${name}`
    }),
  )
}

/** A value of an undeclared subtype has the fields of its declared base type, except for a fault. */
const fieldsOfUnknown = (type: string) =>
  isDataObject(type) && !isSubtype(type, 'MethodFault') ? fieldsOfSubtypes(type) : fieldsOf(type)

function fieldMismatch(value: unknown, { type, repeated, name }: Field, at: string, owner: string) {
  // The decode error takes the place of a property's value.
  if (owner === 'DynamicProperty' && name === 'val' && value instanceof SoapError) return undefined
  return repeated ? listTypeMismatch(value, type, at) : typeMismatch(value, type, at)
}

/** Does the same for a list of values. */
export const listTypeMismatch = (values: unknown, type: string, at = `${type}*`): string | undefined =>
  Array.isArray(values)
    ? firstOf(values.map((item, index) => typeMismatch(item, type, `${at}[${index}]`)))
    : `${at} is no list`

const firstOf = (found: readonly (string | undefined)[]): string | undefined =>
  found.find((each) => each !== undefined)
