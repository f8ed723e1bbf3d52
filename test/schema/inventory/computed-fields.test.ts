// Tests fields that are computed from several properties, and enums and fallbacks that servers may not know.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/simulated-inventory.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { pathsRequested } from '../call-budget.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

describe('the space of a datastore', () => {
  const query = `query ($moid: String!) { datastore(by: { moid: $moid }) {
    maintenanceMode usedSpace provisionedSpace freePercent
  } }`
  let datastore: SimulatedObject
  let summary: DataObject<'DatastoreSummary'>
  beforeAll(() => {
    datastore = [...gateway.simulator.objects.ofType('Datastore')][0]!
    summary = datastore.get('summary') as DataObject<'DatastoreSummary'>
  })

  const read = async (changes: Partial<DataObject<'DatastoreSummary'>>) => {
    datastore.set('summary', { ...summary, ...changes })
    const { data, errors } = await gateway.execute(query, { moid: datastore.moid })
    return { ...data.datastore, errors }
  }

  it('is computed from capacity, free and uncommitted space', async () => {
    expect(await read({ capacity: 1000, freeSpace: 250, uncommitted: 500 })).toEqual({
      maintenanceMode: 'NORMAL',
      usedSpace: 750,
      provisionedSpace: 1250,
      freePercent: 25,
    })
  })

  it('is computed without rounding from numbers above 2^53', async () => {
    const capacity = 2n ** 60n + 1n
    const large = await read({ capacity, freeSpace: 2n ** 60n - 5n, uncommitted: 2 })
    expect(large).toMatchObject({ usedSpace: 6, provisionedSpace: 8 })
    const tooLarge = await read({ capacity, freeSpace: 0, uncommitted: 2 })
    expect(tooLarge).toMatchObject({ usedSpace: null, provisionedSpace: null, freePercent: 0 })
    expect(tooLarge.errors).toMatchObject([
      { path: ['datastore', 'usedSpace'] },
      { path: ['datastore', 'provisionedSpace'] },
    ])
  })

  it('is null where vSphere does not report what it needs', async () => {
    expect(await read({ capacity: 1000, freeSpace: 250, uncommitted: undefined as never })).toMatchObject({
      usedSpace: 750,
      provisionedSpace: null,
      freePercent: 25,
      errors: undefined,
    })
    // An inaccessible datastore has a capacity of 0.
    expect(await read({ capacity: 0, freeSpace: 0, uncommitted: 0 })).toMatchObject({
      usedSpace: 0,
      freePercent: null,
      errors: undefined,
    })
    expect(await read({ capacity: 100, freeSpace: 200 })).toMatchObject({
      usedSpace: null,
      provisionedSpace: null,
      errors: undefined,
    })
  })

  it('has an error at each field when it may not be read', async () => {
    const allow = gateway.simulator.faults.deny(datastore.ref, 'summary')
    const { errors, ...fields } = await read({})
    allow()
    expect(new Set(Object.values(fields))).toEqual(new Set([null]))
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', count: 4 } }])
  })

  it.each([
    ['enteringMaintenance', 'ENTERING_MAINTENANCE'],
    ['inMaintenance', 'IN_MAINTENANCE'],
    ['of a newer version', null],
    [undefined, null],
  ])('has the maintenance mode %s as %s', async (maintenanceMode, expected) => {
    expect(await read({ maintenanceMode: maintenanceMode as never })).toMatchObject({
      maintenanceMode: expected,
      errors: undefined,
    })
  })
})

describe('the load of a host', () => {
  const query = `query ($moid: String!) { host(by: { moid: $moid }) { totalCpu cpuUsagePercent memoryUsagePercent } }`
  let host: SimulatedObject
  let summary: DataObject<'HostListSummary'>
  beforeAll(() => {
    host = [...gateway.simulator.objects.ofType('HostSystem')][0]!
    summary = host.get('summary') as DataObject<'HostListSummary'>
  })

  const read = async (hardware: object, quickStats: object) => {
    host.set('summary', { ...summary, hardware: { ...summary.hardware, ...hardware }, quickStats })
    const { data, errors } = await gateway.execute(query, { moid: host.moid })
    return { ...data.host, errors }
  }

  it('is computed from usage and capacity', async () => {
    const hardware = { cpuMhz: 2000, numCpuCores: 8, memorySize: 8 * 2 ** 30 }
    expect(await read(hardware, { overallCpuUsage: 4000, overallMemoryUsage: 2048 })).toEqual({
      totalCpu: 16_000,
      cpuUsagePercent: 25,
      memoryUsagePercent: 25,
    })
  })

  it('is null while the host reports no load', async () => {
    expect(await read({ cpuMhz: 2000, numCpuCores: 8 }, {})).toEqual({
      totalCpu: 16_000,
      cpuUsagePercent: null,
      memoryUsagePercent: null,
    })
  })

  it('is null for a capacity of 0', async () => {
    const load = { overallCpuUsage: 0, overallMemoryUsage: 0 }
    expect(await read({ cpuMhz: 0, numCpuCores: 0, memorySize: 0 }, load)).toEqual({
      totalCpu: 0,
      cpuUsagePercent: null,
      memoryUsagePercent: null,
    })
  })

  it('has an error when the capacity exceeds Int', async () => {
    const { totalCpu, errors } = await read({ cpuMhz: 2 ** 30, numCpuCores: 8 }, { overallCpuUsage: 1 })
    expect(totalCpu).toBeNull()
    expect(errors).toMatchObject([
      { path: ['host', 'totalCpu'], extensions: { code: 'VSPHERE_FAULT' } },
      { path: ['host', 'cpuUsagePercent'], extensions: { code: 'VSPHERE_FAULT' } },
    ])
  })
})

describe('the hardware version of a virtual machine', () => {
  const query = '{ virtualMachine(by: { name: "web-02" }) { hardwareVersion } }'

  it('is that of the summary while the configuration is unset', async () => {
    const own = startGateway()
    own.simulator.inventory.vm('web-02').set('config', undefined)
    expect(await own.execute(query)).toEqual({ data: { virtualMachine: { hardwareVersion: 'vmx-21' } } })
    await own.close()
  })

  it('is read from the configuration when the server does not know it in the summary', async () => {
    const own = startGateway()
    const all = '{ virtualMachines { nodes { moid hardwareVersion } } }'
    const before = await own.execute(all)
    expect(before.errors).toBeUndefined()
    own.simulator.faults.fault({ _typeName: 'InvalidProperty', name: 'summary.config.hwVersion' } as never)
    expect(await own.execute(all)).toMatchObject({ data: { virtualMachines: { nodes: expect.any(Array) } } })
    own.simulator.calls.length = 0
    const { data, errors } = await own.execute(all)
    expect(errors).toBeUndefined()
    expect(data).toEqual(before.data)
    const paths = pathsRequested(own.simulator.calls, 'VirtualMachine')
    expect(paths).toContain('config.version')
    expect(paths).not.toContain('summary.config.hwVersion')
    await own.close()
  })
})
