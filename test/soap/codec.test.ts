// Decodes and encodes values by their declared types, which take precedence over the types on the wire.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeElement,
  decodeField,
  encodeElement,
  encodeField,
  isReference,
  typed,
} from '../../src/soap/codec.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { parseTypeExpression } from '../../src/soap/type-registry.ts'
import { parseXml } from '../../src/soap/xml/xml.ts'
import { cpuMsSince } from '../cpu-time.ts'
import { dataObjectNames, declaredValue, object } from './declared-values.ts'

const element = (inner: string, attributes = '') => parseXml(`<v xmlns:xsi="x" ${attributes}>${inner}</v>`)
const decode = (type: string, inner: string, attributes = '') =>
  decodeElement(element(inner, attributes), type)
const decodeAny = (xsiType: string, inner: string, attributes = '') =>
  decode('anyType', inner, `xsi:type="${xsiType}" ${attributes}`)
const roundTrip = (type: string, value: unknown) =>
  decodeElement(parseXml(encodeElement('v', value, type)), type)
/** Binds the xsi namespace, as the envelope does. */
const encodeAny = (value: unknown) => encodeElement('v', value, 'anyType')

describe('a string', () => {
  it.each([
    '007',
    '1e3',
    'true',
    ' blank ',
    '',
    '[ds] a/b.vmdk',
    '52 2d 7b 8f ac 61 51 cc-77 4c 7b ec 91 50 bb 7b/1',
  ])('remains the string %j, declared or dynamic', (text) => {
    expect(decode('string', text)).toBe(text)
    expect(decodeAny('xsd:string', text)).toBe(text)
  })
})

