// Tests ChangeTracking: supported, enabled and active can differ, and the reasons explain why.

import { describe, expect, onTestFinished, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { failedFields } from '../../graphql-response.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { addMachine, changedAreasFixture, GiB } from '../changed-areas/changed-areas-fixture.ts'

function gateway(): TestGateway {
  const started = startGateway()
  onTestFinished(() => started.close())
  return started
}

const fields = 'changeTracking { supported enabled active reasons { code message remedy disk { label } } }'

async function trackingOf(name: string, requested: Pick<TestGateway, 'execute'>) {
  const { data, errors } = await requested.execute(
    `query ($name: String!) { virtualMachines(filter: { name: { glob: $name } }) { nodes { ${fields} } } }`,
    { name },
  )
  return { tracking: data.virtualMachines.nodes[0].changeTracking, errors }
}

const codesOf = ({
  reasons,
}: {
  reasons: readonly { readonly code: string; readonly disk: { readonly label: string } | null }[]
}) => reasons.map(({ code, disk }) => (disk ? [code, disk.label] : [code]))

const first = 'Hard disk 1'
const second = 'Hard disk 2'

describe('the change tracking of the named virtual machines', () => {
  test.each<
    [
      name: string,
      supported: boolean | null,
      enabled: boolean | null,
      active: boolean | null,
      reasons: [string, string?][],
    ]
  >([
    ['web-01', true, true, true, []],
    ['web-02', true, false, false, [['NOT_ENABLED']]],
    ['wiki-01', true, true, false, [['NOT_ACTIVATED']]],
    ['scada-nt4', false, false, false, [['HARDWARE_TOO_OLD'], ['NOT_ENABLED']]],
    ['file-01', true, true, true, [['INDEPENDENT_DISK', second]]],
    ['san-01', true, true, true, [['PHYSICAL_RDM', second]]],
    ['rac-01', true, true, true, [['SHARED_BUS', second]]],
    ['mail-01', true, true, true, []],
    ['backup-01', true, true, true, [['CONSOLIDATION_NEEDED']]],
    ['ubuntu-24.04', true, false, false, [['TEMPLATE'], ['NOT_ENABLED']]],
    ['desktop-01', true, false, false, [['NOT_ENABLED'], ['SUSPENDED']]],
    ['legacy-01', null, null, null, [['CONFIGURATION_UNREADABLE'], ['NOT_CONNECTED']]],
  ])('is as expected for %s', async (name, supported, enabled, active, reasons) => {
    const { tracking, errors } = await trackingOf(name, gateway())
    expect(errors).toBeUndefined()
    expect(tracking).toMatchObject({ enabled, active })
    if (supported !== null) expect(tracking.supported).toBe(supported)
    expect(
      tracking.reasons.map(({ code, disk }: { code: string; disk: { label: string } | null }) =>
        disk ? [code, disk.label] : [code],
      ),
    ).toEqual(reasons)
    for (const { message, remedy } of tracking.reasons) {
      expect(message).toMatch(/\.$/)
      expect(remedy).toMatch(/\.$/)
    }
  })
})

describe('what prevents a snapshot is a reason', () => {
  test('when methods are disabled, the capability is missing or the chain of snapshots is full, all at once', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'enabled', disks: [{ capacity: GiB }] })
    for (let level = 1; level <= 32; level += 1) await fixture.snapshot()
    fixture.machine.consolidationNeeded = true
    fixture.machine.derived.clear()
    const object = fixture.simulator.objects.find(fixture.machine.ref)
    object?.set('disabledMethod', ['CreateSnapshot_Task'])
    const { tracking } = await trackingOf('lab', fixture)
    expect(codesOf(tracking)).toEqual([
      ['CONSOLIDATION_NEEDED'],
      ['SNAPSHOTS_UNSUPPORTED'],
      ['SNAPSHOT_CHAIN_FULL'],
    ])
    object?.set('disabledMethod', [])
    const capability = object?.get('capability') as object
    object?.set('capability', { ...capability, snapshotOperationsSupported: false })
    expect(codesOf((await trackingOf('lab', fixture)).tracking)).toContainEqual(['SNAPSHOTS_UNSUPPORTED'])
  })

  test('once for a template, whose methods are disabled because it is one', async () => {
    const started = gateway()
    const { ref } = started.simulator.inventory.machine('ubuntu-24.04')
    started.simulator.objects.find(ref)?.set('disabledMethod', ['CreateSnapshot_Task'])
    const { tracking } = await trackingOf('ubuntu-24.04', started)
    expect(codesOf(tracking)).toEqual([['TEMPLATE'], ['NOT_ENABLED']])
  })

  test('with everything that prevents tracking of one disk', async () => {
    const started = gateway()
    const machine = started.simulator.inventory.machine('rac-01')
    Object.assign(machine.disks[1] as object, { mode: 'independent_persistent' })
    machine.derived.clear()
    const { tracking } = await trackingOf('rac-01', started)
    expect(codesOf(tracking)).toEqual([
      ['INDEPENDENT_DISK', second],
      ['SHARED_BUS', second],
    ])
  })
})

