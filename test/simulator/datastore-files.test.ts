// Tests the bytes of simulated disks, and the files under /folder through which a client reads them.

import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { contentsAt } from '../../src/simulator/disk/contents.ts'
import { createBlankDisk } from '../../src/simulator/disk/disk.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { addMachine, changedAreasFixture } from '../schema/changed-areas/changed-areas-fixture.ts'
import { SoapConnection } from './soap-connection.ts'

const KiB = 1024
const MiB = 1024 * KiB
const capacity = 256 * KiB

const blankDisk = () =>
  createBlankDisk({
    seed: 'lab/disk-1',
    key: 2000,
    label: 'Hard disk 1',
    controllerKey: 1000,
    unitNumber: 0,
    capacity,
    uuid: '6000C29f',
    storage: {
      ref: { type: 'Datastore', value: 'datastore-1' },
      name: 'vmfs-01',
      url: 'ds:///',
      type: 'VMFS',
    },
    fileName: '[vmfs-01] lab/lab.vmdk',
    thin: true,
    mode: 'persistent',
    rawDevice: undefined,
    multiWriter: false,
    sharedBus: false,
    createdAt: 0,
  })

describe('the bytes of a disk', () => {
  test('change exactly where it is written, also after it continues from an earlier point', () => {
    const write = fc.record({
      offset: fc.integer({ min: 0, max: capacity - 1 }),
      length: fc.integer({ min: 1, max: 8 * KiB }),
      revert: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
        const disk = blankDisk()
        const expected = Buffer.alloc(capacity)
        const start = disk.history.now
        let last: Buffer | undefined
        for (const { offset, length, revert } of writes) {
          if (revert) {
            disk.history.revertTo(start)
            expected.fill(0)
          }
          disk.history.record(offset, Math.min(length, capacity - offset), 0)
          const bytes = contentsAt(disk, disk.history.now, 0, capacity)
          const end = Math.min(capacity, offset + length)
          // Outside of the write, nothing changes.
          bytes.copy(expected, offset, offset, end)
          expect(bytes.equals(expected)).toBe(true)
          // The same range written again has other bytes, unless it is very short.
          if (last && end - offset > 64)
            expect(last.subarray(offset, end).equals(bytes.subarray(offset, end))).toBe(false)
          last = bytes
        }
      }),
      { numRuns: 30 },
    )
  })

  test('are the same in parts as in whole', () => {
    const disk = blankDisk()
    disk.history.record(1_001, 70_003, 0)
    disk.history.record(50_000, 10, 0)
    const whole = contentsAt(disk, disk.history.now, 0, capacity)
    for (const [start, length] of [
      [0, 1_002],
      [1_003, 4_097],
      [49_999, 13],
      [capacity - 5, 5],
    ] as const)
      expect(contentsAt(disk, disk.history.now, start, length)).toEqual(whole.subarray(start, start + length))
  })
})

