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
  const lab = await changedAreasFixture()
  const base = await lab.snapshot()
  const disk = await lab.snapshot()
  lab.simulator.faults.fault(fault, { method: 'QueryChangedDiskAreas', message: 'vSphere’s own words' })
  const point = since === stored ? { changeId: base.changeId } : undefined
  const answer = await queryAreas(lab, disk.id, point, {}, 'capacity nodes { start }')
  expect(answer.data.node).toEqual({ id: disk.id, areas: null })
  expect(answer.errors).toMatchObject([
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
  expect(lab.lines).toEqual([])
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
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    const disk = await lab.snapshot()
    const message = `Error caused by file /vmfs/volumes/x/lab.vmdk (${cbt(key)})`
    lab.simulator.faults.fault(fileFault(), { method: 'QueryChangedDiskAreas', message })
    const point = since === stored ? { changeId: base.changeId } : undefined
    const { errors } = await queryAreas(lab, disk.id, point)
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable: false, remedy: expect.any(String) })
  },
)

const reconfigured = (lab: ChangedAreasFixture, spec: Parameters<typeof reconfigure>[1]) =>
  reconfigure(lab.machine, spec, new Date())
const extensionsOf = async (lab: ChangedAreasFixture, id: string, since?: { changeId: string }) =>
  (await queryAreas(lab, id, since && { changeId: since.changeId }, {}, 'totalCount')).errors?.[0]?.extensions

test('reports a locked tracking file as retryable and a corrupt one as CBT_TRACKING_CORRUPT, and reads a complete map after a reset', async () => {
  const lab = await changedAreasFixture()
  const { damage } = lab.simulator.inventory.disk(lab.machine.ref, 2000)
  const first = await lab.snapshot()
  lab.write(0, 1)
  const second = await lab.snapshot()
  damage('locked')
  expect(await extensionsOf(lab, second.id)).toMatchObject({
    code: 'VSPHERE_FAULT',
    fault: 'FileLocked',
    retryable: true,
  })
  damage(undefined)
  expect(await extensionsOf(lab, second.id, first)).toBeUndefined()
  damage('corrupt')
  for (const since of [undefined, first])
    expect(await extensionsOf(lab, second.id, since)).toMatchObject({
      code: 'CBT_TRACKING_CORRUPT',
      retryable: false,
    })
  reconfigured(lab, { changeTrackingEnabled: false })
  reconfigured(lab, { changeTrackingEnabled: true })
  const fresh = await lab.snapshot()
  lab.queries()
  expect(await extensionsOf(lab, fresh.id, second)).toMatchObject({ code: 'CHANGE_ID_STALE' })
  expect(lab.queries()).toBe(0)
  expect((await pageOf(lab, fresh.id, undefined)).nodes).toEqual(lab.written('beginning', fresh))
})

test('rejects a changeId of a replaced disk with the same key and size, since no map describes the difference between two disks', async () => {
  const lab = await changedAreasFixture()
  const before = await lab.snapshot()
  const place = { _typeName: 'VirtualDisk', key: 2000, controllerKey: 1000, unitNumber: 0 }
  const device = { ...place, capacityInKB: smallCapacity / 1024, capacityInBytes: smallCapacity }
  reconfigured(lab, {
    deviceChange: [
      { operation: 'remove', fileOperation: 'destroy', device },
      { operation: 'add', fileOperation: 'create', device },
    ],
  })
  const replaced = await lab.snapshot()
  lab.queries()
  for (const since of [{ changeId: before.changeId }, { snapshot: before.snapshotId }]) {
    const { errors } = await queryAreas(lab, replaced.id, since, {}, 'totalCount')
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CHANGE_ID_STALE' })
  }
  expect(lab.queries()).toBe(0)
  expect((await pageOf(lab, before.id, undefined)).nodes).not.toEqual([])
  // The disk is thick and was never written to, so all of it is allocated.
  expect((await pageOf(lab, replaced.id, undefined)).nodes).toEqual([{ start: 0, length: smallCapacity }])
})

test('starts a new epoch for a disk that has grown, and its map extends to the new end', async () => {
  const lab = await changedAreasFixture()
  const before = await lab.snapshot()
  lab.remove(before)
  const capacity = smallCapacity + 100 * 1024
  const device = {
    _typeName: 'VirtualDisk',
    key: 2000,
    capacityInKB: capacity / 1024,
    capacityInBytes: capacity,
  }
  reconfigured(lab, { deviceChange: [{ operation: 'edit', device }] })
  lab.write(capacity - 1, 1)
  const grown = await lab.snapshot()
  expect(await extensionsOf(lab, grown.id, before)).toMatchObject({ code: 'CHANGE_ID_STALE' })
  const map = await pageOf(lab, grown.id, undefined)
  expect(map.nodes).toEqual(lab.written('beginning', grown))
  expect(map.nodes.at(-1)).toMatchObject({ start: capacity - (capacity % grain) })
})
