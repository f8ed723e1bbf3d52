// Tests the controllers of disks and the new facts of their backings: values, unset values, undeclared types, and filters.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'
import { execute } from '../call-budget.ts'

const controller = 'controller { key label type busNumber sharedBus }'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

interface Disk {
  readonly label: string
  readonly [field: string]: unknown
}

async function disksOf(name: string, selection: string, filter = '{}', server = gateway): Promise<Disk[]> {
  const { data, errors } = await server.execute(
    `query ($name: String!) { virtualMachine(by: { name: $name }) { disks(filter: ${filter}) { label ${selection} } } }`,
    { name },
  )
  expect(errors).toBeUndefined()
  return data.virtualMachine.disks
}

/** Rewrites the responses of a gateway until the end of the test. */
function rewritten(rewrite: (text: string) => string): TestGateway {
  const server = startGateway({ wrap: rewriting(rewrite) })
  onTestFinished(() => server.close())
  return server
}

const scsi0 = {
  key: 1000,
  label: 'SCSI controller 0',
  type: 'PARAVIRTUAL_SCSI',
  busNumber: 0,
  sharedBus: 'NONE',
}

describe('the controller of a disk', () => {
  it('has its type, its bus number and whether the bus is shared', async () => {
    expect(await disksOf('rac-01', controller)).toEqual([
      { label: 'Hard disk 1', controller: scsi0 },
      {
        label: 'Hard disk 2',
        controller: { ...scsi0, key: 1001, label: 'SCSI controller 1', busNumber: 1, sharedBus: 'PHYSICAL' },
      },
    ])
    expect(await disksOf('erp-01', 'controller { type }')).toMatchObject([
      { controller: { type: 'LSI_LOGIC_SAS' } },
      { controller: { type: 'LSI_LOGIC_SAS' } },
    ])
    expect(await disksOf('scada-nt4', 'controller { type }')).toMatchObject([
      { controller: { type: 'BUS_LOGIC' } },
    ])
  })

  it('is that at the time of the snapshot for a frozen disk', async () => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachine(by: { name: "web-01" }) { snapshots { disks { ${controller} } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.snapshots[0].disks).toEqual([{ controller: scsi0 }])
  })

  it('is read in the retrieval of the disks', async () => {
    const { requested } = await execute(
      gateway,
      `{ virtualMachines(first: 1000) { nodes { disks { ${controller} } } } }`,
    )
    expect(requested.filter((line: string) => line.startsWith('RetrievePropertiesEx')).length).toBeLessThan(3)
  })

  it.each([
    ['VirtualIDEController', 'IDE', null],
    ['VirtualSATAController', 'SATA', null],
    ['VirtualAHCIController', 'SATA', null],
    ['VirtualLsiLogicController', 'LSI_LOGIC', 'NONE'],
    ['VirtualSCSIController', 'OTHER', 'NONE'],
    ['VirtualNewController', 'OTHER', 'NONE'],
  ])('of the type %s is %s', async (vimType, type, sharedBus) => {
    const server = rewritten((text) =>
      text
        .replaceAll('"ParaVirtualSCSIController"', `"${vimType}"`)
        .replaceAll(/<sharedBus>[^<]*<\/sharedBus>/g, (part) => (sharedBus === null ? '' : part)),
    )
    expect(await disksOf('web-01', controller, '{}', server)).toEqual([
      { label: 'Hard disk 1', controller: { ...scsi0, type, sharedBus } },
    ])
  })

  it.each([
    ['physicalSharing', 'PHYSICAL'],
    ['virtualSharing', 'VIRTUAL'],
    ['of a newer version', null],
  ])('has the bus sharing %s as %s, also if it is an NVMe controller', async (sharing, sharedBus) => {
    const server = rewritten((text) =>
      text
        .replaceAll('"ParaVirtualSCSIController"', '"VirtualNVMEController"')
        .replaceAll(/<sharedBus>[^<]*</g, `<sharedBus>${sharing}<`),
    )
    expect(await disksOf('web-01', 'controller { type sharedBus }', '{}', server)).toEqual([
      { label: 'Hard disk 1', controller: { type: 'NVME', sharedBus } },
    ])
  })

  it('is null when no controller has the key', async () => {
    const server = rewritten((text) =>
      text.replaceAll('<controllerKey>1000</controllerKey>', '<controllerKey>4711</controllerKey>'),
    )
    expect(await disksOf('web-01', controller, '{}', server)).toEqual([
      { label: 'Hard disk 1', controller: null },
    ])
  })
})

