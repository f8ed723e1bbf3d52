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
    ['that is switched on but not active', 'wiki-01', 'Hard disk 1', 'CBT_NOT_ENABLED'],
    ['of hardware without tracking', 'scada-nt4', 'Hard disk 1', 'CBT_UNSUPPORTED'],
    ['that is independent', 'file-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['that is a physical RDM', 'san-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['that is shared', 'rac-01', 'Hard disk 2', 'CBT_UNSUPPORTED'],
    ['of a running virtual machine', 'app-01', 'Hard disk 1', 'CONFLICT'],
    ['of a suspended virtual machine', 'desktop-01', 'Hard disk 1', 'CBT_NOT_ENABLED'],
  ])('%s (%s, %s) is rejected as %s without a query', async (_, name, label, code) => {
    const { execute, simulator } = gateway()
    const { ref } = simulator.inventory.vm(name)
    const answer = await execute(
      `query ($label: String!) {
        virtualMachines(filter: { name: "${name}" }) { nodes { moid disk(by: { label: $label }) {
          label
          allocatedAreas { capacity totalCount }
          changedAreas(since: { changeId: "*" }) { capacity nodes { start } }
        } } }
      }`,
      { label },
    )
    const vm = answer.data.virtualMachines.nodes.find((each: { moid: string }) => each.moid === ref.value)
    expect(vm.disk).toEqual({ label, allocatedAreas: null, changedAreas: null })
    const extensions = extensionsOf(answer)?.filter((each) => each.code === code)
    expect(extensions?.length).toBeGreaterThanOrEqual(2)
    expect(extensions?.every(({ remedy }) => typeof remedy === 'string')).toBe(true)
    if (code === 'CONFLICT') expect(extensions?.[0]?.state).toBe('poweredOn')
    expect(simulator.calls.some(({ method }) => method === 'QueryChangedDiskAreas')).toBe(false)
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
    const lab = await changedAreasFixture({ changeTracking: 'off' })
    const { id } = await lab.snapshot()
    lab.simulator.calls.length = 0
    const answer = await queryAreas(lab, id, undefined)
    expect(extensionsOf(answer)).toMatchObject([{ code: 'CBT_NOT_ENABLED', remedy: expect.any(String) }])
    expect(lab.queries()).toBe(0)
  })
})

/** Queries changes since a point, and expects a rejection without a call to vSphere. */
async function expectRefusal(
  lab: ChangedAreasFixture,
  id: string,
  since: Since,
  code: string,
): Promise<void> {
  lab.simulator.calls.length = 0
  const answer = await lab.execute(
    'query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { key capacity changedAreas(since: $since) { capacity } } } }',
    { id, since },
  )
  expect(extensionsOf(answer)).toMatchObject([{ code, remedy: expect.stringMatching(/\.$/) }])
  expect(answer.data.node).toEqual({ key: 2000, capacity: smallCapacity, changedAreas: null })
  expect(lab.queries()).toBe(0)
}