describe('a virtual machine', () => {
  const pair = { disks: [{ capacity: GiB }, { capacity: GiB }] } as const

  test('whose disks got their changeId at a snapshot is active', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'enabled', ...pair })
    expect((await trackingOf('lab', fixture)).tracking).toMatchObject({ enabled: true, active: false })
    await fixture.snapshot()
    expect((await trackingOf('lab', fixture)).tracking).toEqual({
      supported: true,
      enabled: true,
      active: true,
      reasons: [],
    })
  })

  test('that has a snapshot from before tracking was enabled reports that snapshot as the reason', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off', ...pair })
    await fixture.snapshot()
    fixture.machine.settings = { ...fixture.machine.settings, changeTrackingEnabled: true }
    fixture.machine.derived.clear()
    const { tracking } = await trackingOf('lab', fixture)
    expect(tracking).toMatchObject({ enabled: true, active: false })
    expect(tracking.reasons.map(({ code }: { code: string }) => code)).toEqual([
      'NOT_ACTIVATED',
      'SNAPSHOTS_PRESENT',
    ])
  })

  test('reports snapshots from before tracking together with what is not enabled', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off', ...pair })
    await fixture.snapshot()
    const { tracking } = await trackingOf('lab', fixture)
    expect(codesOf(tracking)).toEqual([['NOT_ENABLED'], ['SNAPSHOTS_PRESENT']])
  })

  test('reports one disk without a changeId by itself, and no snapshot in which the others carry theirs', async () => {
    const fixture = await changedAreasFixture({
      changeTracking: 'off',
      disks: [...pair.disks, { capacity: GiB }],
    })
    const all = [true, true, false].map((isTracked, unit) => ({
      key: `scsi0:${unit}.ctkEnabled`,
      value: isTracked ? 'TRUE' : 'FALSE',
    }))
    reconfigure(fixture.machine, { changeTrackingEnabled: true }, new Date())
    reconfigure(fixture.machine, { extraConfig: all }, new Date())
    await fixture.snapshot()
    await fixture.snapshot()
    const { tracking } = await trackingOf('lab', fixture)
    expect(tracking).toMatchObject({ enabled: true, active: false })
    expect(codesOf(tracking)).toEqual([['NOT_ACTIVATED', 'Hard disk 3']])
  })

  test('reports snapshots from before tracking for the disk that they keep, if the others are tracked', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off', ...pair })
    await fixture.snapshot()
    const keys = ['ctkEnabled', 'scsi0:0.ctkEnabled'].map((key) => ({ key, value: 'TRUE' }))
    reconfigure(fixture.machine, { extraConfig: keys }, new Date())
    setPower(fixture.machine, 'poweredOff', new Date())
    setPower(fixture.machine, 'poweredOn', new Date())
    const { tracking } = await trackingOf('lab', fixture)
    expect(codesOf(tracking)).toEqual([
      ['NOT_ACTIVATED', 'Hard disk 2'],
      ['SNAPSHOTS_PRESENT', 'Hard disk 2'],
    ])
  })

  test('is enabled and active by the extra configuration of a running machine, also for the filter', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off', ...pair })
    const keys = ['ctkEnabled', 'scsi0:0.ctkEnabled', 'scsi0:1.ctkEnabled']
    const extraConfig = keys.map((key) => ({ key, value: 'TRUE' }))
    reconfigure(fixture.machine, { extraConfig }, new Date())
    expect(fixture.machine.settings.changeTrackingEnabled).toBe(false)
    await fixture.snapshot()
    expect((await trackingOf('lab', fixture)).tracking).toMatchObject({
      enabled: true,
      active: true,
      reasons: [],
    })
    const { data } = await fixture.execute(`{
      on: virtualMachines(filter: { changeTracking: { enabled: { eq: true } }, name: { eq: "lab" } }) { totalCount }
      off: virtualMachines(filter: { changeTracking: { enabled: { eq: false } }, name: { eq: "lab" } }) { totalCount }
    }`)
    expect(data).toEqual({ on: { totalCount: 1 }, off: { totalCount: 0 } })
  })

  test('is enabled but not active by ctkEnabled alone, which switches no disk on', async () => {
    const fixture = await changedAreasFixture({ changeTracking: 'off', ...pair })
    reconfigure(fixture.machine, { extraConfig: [{ key: 'ctkEnabled', value: 'TRUE' }] }, new Date())
    const { tracking } = await trackingOf('lab', fixture)
    expect(tracking).toMatchObject({ enabled: true, active: false })
    expect(codesOf(tracking)).toEqual([['NOT_ACTIVATED']])
  })

  test('has the reason SHARED_BUS for a disk on a shared bus, whatever the disk itself reports', async () => {
    const fixture = await changedAreasFixture()
    addMachine(fixture.simulator, 'cluster-node', {
      disks: [{ capacity: GiB }, { capacity: GiB, bus: 1, sharedBus: true }],
      changeTracking: 'active',
    })
    const { tracking } = await trackingOf('cluster-node', fixture)
    expect(tracking).toMatchObject({
      active: true,
      reasons: [{ code: 'SHARED_BUS', disk: { label: second } }],
    })
  })

  test('with several reasons reports all of them', async () => {
    const fixture = await changedAreasFixture()
    addMachine(fixture.simulator, 'worst', {
      disks: [
        { capacity: GiB, independent: true },
        { capacity: GiB, rawDevice: 'physicalMode' },
      ],
    })
    const { tracking } = await trackingOf('worst', fixture)
    expect(tracking).toMatchObject({ enabled: false, active: false })
    expect(tracking.reasons).toMatchObject([
      { code: 'INDEPENDENT_DISK', disk: { label: first } },
      { code: 'PHYSICAL_RDM', disk: { label: second } },
      { code: 'NOT_ENABLED', disk: null },
    ])
  })

  test('whose configuration is denied has a reason, and errors only at fields without a value', async () => {
    const denied = gateway()
    const { ref } = denied.simulator.inventory.vm('web-01')
    denied.simulator.faults.deny(ref, 'config')
    const { tracking, errors } = await trackingOf('web-01', denied)
    expect(tracking).toMatchObject({
      supported: true,
      enabled: null,
      active: null,
      reasons: [{ code: 'CONFIGURATION_UNREADABLE', disk: null }],
    })
    expect(errors).toHaveLength(1)
    expect(failedFields(errors)).toEqual([
      'virtualMachines.nodes.0.changeTracking.active: FORBIDDEN',
      'virtualMachines.nodes.0.changeTracking.enabled: FORBIDDEN',
    ])
  })
})

test('does not read fields that are not selected', async () => {
  const { execute, simulator } = gateway()
  await execute('{ virtualMachine(by: { name: "web-02" }) { name } }')
  simulator.calls.length = 0
  await execute('{ virtualMachine(by: { name: "web-02" }) { changeTracking { supported } } }')
  const read = JSON.stringify(simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx'))
  expect(read).toContain('capability.changeTrackingSupported')
  expect(read).not.toContain('config.hardware.device')
  expect(read).not.toContain('"snapshot"')
})
