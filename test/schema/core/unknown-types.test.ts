// Tests objects of types that only newer servers have: the properties they share with declared types are
// read.

import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'

function start(rewrite: (text: string) => string) {
  const gateway = startGateway({ wrap: rewriting(rewrite) })
  onTestFinished(() => gateway.close())
  return gateway
}

const query = `{ virtualMachine(by: { name: "web-01" }) {
  disks { changeId backing { type fileName diskMode thinProvisioned datastore { name } } uuid }
  snapshots { disks { uuid changeId allocatedAreas(first: 10) { nodes { start length } } } }
} }`

test('reads uuid, file, datastore and changeId of a disk backing of an unknown type', async () => {
  const known = await start((text) => text).execute(query)
  const unknown = await start((text) =>
    text.replaceAll('xsi:type="VirtualDiskFlatVer2BackingInfo"', 'xsi:type="VirtualDiskFlatVer9BackingInfo"'),
  ).execute(query)
  expect(known.errors).toBeUndefined()
  const [disk] = known.data.virtualMachine.disks
  expect(disk).toMatchObject({
    uuid: expect.any(String),
    changeId: expect.any(String),
    backing: { fileName: expect.any(String), datastore: { name: expect.any(String) } },
  })
  const text = JSON.stringify(known).replaceAll('FlatVer2BackingInfo', 'FlatVer9BackingInfo')
  expect(unknown).toEqual(JSON.parse(text))
})

test('reads the shared bus of a controller of an unknown type', async () => {
  const bus = `{ virtualMachine(by: { name: "rac-01" }) { changeTracking { reasons { code } } } }`
  const notShared = (text: string) => text.replaceAll('>sharingMultiWriter<', '>sharingNone<')
  const known = await start(notShared).execute(bus)
  const unknown = await start((text) =>
    notShared(text).replaceAll('xsi:type="ParaVirtualSCSIController"', 'xsi:type="QuantumSCSIController"'),
  ).execute(bus)
  expect(known.errors).toBeUndefined()
  expect(JSON.stringify(known)).toContain('SHARED')
  expect(unknown).toEqual(known)
})
