// Generates values of any declared type from the declarations, in decoded form.

import fc from 'fast-check'
import { dataObjects } from '../../src/soap/declarations/data-objects.ts'
import { enums } from '../../src/soap/declarations/enums.ts'
import { events } from '../../src/soap/declarations/events.ts'
import { faults } from '../../src/soap/declarations/faults.ts'
import { type Field, fieldsOf, isDataObject, isEnum, isSubtype } from '../../src/soap/type-registry.ts'
import { isXmlText } from '../../src/soap/xml/xml.ts'

export const dataObjectNames = Object.keys({ ...dataObjects, ...events, ...faults })

export const xmlText = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary' }).filter(isXmlText), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      '',
      ' ',
      ' blank ',
      '007',
      '1e3',
      'true',
      'null',
      '\r\n',
      ']]>',
      '<a>',
      '&amp;',
      '-0',
    ),
    weight: 1,
  },
)

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const long = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
)
// Negative zero is written as zero.
const double = fc.double().map((value) => (value === 0 ? 0 : value))
const dateTime = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,12}$/)
export const reference = fc.record(
  { type: name, value: xmlText, serverGuid: xmlText },
  { requiredKeys: ['type', 'value'] },
)

function primitive(type: string): fc.Arbitrary<unknown> | undefined {
  switch (type) {
    case 'string':
      return xmlText
    case 'boolean':
      return fc.boolean()
    case 'byte':
      return fc.integer({ min: -128, max: 127 })
    case 'short':
      return fc.integer({ min: -32768, max: 32767 })
    case 'int':
      return int
    case 'long':
      return long
    case 'float':
    case 'double':
      return double
    case 'dateTime':
      return dateTime
    case 'base64Binary':
      return fc.uint8Array({ maxLength: 40 })
    case 'ManagedObjectReference':
      return reference
  }
  return undefined
}

const known = enums as Readonly<Record<string, readonly string[]>>

/** A value of a declared type. Data objects may be of any declared subtype; deeply nested ones have only required fields. */
export function declaredValue(type: string, depth = 0): fc.Arbitrary<unknown> {
  const simple = primitive(type)
  if (simple) return simple
  if (isEnum(type)) return fc.oneof(fc.constantFrom(...(known[type] ?? [])), name)
  if (type === 'anyType') {
    const plain = fc.oneof(xmlText, fc.boolean(), long, double, dateTime, reference)
    return depth > 2
      ? plain
      : fc.oneof(
          plain,
          fc.constantFrom(...dataObjectNames).chain((each) => object(each, depth + 1)),
        )
  }
  if (!isDataObject(type)) throw new TypeError(`${type} is not declared`)
  const subtypes = dataObjectNames.filter((each) => isSubtype(each, type))
  return depth > 2 ? object(type, depth) : fc.constantFrom(...subtypes).chain((each) => object(each, depth))
}

export function object(type: string, depth = 0): fc.Arbitrary<unknown> {
  const shape: Record<string, fc.Arbitrary<unknown>> = { _typeName: fc.constant(type) }
  const requiredKeys = ['_typeName']
  for (const field of fieldsOf(type)?.values() ?? []) {
    if (field.optional && depth > 2) continue
    shape[field.name] = ofField(field, depth + 1)
    if (!field.optional) requiredKeys.push(field.name)
  }
  return fc.record(shape, { requiredKeys, noNullPrototype: true })
}

// An empty array does not appear on the wire, and so is absent.
function ofField({ type, repeated }: Field, depth: number): fc.Arbitrary<unknown> {
  const lazy = fc.constant(null).chain(() => declaredValue(type, depth))
  return repeated ? fc.array(lazy, { minLength: 1, maxLength: depth > 1 ? 1 : 3 }) : lazy
}