describe('a stored changeId', () => {
  test('that is malformed is CHANGE_ID_INVALID', async () => {
    const lab = await changedAreasFixture()
    const { id, changeId } = await lab.snapshot()
    for (const text of [
      '',
      ' ',
      'nonsense',
      '**',
      `${changeId} `,
      changeId.replace('/', ''),
      changeId.slice(3),
    ])
      await expectRefusal(lab, id, { changeId: text }, 'CHANGE_ID_INVALID')
  })

  test('of another epoch, of another disk, or of a later point is CHANGE_ID_STALE', async () => {
    const lab = await changedAreasFixture()
    const first = await lab.snapshot()
    const second = await lab.snapshot()
    await expectRefusal(lab, first.id, { changeId: second.changeId }, 'CHANGE_ID_STALE')
    const other = second.changeId
      .replace(/^52 ../, '52 zz')
      .replace('zz', second.changeId.startsWith('52 00') ? '01' : '00')
    await expectRefusal(lab, second.id, { changeId: other }, 'CHANGE_ID_STALE')
    await expectRefusal(
      lab,
      second.id,
      { changeId: second.changeId.replace(/\d+$/, '99999999999999999999') },
      'CHANGE_ID_STALE',
    )
  })

  test('from before a revert is CHANGE_ID_STALE', async () => {
    const lab = await changedAreasFixture()
    const first = await lab.snapshot()
    const frozen = lab.machine.currentSnapshot
    if (frozen) revertToSnapshot(lab.machine, frozen, { powerOn: false, at: new Date() })
    const second = await lab.snapshot()
    await expectRefusal(lab, second.id, { changeId: first.changeId }, 'CHANGE_ID_STALE')
  })

  test('of a state that a revert discarded is CHANGE_ID_STALE even in the same epoch, while its snapshot exists', async () => {
    const lab = await changedAreasFixture()
    lab.simulator.inventory.settings.epochAfterRevert = 'same'
    const base = await lab.snapshot()
    const trunk = lab.machine.currentSnapshot
    lab.write(10 * grain, 1)
    const discarded = await lab.snapshot()
    if (trunk) revertToSnapshot(lab.machine, trunk, { powerOn: false, at: new Date() })
    lab.write(0, 1)
    const now = await lab.snapshot()
    const below = await lab.snapshot()
    expect(now.changeId.split('/')[0]).toBe(discarded.changeId.split('/')[0])
    await expectRefusal(lab, now.id, { changeId: discarded.changeId }, 'CHANGE_ID_STALE')
    await expectRefusal(lab, below.id, { changeId: discarded.changeId.toUpperCase() }, 'CHANGE_ID_STALE')
    // The changeId of the common ancestor is accepted on both branches, and that of `now` for its descendant.
    expect((await pageOf(lab, now.id, { changeId: base.changeId })).nodes).toHaveLength(1)
    expect((await pageOf(lab, discarded.id, { changeId: base.changeId })).nodes).toHaveLength(1)
    expect((await pageOf(lab, below.id, { changeId: now.changeId })).nodes).toHaveLength(0)
    // When none of its snapshots is left, only the server can decide.
    lab.remove(discarded)
    const answer = await queryAreas(lab, now.id, { changeId: discarded.changeId })
    expect(extensionsOf(answer)?.[0]).toMatchObject({ code: 'CHANGE_ID_STALE', fault: 'FileFault' })
    expect(lab.queries()).toBeGreaterThan(0)
  })

  test('costs a separate retrieval only where there are branches whose disks have not been read yet', async () => {
    const lab = await changedAreasFixture()
    const first = await lab.snapshot()
    const second = await lab.snapshot()
    await lab.snapshot()
    const retrievals = async () => {
      lab.simulator.calls.length = 0
      await pageOf(lab, second.id, { changeId: first.changeId })
      return lab.simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
    }
    expect(await retrievals()).toBe(1)
    const trunk = lab.machine.rootSnapshots[0]
    if (trunk) revertToSnapshot(lab.machine, trunk, { powerOn: false, at: new Date() })
    await lab.snapshot()
    await lab.snapshot()
    expect(await retrievals()).toBe(2)
  })

  test('is accepted in upper case', async () => {
    const lab = await changedAreasFixture()
    const first = await lab.snapshot()
    lab.write(0, 1)
    const second = await lab.snapshot()
    expect((await pageOf(lab, second.id, { changeId: first.changeId.toUpperCase() })).nodes).toHaveLength(1)
  })

  test('of a server-specific form is validated by the server, when its disks use that form too', async () => {
    const lab = await changedAreasFixture({
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
    const first = await lab.snapshot()
    lab.write(0, 1)
    const second = await lab.snapshot()
    expect(first.changeId).toMatch(/^own:/)
    for (const since of [{ changeId: first.changeId }, { snapshot: first.snapshotId }])
      expect((await pageOf(lab, second.id, since)).nodes).toEqual([{ start: 0, length: grain }])
    await expectRefusal(lab, second.id, { changeId: '' }, 'CHANGE_ID_INVALID')
    lab.queries()
    const refused = await queryAreas(lab, second.id, { changeId: 'nonsense' })
    expect(extensionsOf(refused)?.[0]).toMatchObject({
      code: 'CHANGE_ID_INVALID',
      fault: 'InvalidArgument',
    })
    expect(lab.queries()).toBe(1)
  })

  test('is returned as sinceChangeId, and the changeId of the disk as the next starting point', async () => {
    const lab = await changedAreasFixture()
    const first = await lab.snapshot()
    const second = await lab.snapshot()
    const { data } = await queryAreas(
      lab,
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
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    const trunk = lab.machine.currentSnapshot
    const left = await lab.snapshot()
    if (trunk) revertToSnapshot(lab.machine, trunk, { powerOn: false, at: new Date() })
    const right = await lab.snapshot()
    for (const [disk, since] of [
      [right, left],
      [left, right],
      [base, left],
      [left, left],
    ] as const)
      await expectRefusal(lab, disk.id, { snapshot: since.snapshotId }, 'BAD_USER_INPUT')
    // It is above both, but tracking restarted with the revert.
    await expectRefusal(lab, right.id, { snapshot: base.snapshotId }, 'CHANGE_ID_STALE')
    expect((await pageOf(lab, left.id, { snapshot: base.snapshotId })).nodes).toEqual([])
  })

  test('is BAD_USER_INPUT when it belongs to another virtual machine, and NOT_FOUND when it was removed', async () => {
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    const disk = await lab.snapshot()
    const { data } = await lab.execute('{ virtualMachine(by: { name: "web-01" }) { snapshots { id } } }')
    await expectRefusal(lab, disk.id, { snapshot: data.virtualMachine.snapshots[0].id }, 'BAD_USER_INPUT')
    lab.remove(base)
    await expectRefusal(lab, disk.id, { snapshot: base.snapshotId }, 'NOT_FOUND')
    expect((await pageOf(lab, disk.id, { changeId: base.changeId })).nodes).toEqual([])
  })

  test('is NOT_FOUND when it is removed during the query', async () => {
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    const disk = await lab.snapshot()
    // It stays in the tree until the virtual machine notices.
    lab.simulator.faults.remove({ type: 'VirtualMachineSnapshot', value: base.moid })
    await expectRefusal(lab, disk.id, { snapshot: base.snapshotId }, 'NOT_FOUND')
  })

  test.each([
    ['the id of a virtual machine', (lab: ChangedAreasFixture) => lab.vmId],
    ['the id of a disk', (lab: ChangedAreasFixture) => lab.diskId],
    ['not an id', () => 'nonsense'],
  ])('that is %s is BAD_USER_INPUT', async (_, idOf) => {
    const lab = await changedAreasFixture()
    const disk = await lab.snapshot()
    const answer = await queryAreas(lab, disk.id, { snapshot: idOf(lab) }, {}, 'capacity')
    expect(extensionsOf(answer)).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(answer.data.node).toEqual({ id: disk.id, areas: null })
  })

  test('in which the disk was not tracked yet is CBT_NOT_ENABLED', async () => {
    const lab = await changedAreasFixture({ changeTracking: 'off' })
    const base = await lab.snapshot()
    lab.machine.settings = { ...lab.machine.settings, changeTrackingEnabled: true }
    const disk = await lab.snapshot()
    await expectRefusal(lab, disk.id, { snapshot: base.snapshotId }, 'CBT_NOT_ENABLED')
  })

  test.each([
    ['did not exist', undefined],
    ['was a different one', { uuid: '6000C29x-another' }],
    ['was smaller', { capacity: smallCapacity - grain }],
  ] as const)('in which the disk %s is CHANGE_ID_STALE', async (_, was) => {
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    const [frozen] = lab.machine.currentSnapshot?.disks ?? []
    if (!frozen) throw new TypeError('no disk is in the snapshot')
    const disks = was ? [{ ...frozen, disk: { ...frozen.disk, ...was } }] : []
    Object.assign(lab.machine.currentSnapshot as object, { disks })
    lab.machine.derived.clear()
    const disk = await lab.snapshot()
    await expectRefusal(lab, disk.id, { snapshot: base.snapshotId }, 'CHANGE_ID_STALE')
  })

  test('costs no separate retrieval when it is read along with the disk', async () => {
    const lab = await changedAreasFixture()
    const base = await lab.snapshot()
    await lab.snapshot()
    lab.simulator.calls.length = 0
    const { data, errors } = await lab.execute(
      `query ($id: ID!, $since: ID!) { node(id: $id) { ... on VirtualMachine {
        snapshots { isCurrent disks { changedAreas(since: { snapshot: $since }) { totalCount } } }
      } } }`,
      { id: lab.vmId, since: base.snapshotId },
    )
    expect(data.node.snapshots.map((each: { isCurrent: boolean }) => each.isCurrent)).toEqual([false, true])
    expect(data.node.snapshots[1].disks).toEqual([{ changedAreas: { totalCount: 0 } }])
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(lab.simulator.calls.map(({ method }) => method)).toEqual([
      'RetrievePropertiesEx',
      'QueryChangedDiskAreas',
    ])
  })
})
