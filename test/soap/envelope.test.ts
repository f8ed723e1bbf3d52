// Envelopes: responses of real vCenters and of vcsim, all forms of faults, and invalid bodies.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faults } from '../../src/soap/declarations/faults.ts'
import { methods } from '../../src/soap/declarations/methods.ts'
import {
  decodeRequest,
  encodeFault,
  encodeReply,
  encodeRequest,
  type MethodName,
} from '../../src/soap/envelope.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { isSubtype, parseTypeExpression } from '../../src/soap/type-registry.ts'
import { declaredValue, object, reference, xmlText } from './declared-values.ts'
import { decodeReply } from './decode-reply.ts'
import {
  fault,
  reply,
  vcenter,
  vcenterRetrieval,
  vcsim,
  vcsimRetrieval,
  vcsimTaskUpdate,
} from './fixtures.ts'

const faultOf = (text: string, method: MethodName = 'Login') => {
  const decoded = decodeReply(method, text)
  if (!('fault' in decoded)) throw new Error('it is no fault')
  return decoded.fault
}
const resultOf = (method: MethodName, text: string): unknown => {
  const decoded = decodeReply(method, text)
  if (!('result' in decoded)) throw new Error('it is a fault')
  return decoded.result
}

describe('a response', () => {
  const properties = (text: string) => {
    const result = resultOf('RetrievePropertiesEx', text) as {
      objects: { propSet: { name: string; val: unknown }[] }[]
    }
    return Object.fromEntries(result.objects[0]?.propSet.map(({ name, val }) => [name, val]) ?? [])
  }

  it('of a vCenter is decoded by its types', () => {
    expect(properties(vcenterRetrieval)).toEqual({
      name: '007',
      'runtime.powerState': 'poweredOn',
      resourcePool: { type: 'ResourcePool', value: 'resgroup-10' },
      datastore: [{ type: 'Datastore', value: 'datastore-17' }],
      disabledMethod: ['1e3', 'true'],
      recentTask: [],
    })
    expect(resultOf('RetrievePropertiesEx', vcenterRetrieval)).toMatchObject({
      token: 't-1',
      objects: [
        {
          missingSet: [
            {
              path: 'config',
              fault: {
                fault: {
                  _typeName: 'NoPermission',
                  object: { type: 'VirtualMachine', value: 'vm-62' },
                  privilegeId: 'System.Read',
                },
                localizedMessage: 'Permission denied.',
              },
            },
          ],
        },
      ],
    })
  })

  it('of vcsim is decoded the same', () => {
    const { 'config.hardware.device': devices, ...others } = properties(vcsimRetrieval)
    const { recentTask: _, ...same } = properties(vcenterRetrieval)
    expect(others).toEqual(same)
    expect(devices).toMatchObject([
      {
        _typeName: 'VirtualDisk',
        key: 204,
        deviceInfo: { _typeName: 'Description', label: 'disk-202-0' },
        backing: { _typeName: 'VirtualDiskFlatVer2BackingInfo', datastore: { value: 'datastore-59' } },
        capacityInBytes: 10737418240,
      },
    ])
  })

  it('contains a task with its result', () => {
    expect(resultOf('WaitForUpdatesEx', vcsimTaskUpdate)).toMatchObject({
      version: '-',
      filterSet: [
        {
          objectSet: [
            {
              kind: 'modify',
              obj: { type: 'Task', value: 'task-73' },
              changeSet: [
                {
                  val: {
                    _typeName: 'TaskInfo',
                    state: 'success',
                    result: { type: 'VirtualMachineSnapshot', value: 'snapshot-74' },
                    reason: { _typeName: 'TaskReasonUser', userName: 'vcsim' },
                    queueTime: new Date('2026-11-22T10:31:50.288Z'),
                  },
                },
              ],
            },
          ],
        },
      ],
    })
  })

  it('is decoded with any prefixes, and without prefixes', () => {
    for (const text of [
      '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><CurrentTimeResponse xmlns="urn:vim25"><returnval>2026-01-01T00:00:00Z</returnval></CurrentTimeResponse></Body></Envelope>',
      '<S:Envelope xmlns:S="u"><S:Header><x/></S:Header>\n<S:Body>\n<v:CurrentTimeResponse xmlns:v="urn:vim25">\n<v:returnval>2026-01-01T00:00:00Z</v:returnval></v:CurrentTimeResponse></S:Body></S:Envelope>',
    ]) {
      expect(resultOf('CurrentTime', text)).toEqual(new Date('2026-01-01T00:00:00Z'))
    }
  })

  it('without a returnval is undefined or an empty array if that is allowed', () => {
    expect(resultOf('Logout', vcenter(reply('Logout', '')))).toBeUndefined()
    expect(resultOf('RetrievePropertiesEx', vcenter(reply('RetrievePropertiesEx', '')))).toBeUndefined()
    expect(resultOf('WaitForUpdatesEx', vcenter(reply('WaitForUpdatesEx', '')))).toBeUndefined()
    expect(resultOf('FindAllByUuid', vcenter(reply('FindAllByUuid', '')))).toEqual([])
    expect(
      resultOf('RetrievePropertiesEx', vcsim(reply('RetrievePropertiesEx', '<returnval></returnval>'))),
    ).toEqual({
      _typeName: 'RetrieveResult',
    })
  })

  it.each([
    'CreateSnapshot_Task',
    'QueryChangedDiskAreas',
    'Login',
    'CreateContainerView',
    'SessionIsActive',
  ] as const)('to %s without a returnval is invalid', (method) => {
    expect(() => decodeReply(method, vcenter(reply(method, '')))).toThrow(SoapError)
  })
})