describe('GET /folder', () => {
  const size = 16 * MiB

  async function connect(options: Parameters<typeof createSimulator>[0] = {}) {
    const simulator = createSimulator(options)
    onTestFinished(() => simulator.close())
    const connection = new SoapConnection(simulator.transport())
    await connection.login()
    simulator.inventory.settings.guestsWrite = false
    const machine = addMachine(simulator, 'lab', { disks: [{ capacity: size }], powerState: 'poweredOff' })
    const [disk] = machine.disks
    if (!disk) throw new Error('the machine has no disk')
    const [, datastore = '', file = ''] = /^\[(.*)\] (.*)\.vmdk$/.exec(disk.fileName) ?? []
    const query = `?dcPath=Frankfurt&dsName=${encodeURIComponent(datastore)}`
    const get = async (
      path = `/folder/${file}-flat.vmdk${query}`,
      headers: Record<string, string> = {},
      cookie = connection.cookie,
    ) => {
      const response = await connection.transport.send({
        method: 'GET',
        path,
        headers: { ...headers, ...(cookie !== undefined && { Cookie: cookie }) },
      })
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      return { status: response.status, headers: response.headers, bytes: Buffer.concat(chunks) }
    }
    return { simulator, connection, machine, disk, file, query, get }
  }

  test('returns the bytes of a disk, whole and in parts', async () => {
    const { disk, machine, simulator, get } = await connect()
    simulator.inventory.disk(machine.ref, 2000).write(5 * MiB, 123_457)
    const whole = await get()
    expect([whole.status, whole.bytes.length]).toEqual([200, size])
    expect(whole.bytes.equals(contentsAt(disk, disk.history.now, 0, size))).toBe(true)
    const part = await get(undefined, { Range: `bytes=${5 * MiB - 7}-${5 * MiB + 200}` })
    expect([part.status, part.headers['content-range']]).toEqual([
      206,
      `bytes ${5 * MiB - 7}-${5 * MiB + 200}/${size}`,
    ])
    expect(part.bytes.equals(whole.bytes.subarray(5 * MiB - 7, 5 * MiB + 201))).toBe(true)
    expect((await get(undefined, { Range: 'bytes=-100' })).bytes.length).toBe(100)
    expect((await get(undefined, { Range: `bytes=${size}-` })).status).toBe(416)
  })

  test('keeps the bytes of the oldest snapshot while the machine writes on', async () => {
    const fixture = await changedAreasFixture({ disks: [{ capacity: size }] })
    const connection = new SoapConnection(fixture.simulator.transport())
    await connection.login()
    fixture.write(0, MiB)
    await fixture.snapshot()
    const [disk] = fixture.machine.disks
    const file = disk?.head.parent
    const [, datastore = '', path = ''] = /^\[(.*)\] (.*)\.vmdk$/.exec(file?.name ?? '') ?? []
    const read = async () => {
      const response = await connection.transport.send({
        method: 'GET',
        path: `/folder/${path}-flat.vmdk?dcPath=Frankfurt&dsName=${encodeURIComponent(datastore)}`,
        headers: { Cookie: connection.cookie ?? '' },
      })
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      return Buffer.concat(chunks)
    }
    const before = await read()
    fixture.write(0, 2 * MiB)
    expect((await read()).equals(before)).toBe(true)
  })

  test('is refused as on a vCenter', async () => {
    const { file, query, machine, get } = await connect()
    expect((await get(undefined, {}, '')).status).toBe(401)
    expect((await get(undefined, {}, 'vmware_soap_session="00"')).status).toBe(401)
    expect((await get(`/folder/${file}-flat.vmdk?dcPath=Oregon&dsName=vmfs-01`)).status).toBe(404)
    expect((await get(`/folder/${file}-flat.vmdk`)).status).toBe(404)
    expect((await get(`/folder/${file}-000001-flat.vmdk${query}`)).status).toBe(404)
    expect((await get(`/folder/other/other-flat.vmdk${query}`)).status).toBe(404)
    machine.powerState = 'poweredOn'
    expect((await get()).status).toBe(500)
  })

  test.each([
    ['a reader of everything', undefined, undefined, 403],
    ['an administrator of the datastore only', 'Datastore', undefined, 403],
    ['an administrator of the datacenter', 'Datacenter', undefined, 200],
    ['a role that may browse only', 'Datacenter', ['Datastore.Browse'], 403],
    ['a role that may manage files only', 'Datacenter', ['Datastore.FileManagement'], 403],
    ['a role with both privileges', 'Datacenter', ['Datastore.Browse', 'Datastore.FileManagement'], 200],
  ] as const)('for %s', async (_who, type, privIds, status) => {
    const { simulator, machine, get } = await connect({
      users: [{ username: 'reader', password: 'r', grants: [{ role: 'ReadOnly' }] }],
    })
    const datacenter = [...simulator.objects.ofType('Datacenter')].find(
      (each) => each.get('name') === 'Frankfurt',
    )
    const entity = type === 'Datastore' ? machine.home.ref : datacenter?.ref
    if (type && entity) {
      const manager = { type: 'AuthorizationManager', value: 'AuthorizationManager' }
      const administrator = new SoapConnection(simulator.transport())
      await administrator.login()
      const roleId = privIds
        ? await administrator.call('AddAuthorizationRole', manager, { name: 'files', privIds })
        : -1
      const permission = { principal: 'reader', group: false, roleId, propagate: true }
      await administrator.call('SetEntityPermissions', manager, { entity, permission: [permission] })
    }
    const reader = new SoapConnection(simulator.transport())
    await reader.login('reader', 'r')
    expect((await get(undefined, {}, reader.cookie)).status).toBe(status)
  })
})
