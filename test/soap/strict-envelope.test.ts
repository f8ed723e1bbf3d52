// A SOAP response must have exactly one result or one fault and nothing beside it.

import { describe, expect, it } from 'vitest'
import { encodeFault, encodeReply, type MethodName } from '../../src/soap/envelope.ts'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'
import { SoapError } from '../../src/soap/soap-error.ts'
import { soapEnvelope } from '../soap-proxy.ts'
import { decodeReply } from './decode-reply.ts'

const area = (start: number) => `<changedArea><start>${start}</start><length>65536</length></changedArea>`
const areas = area(0) + area(131_072)
const result = (content: string) =>
  `<returnval><startOffset>0</startOffset><length>1048576</length>${content}</returnval>`
const response = (content: string) =>
  `<QueryChangedDiskAreasResponse xmlns="urn:vim25">${content}</QueryChangedDiskAreasResponse>`
const fault =
  '<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail>' +
  '<FileFaultFault xmlns="urn:vim25" xsi:type="FileFault"><file>x</file></FileFaultFault></detail></soapenv:Fault>'

function read(method: MethodName, text: string): { readonly reply: unknown; readonly received: number } {
  let received = 0
  const reader = createReplyReader(
    method,
    new Map([
      [
        'changedArea',
        () => {
          received += 1
        },
      ],
    ]),
  )
  reader.write(text)
  return { reply: reader.end(), received }
}

/** Both decoders: of the whole text, and streaming. */
function expectRejected(method: MethodName, text: string): void {
  expect(() => read(method, text)).toThrow(SoapError)
  expect(() => decodeReply(method, text)).toThrow(SoapError)
}

describe('a SOAP response', () => {
  it.each([
    ['one result', soapEnvelope(response(result(areas))), 2],
    [
      'a header before its body',
      soapEnvelope(response(result(areas))).replace(
        '<soapenv:Body>',
        '<soapenv:Header><a>text</a></soapenv:Header>$&',
      ),
      2,
    ],
    [
      'white space and comments around its elements',
      soapEnvelope(`\n<!-- a -->${response(`\n ${result(areas)} \n`)}\n `),
      2,
    ],
    [
      'a plain field that a newer server has',
      soapEnvelope(response(result(`<extra>1</extra>${areas.replace('<start>', '<x>1</x><start>')}`))),
      2,
    ],
  ])('with %s is accepted', (_, text, count) => {
    expect(read('QueryChangedDiskAreas', text)).toMatchObject({ reply: { result: {} }, received: count })
  })

  it.each([
    ['a result and then a fault', soapEnvelope(response(result(areas)) + fault)],
    ['an unknown element in a map', soapEnvelope(response(result(`<extra>${area(5)}</extra>${areas}`)))],
    [
      'an area in an element of another name',
      soapEnvelope(response(result(areas.replaceAll('changedArea>', 'changedAreas>')))),
    ],
    [
      'an area inside another area',
      soapEnvelope(response(result(areas.replace('<start>', `<x>${area(5)}</x><start>`)))),
    ],
    [
      'an area that is escaped',
      soapEnvelope(response(result(area(0).replaceAll('<', '&lt;') + area(131_072)))),
    ],
    ['an area in CDATA', soapEnvelope(response(result(`${area(0)}<![CDATA[${area(131_072)}]]>`)))],
    ['text in an area', soapEnvelope(response(result(areas.replace('</length>', '</length>lost'))))],
    ['a fault and then a result', soapEnvelope(fault + response(result(areas)))],
    ['two responses', soapEnvelope(response(result(area(0))) + response(result(area(131_072))))],
    ['two results in one response', soapEnvelope(response(result(area(0)) + result(area(131_072))))],
    ['two faults', soapEnvelope(fault + fault)],
    ['a fault in the response', soapEnvelope(response(result(areas) + fault))],
    ['a fault instead of the result', soapEnvelope(response(fault))],
    ['a fault in the result', soapEnvelope(response(result(areas + fault)))],
    ['areas beside the result', soapEnvelope(response(result(areas) + areas))],
    ['areas before the result', soapEnvelope(response(areas + result(areas)))],
    ['areas behind the response', soapEnvelope(response(result(areas)) + areas)],
    ['text beside the result', soapEnvelope(response(`${result(areas)}upstream error`))],
    ['text behind the response', soapEnvelope(`${response(result(areas))}upstream error`)],
    ['another element beside the result', soapEnvelope(response(`${result(areas)}<warning/>`))],
    ['another element behind the response', soapEnvelope(`${response(result(areas))}<warning/>`)],
    ['two bodies', soapEnvelope(response(result(areas))).replace('</soapenv:Body>', '$&<soapenv:Body/>')],
    [
      'an element behind the body',
      soapEnvelope(response(result(areas))).replace('</soapenv:Body>', '$&<extra/>'),
    ],
    [
      'a second envelope',
      soapEnvelope(response(result(areas))) + soapEnvelope(fault).replace(/^<\?.*\n/, ''),
    ],
    ['an empty body', soapEnvelope('')],
    ['a fault with two details', soapEnvelope(fault.replace(/<detail>.*<\/detail>/s, '$&$&'))],
    ['a fault of two types', soapEnvelope(fault.replace(/<FileFaultFault.*<\/FileFaultFault>/s, '$&$&'))],
    ['a fault with two faultstrings', soapEnvelope(fault.replace(/<faultstring>.*<\/faultstring>/s, '$&$&'))],
    ['a result in a fault', soapEnvelope(fault.replace('<detail>', `${result(areas)}<detail>`))],
  ])('with %s is rejected', (_, text) => {
    expectRejected('QueryChangedDiskAreas', text)
  })

  it('of a method without a result is rejected when it has one', () => {
    expect(decodeReply('Logout', encodeReply('Logout', undefined))).toEqual({ result: undefined })
    expectRejected(
      'Logout',
      soapEnvelope('<LogoutResponse xmlns="urn:vim25"><returnval>true</returnval></LogoutResponse>'),
    )
  })

  it('with a fault that has an actor and no detail is that fault', () => {
    const text = soapEnvelope(
      '<soapenv:Fault><faultcode>c</faultcode><faultstring>s</faultstring><faultactor>urn:a</faultactor></soapenv:Fault>',
    )
    expect(decodeReply('Logout', text)).toEqual({
      fault: { faultcode: 'c', faultstring: 's', detail: undefined },
    })
    expect(decodeReply('Logout', encodeFault('', { _typeName: 'NotFound' }))).toMatchObject({ fault: {} })
  })
})