describe('a fault', () => {
  const detail = (type: string, inner: string) =>
    `<detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}">${inner}</${type}Fault></detail>`

  it('has its message and its detail by type', () => {
    expect(
      faultOf(
        vcenter(
          fault(
            'Cannot complete login due to an incorrect user name or password.',
            detail('InvalidLogin', ''),
          ),
        ),
      ),
    ).toEqual({
      faultcode: 'ServerFaultCode',
      faultstring: 'Cannot complete login due to an incorrect user name or password.',
      detail: { _typeName: 'InvalidLogin' },
    })
    expect(
      faultOf(vcenter(fault('', detail('ManagedObjectNotFound', '<obj type="VirtualMachine">vm-9999</obj>'))))
        .detail,
    ).toEqual({ _typeName: 'ManagedObjectNotFound', obj: { type: 'VirtualMachine', value: 'vm-9999' } })
  })

  it('of vcsim, with its own prefix, is decoded the same', () => {
    expect(
      faultOf(vcsim(fault('', detail('InvalidProperty', '<name>datastoreFolder</name>')))).detail,
    ).toEqual({ _typeName: 'InvalidProperty', name: 'datastoreFolder' })
  })

  it('of an undeclared type keeps its name, its causes and its messages', () => {
    expect(
      faultOf(
        vcenter(
          fault(
            '',
            detail(
              'DiskTurnedToStone',
              '<faultCause><fault xsi:type="NoDiskSpace"><file>a.vmdk</file><datastore>ds</datastore></fault><localizedMessage>full</localizedMessage></faultCause>' +
                '<faultMessage><key>msg.a</key><arg><key>1</key><value xsi:type="xsd:string">007</value></arg><message>No space</message></faultMessage>' +
                '<faultMessage><key>msg.b</key></faultMessage><age>5</age>',
            ),
          ),
        ),
      ).detail,
    ).toEqual({
      _typeName: 'DiskTurnedToStone',
      faultCause: {
        _typeName: 'LocalizedMethodFault',
        fault: { _typeName: 'NoDiskSpace', file: 'a.vmdk', datastore: 'ds' },
        localizedMessage: 'full',
      },
      faultMessage: [
        {
          _typeName: 'LocalizableMessage',
          key: 'msg.a',
          arg: [{ _typeName: 'KeyAnyValue', key: '1', value: '007' }],
          message: 'No space',
        },
        { _typeName: 'LocalizableMessage', key: 'msg.b' },
      ],
    })
  })

  it('without an xsi:type has the name of its element', () => {
    expect(faultOf(vcenter(fault('', '<detail><NotFoundFault xmlns="urn:vim25"/></detail>'))).detail).toEqual(
      {
        _typeName: 'NotFound',
      },
    )
  })

  it.each([
    ['no detail', ''],
    ['an empty detail', '<detail/>'],
    ['a detail of white space', '<detail>\n</detail>'],
    ['text for a detail', '<detail>java.lang.NullPointerException</detail>'],
  ])('with %s is still a fault', (_, inner) => {
    expect(faultOf(vcenter(fault('Unable to resolve WS-Addressing', inner)))).toEqual({
      faultcode: 'ServerFaultCode',
      faultstring: 'Unable to resolve WS-Addressing',
      detail: undefined,
    })
  })

  it('without text has an empty message', () => {
    expect(faultOf(vcenter('<soapenv:Fault/>'))).toEqual({
      faultcode: '',
      faultstring: '',
      detail: undefined,
    })
  })

  it('whose detail is not a fault is rejected', () => {
    expect(() => faultOf(vcenter(fault('', detail('AboutInfo', ''))))).toThrow(SoapError)
  })

  describe('a written fault', () => {
    it.each(Object.keys(faults).filter((name) => isSubtype(name, 'MethodFault')))(
      'decodes to the original: %s',
      (name) => {
        fc.assert(
          fc.property(xmlText, object(name), (text, value) => {
            expect(faultOf(encodeFault(text, value as { _typeName: string }))).toEqual({
              faultcode: 'ServerFaultCode',
              faultstring: text,
              detail: value,
            })
          }),
          { seed: 1, numRuns: 10 },
        )
      },
    )

    it('keeps the name of an undeclared type, and the fields that all faults have', () => {
      const value = {
        _typeName: 'DiskTurnedToStone',
        faultCause: {
          _typeName: 'LocalizedMethodFault',
          fault: { _typeName: 'MethodFault' },
          localizedMessage: 'm',
        },
        faultMessage: [{ _typeName: 'LocalizableMessage', key: 'k', message: 'xsi:type="MethodFault"' }],
      }
      expect(faultOf(encodeFault('', value)).detail).toEqual(value)
    })

    it.each(['a"b', '$&', "$'", 'a b', '', '<x>', '1'])('rejects the name %j', (_typeName) => {
      expect(() => encodeFault('', { _typeName })).toThrow(SoapError)
    })
  })
})

