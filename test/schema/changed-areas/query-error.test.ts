// Tests the fault table of change tracking: the error for each fault of QueryChangedDiskAreas, and that
// each has a remedy.

import { expect, test } from 'vitest'
import type { FaultLike } from '../../../src/simulator/index.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  pageOf,
  queryAreas,
  smallCapacity,
} from './changed-areas-fixture.ts'

const fileFault = (key?: string, message = '', cause?: object): FaultLike => ({
  _typeName: 'FileFault',
  file: '/vmfs/volumes/x/lab.vmdk',
  ...(key && { faultMessage: [{ key, message }] }),
  ...(cause && { faultCause: { fault: cause, localizedMessage: '' } }),
})
const invalid = (invalidProperty: string): FaultLike => ({ _typeName: 'InvalidArgument', invalidProperty })
const cbt = (reason: string) => `vim.hostd.vmsvc.cbt.${reason}`

const inCause = (localizedMessage: string): FaultLike => ({
  _typeName: 'FileFault',
  file: 'x',
  faultCause: { fault: { _typeName: 'SystemError', reason: '' }, localizedMessage },
})

const stored = 'a stored changeId'
const everything = '*'

test.each<[string, FaultLike, string, string, boolean?]>([
  ['noTrack', fileFault(cbt('noTrack')), everything, 'CBT_NOT_ENABLED'],
  ['noTrack', fileFault(cbt('noTrack')), stored, 'CBT_NOT_ENABLED'],
  ['noEpoch', fileFault(cbt('noEpoch')), everything, 'CBT_NOT_ENABLED'],
  [
    'a corrupt ctk file',
    fileFault(cbt('cannotGetChanges'), 'The file is corrupt'),
    stored,
    'CBT_TRACKING_CORRUPT',
  ],
  [
    'a corrupt ctk file, reported by an argument',
    {
      _typeName: 'FileFault',
      file: 'x',
      faultMessage: [{ key: cbt('cannotGetChanges'), message: '', arg: [{ key: '1', value: 'Corrupted' }] }],
    },
    everything,
    'CBT_TRACKING_CORRUPT',
  ],
  [
    'a corrupt ctk file, reported by the cause',
    fileFault(undefined, '', fileFault(cbt('cannotGetChanges'), 'ctk is corrupt') as object),
    stored,
    'CBT_TRACKING_CORRUPT',
  ],
  ['cannotGetChanges', fileFault(cbt('cannotGetChanges'), 'no match'), stored, 'CHANGE_ID_STALE'],
  ['no key', fileFault(), stored, 'CHANGE_ID_STALE'],
  ['no key', fileFault(), everything, 'VSPHERE_FAULT', true],
  ['another key', fileFault('vim.hostd.something.else'), stored, 'VSPHERE_FAULT', true],
  ['a lock', { _typeName: 'FileLocked', file: 'x' }, stored, 'VSPHERE_FAULT', true],
  ['a missing file', { _typeName: 'FileNotFound', file: 'x' }, everything, 'VSPHERE_FAULT', true],
  ['changeId', invalid('changeId'), stored, 'CHANGE_ID_INVALID'],
  ['deviceKey', invalid('deviceKey'), stored, 'CBT_UNSUPPORTED'],
  ['snapshotId', invalid('snapshotId'), stored, 'NOT_FOUND'],
  ['snapshot', invalid('snapshot'), everything, 'NOT_FOUND'],
  // The argument is the gateway's own, so the client can't correct it.
  ['startOffset', invalid('startOffset'), stored, 'VSPHERE_FAULT', true],
  ['no property', 'InvalidArgument', stored, 'VSPHERE_FAULT', true],
  ['', 'NotFound', stored, 'NOT_FOUND'],
  [
    '',
    { _typeName: 'ManagedObjectNotFound', obj: { type: 'VirtualMachineSnapshot', value: 'snapshot-1' } },
    everything,
    'NOT_FOUND',
  ],
  ['', { _typeName: 'SystemError', reason: 'hostd restarts' }, stored, 'VSPHERE_FAULT', true],
  ['', 'HostNotConnected', stored, 'VSPHERE_FAULT', true],
  [
    '',
    { _typeName: 'NoPermission', privilegeId: 'VirtualMachine.Provisioning.DiskRandomRead' },
    stored,
    'FORBIDDEN',
  ],
  ['noTrack in the message of the cause', inCause(cbt('noTrack')), stored, 'CBT_NOT_ENABLED'],
  [
    'corrupt in the message of the cause',
    inCause(`${cbt('cannotGetChanges')}: corrupt`),
    stored,
    'CBT_TRACKING_CORRUPT',
  ],
  ['another message of the cause', inCause('the cbt file'), everything, 'VSPHERE_FAULT', true],
])('maps %s %j against %s to %s', async (_, fault, since, code, retryable = false) => {
  const fixture = await changedAreasFixture()
  const base = await fixture.snapshot()
  const disk = await fixture.snapshot()
  fixture.simulator.faults.fault(fault, { method: 'QueryChangedDiskAreas', message: 'vSphere’s own words' })
  const point = since === stored ? { changeId: base.changeId } : undefined
  const result = await queryAreas(fixture, disk.id, point, {}, 'capacity nodes { start }')
  expect(result.data.node).toEqual({ id: disk.id, areas: null })
  expect(result.errors).toMatchObject([
    {
      message: expect.stringContaining('vSphere’s own words'),
      path: ['node', 'areas', 'nodes'],
      extensions: {
        code,
        retryable,
        remedy: expect.stringMatching(/\.$/),
        fault: typeof fault === 'string' ? fault : fault._typeName,
        vcenter: 'test',
        requestId: expect.any(String),
      },
    },
  ])
  expect(fixture.lines).toEqual([])
})