describe('numbers', () => {
  it.each(['byte', 'short', 'int', 'long'])('of type %s accept only decimal digits', (type) => {
    expect(decode(type, '42')).toBe(42)
    expect(decode(type, '-1')).toBe(-1)
    expect(decode(type, '+7')).toBe(7)
    expect(decode(type, '007')).toBe(7)
    for (const text of ['', ' 5', '1e3', '0x10', '1.0', '1,000', 'ten', 'NaN', '٣', '1_000']) {
      expect(() => decode(type, text), text).toThrow(SoapError)
    }
  })

  it('of 64 bits are exact: numbers up to 2^53, bigints beyond', () => {
    expect(decode('long', '9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(decode('long', '9007199254740992')).toBe(9007199254740992n)
    expect(decode('long', '9007199254740993')).toBe(9007199254740993n)
    expect(decode('long', '9223372036854775807')).toBe(2n ** 63n - 1n)
    expect(decode('long', '-9223372036854775808')).toBe(-(2n ** 63n))
    for (const text of ['9223372036854775808', '-9223372036854775809', '99999999999999999999999'])
      expect(() => decode('long', text), text).toThrow(SoapError)
  })

  it('of type int are rejected rather than rounded when no number represents them exactly', () => {
    expect(decode('int', '4294967295')).toBe(4294967295)
    expect(() => decode('int', '9007199254740993')).toThrow(SoapError)
  })

  it('with a fraction accept the notation of XML Schema', () => {
    expect(decode('double', '1.5e3')).toBe(1500)
    expect(decode('float', '.5')).toBe(0.5)
    expect(decode('double', 'INF')).toBe(Number.POSITIVE_INFINITY)
    expect(decode('double', '-INF')).toBe(Number.NEGATIVE_INFINITY)
    expect(decode('double', 'NaN')).toBeNaN()
    for (const text of ['', 'Infinity', '1,5', '0x1', '.'])
      expect(() => decode('double', text), text).toThrow(SoapError)
  })

  it('with a fraction are read in time proportional to their length', () => {
    const start = process.cpuUsage()
    expect(() => decode('double', `${'1'.repeat(300_000)}x`)).toThrow(SoapError)
    expect(decode('double', `1.${'0'.repeat(300_000)}`)).toBe(1)
    expect(decode('double', '1.')).toBe(1)
    expect(cpuMsSince(start)).toBeLessThan(10_000)
  })
})

describe('a boolean', () => {
  it('is true, false, 1 or 0', () => {
    expect(['true', 'false', '1', '0'].map((text) => decode('boolean', text))).toEqual([
      true,
      false,
      true,
      false,
    ])
    for (const text of ['', 'True', 'yes', ' true'])
      expect(() => decode('boolean', text), text).toThrow(SoapError)
  })
})

describe('a dateTime', () => {
  it.each([
    ['2026-11-22T10:33:12Z', '2026-11-22T10:33:12.000Z'],
    ['2026-11-22T10:33:12.3Z', '2026-11-22T10:33:12.300Z'],
    ['2026-11-22T10:33:12.32Z', '2026-11-22T10:33:12.320Z'],
    ['2026-11-22T10:33:12.324Z', '2026-11-22T10:33:12.324Z'],
    ['2026-11-22T10:33:12.324145Z', '2026-11-22T10:33:12.324Z'],
    ['2026-11-22T10:33:12.324145451Z', '2026-11-22T10:33:12.324Z'],
    ['2026-12-31T23:59:59.999999999Z', '2026-12-31T23:59:59.999Z'],
    ['2026-11-22T10:33:12+05:30', '2026-11-22T05:03:12.000Z'],
    ['2026-11-22T10:33:12.5-08:00', '2026-11-22T18:33:12.500Z'],
    ['2026-11-22T10:33:12', '2026-11-22T10:33:12.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ])('accepts %s', (text, iso) => {
    expect((decode('dateTime', text) as Date).toISOString()).toBe(iso)
  })

  it.each(['', 'now', '2026-11-22', '10:33:12Z', '2026-13-01T00:00:00Z', '2026-11-22 10:33:12Z', '12345'])(
    'rejects %j',
    (text) => {
      expect(() => decode('dateTime', text)).toThrow(SoapError)
    },
  )

  it('is written with six digits, as real servers do; an invalid one is rejected', () => {
    expect(encodeElement('v', new Date('2026-11-22T10:33:12.324Z'), 'dateTime')).toBe(
      '<v>2026-11-22T10:33:12.324000Z</v>',
    )
    expect(() => encodeElement('v', new Date(Number.NaN), 'dateTime')).toThrow(SoapError)
  })
})

describe('base64', () => {
  it('decodes to bytes', () => {
    expect(decode('base64Binary', 'AAEC/w==')).toEqual(Uint8Array.of(0, 1, 2, 255))
    expect(decode('base64Binary', '')).toEqual(new Uint8Array())
  })
})

describe('a reference', () => {
  it('has the type of its unprefixed attribute', () => {
    expect(decodeAny('ManagedObjectReference', 'group-d1', 'type="Folder"')).toEqual({
      type: 'Folder',
      value: 'group-d1',
    })
    expect(decode('ManagedObjectReference', 'session[52bb-]5286', 'type="ContainerView"')).toEqual({
      type: 'ContainerView',
      value: 'session[52bb-]5286',
    })
  })

  it('keeps the guid of another vCenter', () => {
    expect(decode('ManagedObjectReference', 'vm-1', 'type="VirtualMachine" serverGuid="g"')).toEqual({
      type: 'VirtualMachine',
      value: 'vm-1',
      serverGuid: 'g',
    })
  })

  it('without a type is rejected', () => {
    expect(() => decode('ManagedObjectReference', 'vm-1')).toThrow(SoapError)
    expect(() => decodeAny('ManagedObjectReference', 'vm-1')).toThrow(SoapError)
  })

  it('is distinct from a data object with the same fields', () => {
    expect(isReference({ type: 'VirtualMachine', value: 'vm-1' })).toBe(true)
    expect(isReference({ _typeName: 'OptionValue', type: 'a', value: 'b' })).toBe(false)
    for (const each of [null, undefined, 'vm-1', [], { type: 'a' }]) expect(isReference(each)).toBe(false)
  })
})

describe('a value of any type', () => {
  it.each([
    ['xsd:boolean', 'true', true],
    ['xsd:int', '5', 5],
    ['xsd:long', '9007199254740993', 9007199254740993n],
    ['VirtualMachinePowerState', 'poweredOn', 'poweredOn'],
    ['VirtualMachinePowerState', 'hibernating', 'hibernating'],
  ])('has the type of its xsi:type %s', (type, text, value) => {
    expect(decodeAny(type, text)).toEqual(value)
  })

  it('is text if its xsi:type is anyType', () => {
    expect(decodeAny('xsd:anyType', 'x')).toBe('x')
    expect(
      decodeAny(
        'ArrayOfAnyType',
        '<anyType xsi:type="xsd:anyType">x</anyType><anyType xsi:type="xsd:int">1</anyType>',
      ),
    ).toEqual(['x', 1])
  })

  it('is its text if its simple type or enumeration is undeclared', () => {
    expect(decodeAny('HostStandbyModeOfTomorrow', 'deep')).toBe('deep')
    expect(decodeAny('xsd:anyURI', 'https://vc/')).toBe('https://vc/')
    expect(
      decodeAny(
        'ArrayOfModeOfTomorrow',
        '<ModeOfTomorrow>a</ModeOfTomorrow><ModeOfTomorrow>b</ModeOfTomorrow>',
      ),
    ).toEqual(['a', 'b'])
  })

  it('keeps only the type name of an undeclared data object', () => {
    expect(decodeAny('VirtualThing', '<key>1</key>')).toEqual({ _typeName: 'VirtualThing' })
  })

  it('is text without a type, or a reference if it has the type attribute of one', () => {
    expect(decode('anyType', '007')).toBe('007')
    expect(decode('anyType', 'vm-1', 'type="VirtualMachine"')).toEqual({
      type: 'VirtualMachine',
      value: 'vm-1',
    })
  })
})

describe('an array as a property value', () => {
  it('decodes the same with xsi:type on its items and without', () => {
    for (const [type, items, value] of [
      ['ArrayOfString', ['<string xsi:type="xsd:string">007</string>', '<string>007</string>'], ['007']],
      ['ArrayOfInt', ['<int xsi:type="xsd:int">7</int>', '<int>7</int>'], [7]],
      ['ArrayOfLong', ['<long xsi:type="xsd:long">7</long>', '<long>7</long>'], [7]],
      ['ArrayOfBoolean', ['<boolean xsi:type="xsd:boolean">true</boolean>', '<boolean>1</boolean>'], [true]],
      [
        'ArrayOfManagedObjectReference',
        [
          '<ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">d-1</ManagedObjectReference>',
          '<ManagedObjectReference type="Datastore">d-1</ManagedObjectReference>',
        ],
        [{ type: 'Datastore', value: 'd-1' }],
      ],
    ] as const) {
      for (const item of items) expect(decodeAny(type, item), item).toEqual(value)
    }
  })

  it('is empty without items, also with white space', () => {
    expect(decodeAny('ArrayOfManagedObjectReference', '')).toEqual([])
    expect(decodeAny('ArrayOfString', '\n  \n')).toEqual([])
  })

  it('decodes an item of an unknown type as the element type of the array', () => {
    expect(
      decodeAny(
        'ArrayOfVirtualDevice',
        '<VirtualDevice xsi:type="VirtualDisk"><key>2000</key><capacityInKB>1</capacityInKB></VirtualDevice><VirtualDevice xsi:type="VirtualQuantumLink"><key>9000</key><spin>up</spin></VirtualDevice>',
      ),
    ).toEqual([
      { _typeName: 'VirtualDisk', key: 2000, capacityInKB: 1 },
      { _typeName: 'VirtualQuantumLink', key: 9000 },
    ])
  })

  it('is written with a type on each item, as real servers do', () => {
    expect(encodeAny(typed('string*', ['a']))).toBe(
      '<v xsi:type="ArrayOfString"><string xsi:type="xsd:string">a</string></v>',
    )
    expect(encodeAny(typed('ManagedObjectReference*', []))).toBe(
      '<v xsi:type="ArrayOfManagedObjectReference"></v>',
    )
  })
})

describe('a data object', () => {
  it('decodes a repeatable field as an array, even with one item', () => {
    expect(
      decode(
        'UpdateSet',
        '<version>1</version><filterSet><filter type="PropertyFilter">f</filter></filterSet>',
      ),
    ).toMatchObject({ filterSet: [{ filter: { value: 'f' } }] })
    expect(decodeField(element('<a>1</a>'), { name: 'a', ...parseTypeExpression('int*') })).toEqual([1])
    expect(decodeField(element(''), { name: 'a', ...parseTypeExpression('int*') })).toEqual([])
  })

  it('skips undeclared fields, and names that every object inherits', () => {
    const decoded = decode(
      'AboutInfo',
      '<name>a</name><toMorrow>x</toMorrow><isPrototypeOf>y</isPrototypeOf><_typeName>Other</_typeName>',
    )
    expect(decoded).toEqual({ _typeName: 'AboutInfo', name: 'a' })
    expect(Object.hasOwn(decoded as object, 'isPrototypeOf')).toBe(false)
  })

  it('has its dynamic type; an undeclared one decodes as the declared type', () => {
    expect(
      decode('VirtualDevice', '<key>1</key><capacityInKB>5</capacityInKB>', 'xsi:type="VirtualDisk"'),
    ).toEqual({
      _typeName: 'VirtualDisk',
      key: 1,
      capacityInKB: 5,
    })
    expect(decode('VirtualDevice', '<key>1</key>', 'xsi:type="VirtualThing"')).toEqual({
      _typeName: 'VirtualThing',
      key: 1,
    })
  })

  it('of a dynamic type that is not a subtype is rejected', () => {
    expect(() => decode('VirtualDevice', '', 'xsi:type="AboutInfo"')).toThrow(SoapError)
  })

  it('is written in the order of the WSDL, base types first, whatever the order in the object', () => {
    expect(
      encodeElement(
        's',
        { skip: false, path: 'view', type: 'ListView', name: 'n', _typeName: 'TraversalSpec' },
        'SelectionSpec',
      ),
    ).toBe(
      '<s xsi:type="TraversalSpec"><name>n</name><type>ListView</type><path>view</path><skip>false</skip></s>',
    )
  })

  it('of an undeclared type cannot be written', () => {
    expect(() => encodeElement('v', { _typeName: 'VirtualThing' }, 'VirtualDevice')).toThrow(SoapError)
    expect(() => encodeAny({})).toThrow(SoapError)
    expect(() => encodeAny([1])).toThrow(SoapError)
  })
})

describe('writing', () => {
  it('omits undefined and null', () => {
    expect(encodeField({ name: 'a', ...parseTypeExpression('string?') }, undefined)).toBe('')
    expect(encodeField({ name: 'a', ...parseTypeExpression('string?') }, null)).toBe('')
    expect(encodeField({ name: 'a', ...parseTypeExpression('string*') }, [])).toBe('')
  })

  it('gives a number the smallest type that holds it', () => {
    expect(encodeAny(5)).toContain('xsd:int')
    expect(encodeAny(2 ** 31 - 1)).toContain('xsd:int')
    expect(encodeAny(2 ** 31)).toContain('xsd:long')
    expect(encodeAny(-(2 ** 31) - 1)).toContain('xsd:long')
    expect(encodeAny(2n ** 60n)).toContain('xsd:long')
    expect(encodeAny(1e300)).toContain('xsd:double')
    expect(encodeAny(0.5)).toContain('xsd:double')
  })

  it('rejects characters that XML cannot represent, in any position', () => {
    for (const value of [
      { _typeName: 'AboutInfo', name: 'a\0' },
      { _typeName: 'ManagedByInfo', extensionKey: '\ud800' },
    ]) {
      if (dataObjectNames.includes(value._typeName))
        expect(() => encodeElement('v', value, value._typeName)).toThrow(SoapError)
    }
    expect(() => encodeElement('v', { type: 'Fol\u0001der', value: 'a' }, 'ManagedObjectReference')).toThrow(
      SoapError,
    )
  })

  it('escapes values so that they stay within their element or attribute', () => {
    const reference = { type: '"><x a="', value: '</v><x>', serverGuid: '"' }
    expect(roundTrip('ManagedObjectReference', reference)).toEqual(reference)
  })
})

describe('a written value', () => {
  it.each(dataObjectNames)('decodes to the original: %s', (name) => {
    fc.assert(
      fc.property(object(name), (value) => {
        expect(roundTrip(name, value)).toEqual(value)
      }),
      { seed: 1, numRuns: 12 },
    )
  })

  it('decodes to the original in a field of any type', () => {
    fc.assert(
      fc.property(declaredValue('anyType'), (value) => {
        expect(roundTrip('anyType', value)).toEqual(value)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('decodes to the original in arrays of any declared type', () => {
    const arrays = fc
      .constantFrom(...dataObjectNames, 'string', 'int', 'long', 'boolean', 'ManagedObjectReference')
      .chain((type) => fc.tuple(fc.constant(type), fc.array(declaredValue(type, 2), { maxLength: 3 })))
    fc.assert(
      fc.property(arrays, ([type, items]) => {
        expect(decodeElement(parseXml(encodeAny(typed(`${type}*`, items))), 'anyType')).toEqual(items)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('an unreadable value', () => {
  const property = (name: string, val: string) => `<propSet><name>${name}</name>${val}</propSet>`
  const content = (...properties: string[]) =>
    decodeElement(
      parseXml(
        `<objects xmlns:xsi="i" xmlns:xsd="d"><obj type="VirtualMachine">vm-1</obj>${properties.join('')}</objects>`,
      ),
      'ObjectContent',
    ) as { propSet: { name: string; val: unknown }[] }

  it.each([
    ['<val xsi:type="xsd:int">12x</val>'],
    [
      '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk"><key>x</key></VirtualDevice></val>',
    ],
    [
      '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="TaskInfo"><key>1</key></VirtualDevice></val>',
    ],
  ])('is an error of its property alone: %s', (bad) => {
    const { propSet } = content(property('a', bad), property('name', '<val xsi:type="xsd:string">007</val>'))
    expect(propSet[0]?.val).toBeInstanceOf(SoapError)
    expect(propSet[1]).toMatchObject({ name: 'name', val: '007' })
  })

  it('is an error of the whole response outside of a property', () => {
    expect(() =>
      decodeElement(parseXml('<a><startOffset>0</startOffset><length>x</length></a>'), 'DiskChangeInfo'),
    ).toThrowError(SoapError)
  })
})