describe('the decoder', () => {
  it.each([
    ['an empty body', ''],
    [
      'an HTML page',
      '<html><head><title>503</title></head><body><h1>503 Service Unavailable</h1></body></html>',
    ],
    ['an HTML page that calls its body Body', '<html><Body><LogoutResponse/></Body></html>'],
    ['an envelope without a body', '<Envelope></Envelope>'],
    ['an envelope with an empty body', '<Envelope><Body></Body></Envelope>'],
    ['a response to another method', vcenter(reply('Login', ''))],
    ['the request itself', encodeRequest('Logout', { type: 'SessionManager', value: 'SessionManager' }, {})],
    ['text in the body', vcenter('upstream request timeout')],
  ])('rejects %s', (_, text) => {
    expect(() => decodeReply('Logout', text)).toThrow(SoapError)
  })

  it('rejects a truncated body, wherever it is cut', () => {
    const complete = vcenter(
      reply(
        'QueryChangedDiskAreas',
        '<returnval><startOffset>0</startOffset><length>2147483648</length><changedArea><start>0</start><length>1048576</length></changedArea></returnval>',
      ),
    )
    expect(resultOf('QueryChangedDiskAreas', complete)).toMatchObject({ length: 2147483648 })
    for (let end = 0; end < complete.length; end += 1)
      expect(() => decodeReply('QueryChangedDiskAreas', complete.slice(0, end)), `cut at ${end}`).toThrow(
        SoapError,
      )
  })

  it('decodes or rejects any mutation of a valid body without other effects', () => {
    const bodies = [
      ['RetrievePropertiesEx', vcenterRetrieval],
      ['RetrievePropertiesEx', vcsimRetrieval],
      ['WaitForUpdatesEx', vcsimTaskUpdate],
      ['Login', vcenter(fault('x', '<detail><NotFoundFault xsi:type="NotFound"/></detail>'))],
    ] as const
    const put = fc.constantFrom(
      '',
      '<',
      '>',
      '&',
      '"',
      '/',
      'x',
      '0',
      '\0',
      'ArrayOf',
      '__proto__',
      'constructor',
      '<a/>',
      'xsi:type="xsd:anyType"',
      'type="ArrayOfAnyType"',
      '&#0;',
      'toString',
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...bodies),
        fc.array(fc.tuple(fc.nat(), fc.nat(12), put), { minLength: 1, maxLength: 4 }),
        ([method, body], changes) => {
          let text: string = body
          for (const [at, removed, instead] of changes) {
            const from = at % text.length
            text = text.slice(0, from) + instead + text.slice(from + removed)
          }
          try {
            decodeReply(method, text)
          } catch (error) {
            expect(error, text).toBeInstanceOf(SoapError)
          }
        },
      ),
      { seed: 1, numRuns: 5000 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('decodes or rejects a body with swapped types', () => {
    const types = [
      'xsd:anyType',
      'anyType',
      'ArrayOfAnyType',
      'ArrayOf',
      '',
      'xsd:',
      'ManagedObjectReference',
      'VirtualDisk',
      'constructor',
      '__proto__',
      'xsd:long',
      'xsd:dateTime',
      'TaskInfo',
      'Unknown',
    ]
    for (const type of types) {
      for (const text of [vcenterRetrieval, vcsimRetrieval]) {
        for (const exchanged of [
          text.replaceAll(/(:type)="[^"]*"/g, `$1="${type}"`),
          ...[...text.matchAll(/:type="([^"]*)"/g)].map(
            ({ index }) =>
              text.slice(0, index) + text.slice(index).replace(/:type="[^"]*"/, `:type="${type}"`),
          ),
        ]) {
          try {
            decodeReply('RetrievePropertiesEx', exchanged)
          } catch (error) {
            expect(error, exchanged).toBeInstanceOf(SoapError)
          }
        }
      }
    }
  })
})

describe('a request', () => {
  it('has the object first, then the arguments in the order of the WSDL', () => {
    expect(
      encodeRequest(
        'CreateSnapshot_Task',
        { type: 'VirtualMachine', value: 'vm-62' },
        { quiesce: false, memory: true, name: '007' },
      ),
    ).toContain(
      '<CreateSnapshot_Task xmlns="urn:vim25"><_this type="VirtualMachine">vm-62</_this><name>007</name><memory>true</memory><quiesce>false</quiesce></CreateSnapshot_Task>',
    )
  })

  it('for an undeclared method is decoded without its arguments', () => {
    expect(
      decodeRequest(
        vcenter(
          '<Explode xmlns="urn:vim25"><_this type="Folder" versionId="8.0.2.0">group-d1</_this><when>now</when></Explode>',
        ),
      ),
    ).toEqual({
      method: 'Explode',
      self: { type: 'Folder', value: 'group-d1' },
      args: {},
    })
  })

  it.each(['constructor', 'toString', '__proto__'])('called %s is invalid or unknown', (name) => {
    try {
      expect(decodeRequest(vcenter(`<${name}><_this type="Folder">f</_this></${name}>`)).args).toEqual({})
    } catch (error) {
      expect(error).toBeInstanceOf(SoapError)
    }
  })

  it('without an object is rejected', () => {
    expect(() => decodeRequest(vcenter('<Login/>'))).toThrow(SoapError)
    expect(() => decodeRequest(vcenter(''))).toThrow(SoapError)
    expect(() => decodeRequest(vcenter('<Login><_this>SessionManager</_this></Login>'))).toThrow(SoapError)
  })

  it.each(Object.keys(methods) as MethodName[])(
    'decodes to the original, and so does its response: %s',
    (method) => {
      const { params, returns } = methods[method] as { params: Record<string, string>; returns: string }
      const valueOfExpression = (expression: string): fc.Arbitrary<unknown> => {
        const { type, repeated } = parseTypeExpression(expression)
        return repeated ? fc.array(declaredValue(type, 2), { maxLength: 3 }) : declaredValue(type, 2)
      }
      const args = fc.record(
        Object.fromEntries(
          Object.entries(params).map(([name, expression]) => [name, valueOfExpression(expression)]),
        ),
        {
          requiredKeys: Object.keys(params).filter((name) => !params[name]?.endsWith('?')),
          noNullPrototype: true,
        },
      )
      const result = returns === 'void' ? fc.constant(undefined) : valueOfExpression(returns)
      fc.assert(
        fc.property(reference, args, result, (self, given, returned) => {
          expect(decodeRequest(encodeRequest(method, self, given as never))).toEqual({
            method,
            self,
            args: given,
          })
          expect(resultOf(method, encodeReply(method, returned))).toEqual(returned)
        }),
        { seed: 1, numRuns: 10 },
      )
    },
  )
})
