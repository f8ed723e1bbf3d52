// Tests one QueryChangedDiskAreas call: its window is reported before its areas, and an incomplete response fails.

import { describe, expect, it } from 'vitest'
import { SoapError } from '../../../src/soap/soap-error.ts'
import type { WindowBounds } from '../../../src/vim25/changed-disk-areas/changed-disk-areas.ts'
import { queryChangedDiskAreas } from '../../../src/vim25/changed-disk-areas/query-changed-disk-areas.ts'
import { createSoapClient } from '../../../src/vim25/session/soap-client.ts'
import { scripted } from '../scripted.ts'

const area = '<changedArea><start>5</start><length>2</length></changedArea>'
const bounds = '<startOffset>0</startOffset><length>9</length>'
const envelope = (content: string) =>
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  `<QueryChangedDiskAreasResponse xmlns="urn:vim25"><returnval>${content}</returnval></QueryChangedDiskAreasResponse>` +
  '</soapenv:Body></soapenv:Envelope>'

/** Sends the query to a server that returns this response. */
function query(text: string, onBounds: (bounds: WindowBounds) => void = () => {}) {
  const client = createSoapClient(scripted(text), { version: '8.0', path: '/sdk' })
  const vm = { type: 'VirtualMachine', value: 'vm-1' }
  return queryChangedDiskAreas(client, vm, { deviceKey: 2000, startOffset: 0, changeId: '*' }, {}, onBounds)
}

describe('one QueryChangedDiskAreas call', () => {
  it('reports its window once, and delivers its areas', async () => {
    const reported: WindowBounds[] = []
    const info = await query(envelope(bounds + area + area), (each) => reported.push(each))
    expect(info).toMatchObject({
      startOffset: 0,
      length: 9,
      changedArea: Array(2).fill({ start: 5, length: 2 }),
    })
    expect(reported).toMatchObject([{ startOffset: 0, length: 9 }])
    expect(await query(envelope(bounds))).toEqual({ startOffset: 0, length: 9, changedArea: [] })
  })

  it.each([
    ['does not report its window', envelope(area)],
    ['reports only the start of its window', envelope(`<startOffset>0</startOffset>${area}`)],
    ['reports its window twice', envelope(bounds + area + bounds)],
    ['is cut after an area', envelope(bounds + area).replace(/<\/returnval>.*/, '')],
    [
      'is cut within an area',
      envelope(bounds + area + area).replace(/2<\/length><\/changedArea><\/returnval>.*/, ''),
    ],
  ])('fails when its response %s', async (_what, text) => {
    await expect(query(text)).rejects.toThrow(SoapError)
  })

  it('stops reading when the reported window is rejected', async () => {
    const rejection = new Error('another window')
    const rejectWindow = () => {
      throw rejection
    }
    await expect(query(envelope(bounds + area), rejectWindow)).rejects.toBe(rejection)
  })
})