test.each([
  ['noTrack', everything, 'CBT_NOT_ENABLED'],
  ['noTrack', stored, 'CBT_NOT_ENABLED'],
  ['noEpoch', stored, 'CBT_NOT_ENABLED'],
  ['cannotGetChanges', stored, 'CHANGE_ID_STALE'],
  ['cannotGetChanges: the file is corrupt', stored, 'CBT_TRACKING_CORRUPT'],
])(
  'maps the key %s only in the message of a FileFault without faultMessage, against %s, to %s',
  async (key, since, code) => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const disk = await fixture.snapshot()
    const message = `Error caused by file /vmfs/volumes/x/lab.vmdk (${cbt(key)})`
    fixture.simulator.faults.fault(fileFault(), { method: 'QueryChangedDiskAreas', message })
    const point = since === stored ? { changeId: base.changeId } : undefined
    const { errors } = await queryAreas(fixture, disk.id, point)
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable: false, remedy: expect.any(String) })
  },
)

const reconfigured = (fixture: ChangedAreasFixture, spec: Parameters<typeof reconfigure>[1]) =>
  reconfigure(fixture.machine, spec, new Date())
const extensionsOf = async (fixture: ChangedAreasFixture, id: string, since?: { changeId: string }) =>
  (await queryAreas(fixture, id, since && { changeId: since.changeId }, {}, 'totalCount')).errors?.[0]
    ?.extensions

test('reports a locked tracking file as retryable and a corrupt one as CBT_TRACKING_CORRUPT, and reads a complete map after a reset', async () => {
  const fixture = await changedAreasFixture()
  const { damage } = fixture.simulator.inventory.disk(fixture.machine.ref, 2000)
  const first = await fixture.snapshot()
  fixture.write(0, 1)
  const second = await fixture.snapshot()
  damage('locked')
  expect(await extensionsOf(fixture, second.id)).toMatchObject({
    code: 'VSPHERE_FAULT',
    fault: 'FileLocked',
    retryable: true,
  })
  damage(undefined)
  expect(await extensionsOf(fixture, second.id, first)).toBeUndefined()
  damage('corrupt')
  for (const since of [undefined, first])
    expect(await extensionsOf(fixture, second.id, since)).toMatchObject({
      code: 'CBT_TRACKING_CORRUPT',
      retryable: false,
    })
  reconfigured(fixture, { changeTrackingEnabled: false })
  reconfigured(fixture, { changeTrackingEnabled: true })
  const fresh = await fixture.snapshot()
  fixture.queries()
  expect(await extensionsOf(fixture, fresh.id, second)).toMatchObject({ code: 'CHANGE_ID_STALE' })
  expect(fixture.queries()).toBe(0)
  expect((await pageOf(fixture, fresh.id, undefined)).nodes).toEqual(fixture.written('beginning', fresh))
})

test('rejects a changeId of a replaced disk with the same key and size, since no map describes the difference between two disks', async () => {
  const fixture = await changedAreasFixture()
  const before = await fixture.snapshot()
  const place = { _typeName: 'VirtualDisk', key: 2000, controllerKey: 1000, unitNumber: 0 }
  const device = { ...place, capacityInKB: smallCapacity / 1024, capacityInBytes: smallCapacity }
  reconfigured(fixture, {
    deviceChange: [
      { operation: 'remove', fileOperation: 'destroy', device },
      { operation: 'add', fileOperation: 'create', device },
    ],
  })
  const replaced = await fixture.snapshot()
  fixture.queries()
  for (const since of [{ changeId: before.changeId }, { snapshot: before.snapshotId }]) {
    const { errors } = await queryAreas(fixture, replaced.id, since, {}, 'totalCount')
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CHANGE_ID_STALE' })
  }
  expect(fixture.queries()).toBe(0)
  expect((await pageOf(fixture, before.id, undefined)).nodes).not.toEqual([])
  // The disk is thick and was never written to, so all of it is allocated.
  expect((await pageOf(fixture, replaced.id, undefined)).nodes).toEqual([{ start: 0, length: smallCapacity }])
})

test('starts a new epoch for a disk that has grown, and its map extends to the new end', async () => {
  const fixture = await changedAreasFixture()
  const before = await fixture.snapshot()
  fixture.remove(before)
  const capacity = smallCapacity + 100 * 1024
  const device = {
    _typeName: 'VirtualDisk',
    key: 2000,
    capacityInKB: capacity / 1024,
    capacityInBytes: capacity,
  }
  reconfigured(fixture, { deviceChange: [{ operation: 'edit', device }] })
  fixture.write(capacity - 1, 1)
  const grown = await fixture.snapshot()
  expect(await extensionsOf(fixture, grown.id, before)).toMatchObject({ code: 'CHANGE_ID_STALE' })
  const map = await pageOf(fixture, grown.id, undefined)
  expect(map.nodes).toEqual(fixture.written('beginning', grown))
  expect(map.nodes.at(-1)).toMatchObject({ start: capacity - (capacity % grain) })
})
