// ChangeTracking: supported, enabled and active can disagree, and the reasons say why.

import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestGateway } from '../gateway.ts'
import { addMachine, GiB, laboratory } from './changed-areas/laboratory.ts'

function gateway(): TestGateway {
  const started = startGateway()
  onTestFinished(() => started.close())
  return started
}

const fields = 'changeTracking { supported enabled active reasons { code message disk { label } } }'

async function trackingOf(name: string, asked: Pick<TestGateway, 'ask'>) {
  const { data, errors } = await asked.ask(
    `query ($name: String!) { virtualMachines(filter: { name: $name }) { nodes { ${fields} } } }`,
    { name },
  )
  return { tracking: data.virtualMachines.nodes[0].changeTracking, errors }
}

const first = 'Hard disk 1'
const second = 'Hard disk 2'

describe('the named virtual machines', () => {
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
    ['scada-nt4', false, false, false, [['HARDWARE_TOO_OLD']]],
    ['file-01', true, true, true, [['INDEPENDENT_DISK', second]]],
    ['san-01', true, true, true, [['PHYSICAL_RDM', second]]],
    ['rac-01', true, true, true, [['SHARED_BUS', second]]],
    ['mail-01', true, true, true, []],
    ['backup-01', true, true, true, []],
    ['ubuntu-24.04', true, false, false, [['NOT_ENABLED']]],
    ['legacy-01', null, null, null, [['CONFIGURATION_UNREADABLE']]],
  ])('%s', async (name, supported, enabled, active, reasons) => {
    const { tracking, errors } = await trackingOf(name, gateway())
    expect(errors).toBeUndefined()
    expect(tracking).toMatchObject({ enabled, active })
    if (supported !== null) expect(tracking.supported).toBe(supported)
    expect(
      tracking.reasons.map(({ code, disk }: { code: string; disk: { label: string } | null }) =>
        disk ? [code, disk.label] : [code],
      ),
    ).toEqual(reasons)
    for (const { message } of tracking.reasons) expect(message).toMatch(/\.$/)
  })
})

describe('a virtual machine', () => {
  const pair = { disks: [{ capacity: GiB }, { capacity: GiB }] } as const

  test('whose disks got their changeId at a snapshot is active', async () => {
    const lab = await laboratory({ changeTracking: 'enabled', ...pair })
    expect((await trackingOf('lab', lab)).tracking).toMatchObject({ enabled: true, active: false })
    await lab.snapshot()
    expect((await trackingOf('lab', lab)).tracking).toEqual({
      supported: true,
      enabled: true,
      active: true,
      reasons: [],
    })
  })

  test('that was switched on over a snapshot is told that it stands in the way', async () => {
    const lab = await laboratory({ changeTracking: 'off', ...pair })
    await lab.snapshot()
    lab.machine.settings = { ...lab.machine.settings, changeTrackingEnabled: true }
    lab.machine.derived.clear()
    const { tracking } = await trackingOf('lab', lab)
    expect(tracking).toMatchObject({ enabled: true, active: false })
    expect(tracking.reasons.map(({ code }: { code: string }) => code)).toEqual([
      'NOT_ACTIVATED',
      'SNAPSHOTS_PRESENT',
    ])
  })

  test('with a disk on a shared bus, whatever the disk itself says', async () => {
    const lab = await laboratory()
    addMachine(lab.simulator, 'cluster-node', {
      disks: [{ capacity: GiB }, { capacity: GiB, bus: 1, sharedBus: true }],
      changeTracking: 'active',
    })
    const { tracking } = await trackingOf('cluster-node', lab)
    expect(tracking).toMatchObject({
      active: true,
      reasons: [{ code: 'SHARED_BUS', disk: { label: second } }],
    })
  })

  test('with several reasons is told them all', async () => {
    const lab = await laboratory()
    addMachine(lab.simulator, 'worst', {
      disks: [
        { capacity: GiB, independent: true },
        { capacity: GiB, rawDevice: 'physicalMode' },
      ],
    })
    const { tracking } = await trackingOf('worst', lab)
    expect(tracking).toMatchObject({ enabled: false, active: false })
    expect(tracking.reasons).toMatchObject([
      { code: 'INDEPENDENT_DISK', disk: { label: first } },
      { code: 'PHYSICAL_RDM', disk: { label: second } },
      { code: 'NOT_ENABLED', disk: null },
    ])
  })

  test('whose configuration is denied has a reason, and errors only where an answer is missing', async () => {
    const denied = gateway()
    const { ref } = denied.simulator.inventory.vm('web-01')
    denied.simulator.trouble.deny(ref, 'config')
    const { tracking, errors } = await trackingOf('web-01', denied)
    expect(tracking).toMatchObject({
      supported: true,
      enabled: null,
      active: null,
      reasons: [{ code: 'CONFIGURATION_UNREADABLE', disk: null }],
    })
    expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions.code])).toEqual([
      ['enabled', 'FORBIDDEN'],
      ['active', 'FORBIDDEN'],
    ])
  })
})

test('what is not selected is not read', async () => {
  const { ask, simulator } = gateway()
  await ask('{ virtualMachine(by: { name: "web-02" }) { name } }')
  simulator.calls.length = 0
  await ask('{ virtualMachine(by: { name: "web-02" }) { changeTracking { supported } } }')
  const read = JSON.stringify(simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx'))
  expect(read).toContain('capability.changeTrackingSupported')
  expect(read).not.toContain('config.hardware.device')
  expect(read).not.toContain('"snapshot"')
})
