// Tests which disks and starting points can be queried. Others are rejected with a reason before vSphere is
// queried, and sibling fields are still returned.

import type { ExecutionResult } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { revertToSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { startGateway } from '../../test-gateway.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  pageOf,
  queryAreas,
  rewritten,
  type Since,
  smallCapacity,
} from './changed-areas-fixture.ts'

const extensionsOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions)

function gateway() {
  const started = startGateway()
  onTestFinished(() => started.close())
  return started
}

describe('a disk', () => {
  test.each([
    ['that is not tracked', 'web-02', 'Hard disk 1', 'CBT_NOT_ENABLED'],
    ['that is enabled but not active', 'wiki-01', 'Hard disk 1', 'CBT_NOT_ENABLED'],
    ['of hardware without tracking', 'scada-nt4', 'Hard disk 1', 'CBT_UNSUPPORTED'],
    ['that is independent', 'file-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['that is a physical RDM', 'san-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['that is shared', 'rac-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['of a running virtual machine', 'app-01', 'Hard disk 1', 'CONFLICT'],
    ['of a suspended virtual machine', 'desktop-01', 'Hard disk 1', 'CBT_NOT_ENABLED'],
  ])('%s (%s, %s) is rejected as %s without a query', async (_, name, label, code) => {
    const { execute, simulator } = gateway()
    const { ref } = simulator.inventory.vm(name)
    const result = await execute(
      `query ($label: String!) {
        virtualMachines(filter: { name: { eq: "${name}" } }) { nodes { moid disk(by: { label: $label }) {
          label
          allocatedAreas { capacity totalCount }
          changedAreas(since: { changeId: "*" }) { capacity nodes { start } }
        } } }
      }`,
      { label },
    )
    const vm = result.data.virtualMachines.nodes.find((each: { moid: string }) => each.moid === ref.value)
    expect(vm.disk).toEqual({ label, allocatedAreas: null, changedAreas: null })
    const extensions = extensionsOf(result)?.filter((each) => each.code === code)
    expect(extensions?.length).toBeGreaterThanOrEqual(2)
    expect(extensions?.every(({ remedy }) => typeof remedy === 'string')).toBe(true)
    if (code === 'CONFLICT') expect(extensions?.[0]?.state).toBe('poweredOn')
    expect(simulator.calls.some(({ method }) => method === 'QueryChangedDiskAreas')).toBe(false)
  })

  test('is named in the error by its label, virtual machine and snapshot', async () => {
    const { execute } = gateway()
    const created = await execute(
      `mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "nightly" }) { snapshot { moid } } }`,
    )
    const { errors, data } = await execute(
      `{ virtualMachine(by: { name: "web-02" }) {
        moid
        name
        snapshot(by: { path: "nightly" }) { disk(by: { label: "Hard disk 1" }) { allocatedAreas { capacity } } }
        disk(by: { label: "Hard disk 1" }) { allocatedAreas { capacity } }
      } }`,
    )
    const { moid } = data.virtualMachine
    const snapshotMoid = created.data.createSnapshot.snapshot.moid
    expect(errors?.map(({ message }) => message).sort()).toEqual([
      `changes of Hard disk 1 of "web-02" (${moid}) are not tracked: it has no changeId`,
      `changes of Hard disk 1 of "web-02" (${moid}) in snapshot "nightly" (${snapshotMoid}) are not tracked: it has no changeId`,
    ])
  })

  test('of a powered-off virtual machine is queried in its current state', async () => {
    const { execute, simulator } = gateway()
    const { data, errors } = await execute(
      `{ virtualMachine(by: { name: "mail-01" }) { disks { capacity changeId allocatedAreas { capacity changeId sinceChangeId totalLength } } } }`,
    )
    expect(errors).toBeUndefined()
    const [{ capacity, changeId, allocatedAreas }] = data.virtualMachine.disks
    expect(allocatedAreas).toMatchObject({ capacity, changeId, sinceChangeId: null })
    const { areas } = simulator.inventory.disk('mail-01', 2000)
    const inUse = areas('beginning', 'now').reduce(
      (sum, { start, end }) => sum + Math.min(end, capacity) - start,
      0,
    )
    expect(allocatedAreas.totalLength).toBe(inUse)
  })

  test('that is rejected does not affect its siblings', async () => {
    const { execute } = gateway()
    const { data, errors } = await execute(
      `mutation { createSnapshot(input: { virtualMachine: { name: "san-01" }, name: "x" }) {
        snapshot { disks { label allocatedAreas { totalCount } } }
        virtualMachine { name disks { label allocatedAreas { totalCount } } }
      } }`,
    )
    expect(data.createSnapshot.snapshot.disks).toEqual([
      { label: 'Hard disk 1', allocatedAreas: { totalCount: expect.any(Number) } },
      { label: 'Hard disk 3', allocatedAreas: { totalCount: 1 } },
    ])
    expect(data.createSnapshot.virtualMachine.name).toBe('san-01')
    expect(errors?.map(({ path, extensions }) => [path?.at(-2), extensions.code])).toEqual([
      [0, 'CONFLICT'],
      [1, 'CBT_UNSUPPORTED'],
      [2, 'CONFLICT'],
    ])
  })

  test('in a snapshot from before tracking began is not tracked there', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off' })
    const { id } = await fixture.snapshot()
    fixture.simulator.calls.length = 0
    const result = await queryAreas(fixture, id, undefined)
    expect(extensionsOf(result)).toMatchObject([{ code: 'CBT_NOT_ENABLED', remedy: expect.any(String) }])
    expect(fixture.queries()).toBe(0)
  })
})

/** Queries changes since a point, and expects a rejection without a call to vSphere. */
async function expectRefusal(
  fixture: ChangedAreasFixture,
  id: string,
  since: Since,
  code: string,
): Promise<void> {
  fixture.simulator.calls.length = 0
  const result = await fixture.execute(
    'query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { key capacity changedAreas(since: $since) { capacity } } } }',
    { id, since },
  )
  expect(extensionsOf(result)).toMatchObject([{ code, remedy: expect.stringMatching(/\.$/) }])
  expect(result.data.node).toEqual({ key: 2000, capacity: smallCapacity, changedAreas: null })
  expect(fixture.queries()).toBe(0)
}

describe('a stored changeId', () => {
  test('that is malformed is CHANGE_ID_INVALID', async () => {
    const fixture = await changedAreasFixture()
    const { id, changeId } = await fixture.snapshot()
    for (const text of [
      '',
      ' ',
      'nonsense',
      '**',
      `${changeId} `,
      changeId.replace('/', ''),
      changeId.slice(3),
    ])
      await expectRefusal(fixture, id, { changeId: text }, 'CHANGE_ID_INVALID')
  })

  test('of another epoch, of another disk, or of a later point is CHANGE_ID_STALE', async () => {
    const fixture = await changedAreasFixture()
    const first = await fixture.snapshot()
    const second = await fixture.snapshot()
    await expectRefusal(fixture, first.id, { changeId: second.changeId }, 'CHANGE_ID_STALE')
    const other = second.changeId
      .replace(/^52 ../, '52 zz')
      .replace('zz', second.changeId.startsWith('52 00') ? '01' : '00')
    await expectRefusal(fixture, second.id, { changeId: other }, 'CHANGE_ID_STALE')
    await expectRefusal(
      fixture,
      second.id,
      { changeId: second.changeId.replace(/\d+$/, '99999999999999999999') },
      'CHANGE_ID_STALE',
    )
  })

  test('from before a revert is CHANGE_ID_STALE', async () => {
    const fixture = await changedAreasFixture()
    const first = await fixture.snapshot()
    const frozen = fixture.machine.currentSnapshot
    if (frozen) revertToSnapshot(fixture.machine, frozen, { powerOn: false, at: new Date() })
    const second = await fixture.snapshot()
    await expectRefusal(fixture, second.id, { changeId: first.changeId }, 'CHANGE_ID_STALE')
  })

  test('of a state that a revert discarded is CHANGE_ID_STALE even in the same epoch, while its snapshot exists', async () => {
    const fixture = await changedAreasFixture()
    fixture.simulator.inventory.settings.epochAfterRevert = 'same'
    const base = await fixture.snapshot()
    const trunk = fixture.machine.currentSnapshot
    fixture.write(10 * grain, 1)
    const discarded = await fixture.snapshot()
    if (trunk) revertToSnapshot(fixture.machine, trunk, { powerOn: false, at: new Date() })
    fixture.write(0, 1)
    const now = await fixture.snapshot()
    const below = await fixture.snapshot()
    expect(now.changeId.split('/')[0]).toBe(discarded.changeId.split('/')[0])
    await expectRefusal(fixture, now.id, { changeId: discarded.changeId }, 'CHANGE_ID_STALE')
    await expectRefusal(fixture, below.id, { changeId: discarded.changeId.toUpperCase() }, 'CHANGE_ID_STALE')
    // The changeId of the common ancestor is accepted on both branches, and that of `now` for its descendant.
    expect((await pageOf(fixture, now.id, { changeId: base.changeId })).nodes).toHaveLength(1)
    expect((await pageOf(fixture, discarded.id, { changeId: base.changeId })).nodes).toHaveLength(1)
    expect((await pageOf(fixture, below.id, { changeId: now.changeId })).nodes).toHaveLength(0)
    // When none of its snapshots is left, only the server can decide.
    fixture.remove(discarded)
    const result = await queryAreas(fixture, now.id, { changeId: discarded.changeId })
    expect(extensionsOf(result)?.[0]).toMatchObject({ code: 'CHANGE_ID_STALE', fault: 'FileFault' })
    expect(fixture.queries()).toBeGreaterThan(0)
  })

  test('costs a separate retrieval only where there are branches whose disks have not been read yet', async () => {
    const fixture = await changedAreasFixture()
    const first = await fixture.snapshot()
    const second = await fixture.snapshot()
    await fixture.snapshot()
    const retrievals = async () => {
      fixture.simulator.calls.length = 0
      await pageOf(fixture, second.id, { changeId: first.changeId })
      return fixture.simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
    }
    expect(await retrievals()).toBe(1)
    const trunk = fixture.machine.rootSnapshots[0]
    if (trunk) revertToSnapshot(fixture.machine, trunk, { powerOn: false, at: new Date() })
    await fixture.snapshot()
    await fixture.snapshot()
    expect(await retrievals()).toBe(2)
  })

  test('is accepted in upper case', async () => {
    const fixture = await changedAreasFixture()
    const first = await fixture.snapshot()
    fixture.write(0, 1)
    const second = await fixture.snapshot()
    expect((await pageOf(fixture, second.id, { changeId: first.changeId.toUpperCase() })).nodes).toHaveLength(
      1,
    )
  })

  test('of a server-specific form is validated by the server, when its disks use that form too', async () => {
    const fixture = await changedAreasFixture({
      wrap: (transport) => ({
        ...transport,
        async send(request) {
          const response = await transport.send(
            request.body === undefined
              ? request
              : { ...request, body: request.body.replace('<changeId>own:', '<changeId>') },
          )
          const own = (text: string) => text.replaceAll('<changeId>', '<changeId>own:')
          return { ...response, body: rewritten(response.body, own) }
        },
      }),
    })
    const first = await fixture.snapshot()
    fixture.write(0, 1)
    const second = await fixture.snapshot()
    expect(first.changeId).toMatch(/^own:/)
    for (const since of [{ changeId: first.changeId }, { snapshot: first.snapshotId }])
      expect((await pageOf(fixture, second.id, since)).nodes).toEqual([{ start: 0, length: grain }])
    await expectRefusal(fixture, second.id, { changeId: '' }, 'CHANGE_ID_INVALID')
    fixture.queries()
    const rejected = await queryAreas(fixture, second.id, { changeId: 'nonsense' })
    expect(extensionsOf(rejected)?.[0]).toMatchObject({
      code: 'CHANGE_ID_INVALID',
      fault: 'InvalidArgument',
    })
    expect(fixture.queries()).toBe(1)
  })

  test('is returned as sinceChangeId, and the changeId of the disk as the next starting point', async () => {
    const fixture = await changedAreasFixture()
    const first = await fixture.snapshot()
    const second = await fixture.snapshot()
    const { data } = await queryAreas(
      fixture,
      second.id,
      { snapshot: first.snapshotId },
      {},
      'sinceChangeId changeId',
    )
    expect(data.node.areas).toEqual({ sinceChangeId: first.changeId, changeId: second.changeId })
  })
})

describe('a snapshot as the starting point', () => {
  test("is rejected as not above the disk when it is on another branch, below it, or the disk's own", async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const trunk = fixture.machine.currentSnapshot
    const left = await fixture.snapshot()
    if (trunk) revertToSnapshot(fixture.machine, trunk, { powerOn: false, at: new Date() })
    const right = await fixture.snapshot()
    for (const [disk, since] of [
      [right, left],
      [left, right],
      [base, left],
      [left, left],
    ] as const)
      await expectRefusal(fixture, disk.id, { snapshot: since.snapshotId }, 'BAD_USER_INPUT')
    // It is above both, but tracking restarted with the revert.
    await expectRefusal(fixture, right.id, { snapshot: base.snapshotId }, 'CHANGE_ID_STALE')
    expect((await pageOf(fixture, left.id, { snapshot: base.snapshotId })).nodes).toEqual([])
  })

  test('is BAD_USER_INPUT when it belongs to another virtual machine, and NOT_FOUND when it was removed', async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const disk = await fixture.snapshot()
    const { data } = await fixture.execute('{ virtualMachine(by: { name: "web-01" }) { snapshots { id } } }')
    await expectRefusal(fixture, disk.id, { snapshot: data.virtualMachine.snapshots[0].id }, 'BAD_USER_INPUT')
    fixture.remove(base)
    await expectRefusal(fixture, disk.id, { snapshot: base.snapshotId }, 'NOT_FOUND')
    expect((await pageOf(fixture, disk.id, { changeId: base.changeId })).nodes).toEqual([])
  })

  test('is NOT_FOUND when it is removed during the query', async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const disk = await fixture.snapshot()
    // It stays in the tree until the virtual machine notices.
    fixture.simulator.faults.remove({ type: 'VirtualMachineSnapshot', value: base.moid })
    await expectRefusal(fixture, disk.id, { snapshot: base.snapshotId }, 'NOT_FOUND')
  })

  test.each([
    ['the id of a virtual machine', (fixture: ChangedAreasFixture) => fixture.vmId],
    ['the id of a disk', (fixture: ChangedAreasFixture) => fixture.diskId],
    ['not an id', () => 'nonsense'],
  ])('that is %s is BAD_USER_INPUT', async (_, idOf) => {
    const fixture = await changedAreasFixture()
    const disk = await fixture.snapshot()
    const result = await queryAreas(fixture, disk.id, { snapshot: idOf(fixture) }, {}, 'capacity')
    expect(extensionsOf(result)).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(result.data.node).toEqual({ id: disk.id, areas: null })
  })

  test('in which the disk was not tracked yet is CBT_NOT_ENABLED', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off' })
    const base = await fixture.snapshot()
    fixture.machine.settings = { ...fixture.machine.settings, changeTrackingEnabled: true }
    const disk = await fixture.snapshot()
    await expectRefusal(fixture, disk.id, { snapshot: base.snapshotId }, 'CBT_NOT_ENABLED')
  })

  test.each([
    ['did not exist', undefined],
    ['was a different one', { uuid: '6000C29x-another' }],
    ['was smaller', { capacity: smallCapacity - grain }],
  ] as const)('in which the disk %s is CHANGE_ID_STALE', async (_, was) => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    const [frozen] = fixture.machine.currentSnapshot?.disks ?? []
    if (!frozen) throw new TypeError('no disk is in the snapshot')
    const disks = was ? [{ ...frozen, disk: { ...frozen.disk, ...was } }] : []
    Object.assign(fixture.machine.currentSnapshot as object, { disks })
    fixture.machine.derived.clear()
    const disk = await fixture.snapshot()
    await expectRefusal(fixture, disk.id, { snapshot: base.snapshotId }, 'CHANGE_ID_STALE')
  })

  test('costs no separate retrieval when it is read along with the disk', async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    await fixture.snapshot()
    fixture.simulator.calls.length = 0
    const { data, errors } = await fixture.execute(
      `query ($id: ID!, $since: ID!) { node(id: $id) { ... on VirtualMachine {
        snapshots { isCurrent disks { changedAreas(since: { snapshot: $since }) { totalCount } } }
      } } }`,
      { id: fixture.vmId, since: base.snapshotId },
    )
    expect(data.node.snapshots.map((each: { isCurrent: boolean }) => each.isCurrent)).toEqual([false, true])
    expect(data.node.snapshots[1].disks).toEqual([{ changedAreas: { totalCount: 0 } }])
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(fixture.simulator.calls.map(({ method }) => method)).toEqual([
      'RetrievePropertiesEx',
      'QueryChangedDiskAreas',
    ])
  })
})