describe('the backing of a disk', () => {
  const backing = 'backing { multiWriter compatibilityMode encrypted }'
  const plain = { multiWriter: false, compatibilityMode: null, encrypted: false }

  it('has whether it is multi-writer, raw or encrypted', async () => {
    expect(await disksOf('rac-01', backing)).toMatchObject([
      { backing: plain },
      { backing: { ...plain, multiWriter: true } },
    ])
    expect(await disksOf('san-01', backing)).toMatchObject([
      { backing: plain },
      { backing: { ...plain, compatibilityMode: 'physicalMode' } },
      { backing: { ...plain, compatibilityMode: 'virtualMode' } },
    ])
    expect(await disksOf('desktop-01', backing)).toMatchObject([{ backing: { ...plain, encrypted: true } }])
  })

  it('is not shared and not encrypted when an older server leaves both out', async () => {
    const server = rewritten((text) =>
      text.replaceAll(/<sharing>[^<]*<\/sharing>/g, '').replaceAll(/<keyId>.*?<\/providerId><\/keyId>/gs, ''),
    )
    expect(await disksOf('desktop-01', backing, '{}', server)).toMatchObject([{ backing: plain }])
  })
})

describe('the delta of a disk', () => {
  const query = 'backing { isDelta }'

  it('is what a snapshot leaves the live disk with, and not the file of a disk without snapshots', async () => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachine(by: { name: "erp-01" }) { disks { ${query} } snapshots { parent { name } disks { ${query} } } } }`,
    )
    expect(errors).toBeUndefined()
    const { disks, snapshots } = data.virtualMachine
    const both = (isDelta: boolean) => Array(2).fill({ backing: { isDelta } })
    expect(disks).toEqual(both(true))
    expect(snapshots).toHaveLength(4)
    for (const { parent, disks: frozen } of snapshots) expect(frozen).toEqual(both(parent !== null))
    expect(await disksOf('web-02', query)).toMatchObject([{ backing: { isDelta: false } }])
  })

  it('is not derived from the name of the file', async () => {
    const server = rewritten((text) => text.replaceAll('/web-02.vmdk', '/web-100234.vmdk'))
    expect(await disksOf('web-02', 'backing { fileName isDelta }', '{}', server)).toMatchObject([
      { backing: { fileName: expect.stringMatching(/-100234\.vmdk$/), isDelta: false } },
    ])
    const renamed = rewritten((text) => text.replaceAll(/web-01-\d{6}\.vmdk/g, 'delta.vmdk'))
    expect(await disksOf('web-01', 'backing { fileName isDelta }', '{}', renamed)).toMatchObject([
      { backing: { fileName: expect.stringMatching(/\/delta\.vmdk$/), isDelta: true } },
    ])
  })

  it.each([
    ['VirtualDiskFlatVer1BackingInfo', false],
    ['VirtualDiskSparseVer1BackingInfo', false],
    ['VirtualDiskSparseVer2BackingInfo', false],
    ['VirtualDiskSeSparseBackingInfo', false],
    ['VirtualDiskRawDiskMappingVer1BackingInfo', false],
    ['VirtualDiskRawDiskVer2BackingInfo', null],
    ['VirtualDiskLocalPMemBackingInfo', null],
    ['VirtualDiskNewBackingInfo', null],
  ])('has the values of the backing %s: %s without a parent', async (type, without) => {
    const server = rewritten((text) => text.replaceAll('VirtualDiskFlatVer2BackingInfo', type))
    expect(await disksOf('web-02', query, '{}', server)).toMatchObject([{ backing: { isDelta: without } }])
    if (without === null) return
    expect(await disksOf('web-01', query, '{}', server)).toMatchObject([{ backing: { isDelta: true } }])
  })
})

describe('a filter of disks', () => {
  it.each([
    ['rac-01', '{ controller: { sharedBus: { eq: PHYSICAL } } }', ['Hard disk 2']],
    ['rac-01', '{ controller: { busNumber: { eq: 0 }, type: { eq: PARAVIRTUAL_SCSI } } }', ['Hard disk 1']],
    ['rac-01', '{ backing: { multiWriter: { eq: true } } }', ['Hard disk 2']],
    ['rac-01', '{ backing: { isDelta: { eq: true } } }', []],
    ['web-01', '{ backing: { isDelta: { eq: true } } }', ['Hard disk 1']],
    ['san-01', '{ backing: { compatibilityMode: { eq: "physicalMode" } } }', ['Hard disk 2']],
  ])('of %s: %s', async (name, filter, labels) => {
    expect((await disksOf(name, '', filter)).map(({ label }) => label)).toEqual(labels)
  })

  it('finds virtual machines', async () => {
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { disks: { some: { backing: { encrypted: { eq: true } } } } }) { nodes { name } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toEqual([{ name: 'desktop-01' }])
  })
})
