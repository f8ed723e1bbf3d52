// Tests ChangeTracking.eligibility: everything that prevents a step at once, with the privileges and the tasks of all machines in one
// call each.

import { describe, expect, onTestFinished, test } from 'vitest'
import type { SimulatedUser } from '../../../src/simulator/index.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const users: readonly SimulatedUser[] = [
  { username: 'reader', password: 'pass', grants: [{ role: 'ReadOnly' }] },
]

function start(options: Parameters<typeof startGateway>[0] = {}): TestGateway {
  const gateway = startGateway({ users, ...options })
  onTestFinished(() => gateway.close())
  return gateway
}

const fields = 'isEligible blockers { code message remedy privilege task { operation state } disk { label } }'

interface Blocker {
  readonly code: string
  readonly privilege: string | null
  readonly disk: { readonly label: string } | null
}

async function eligibilityOf(gateway: TestGateway, name: string, step = 'CAPTURE') {
  const { data, errors } = await gateway.execute(
    `query ($name: String!) {
      virtualMachine(by: { name: $name }) { changeTracking { eligibility(for: ${step}) { ${fields} } } }
    }`,
    { name },
  )
  expect(errors).toBeUndefined()
  const { isEligible, blockers } = data.virtualMachine.changeTracking.eligibility
  return {
    isEligible,
    blockers,
    codes: blockers.map(({ code, disk, privilege }: Blocker) => disk?.label ?? privilege ?? code),
  }
}

test.each([
  ['web-01', 'CAPTURE', true, []],
  ['web-02', 'CAPTURE', false, ['NOT_ENABLED']],
  ['web-02', 'ACTIVATE', true, []],
  ['wiki-01', 'CAPTURE', false, ['NOT_ACTIVATED']],
  ['wiki-01', 'ACTIVATE', true, []],
  // The other disk is left.
  ['file-01', 'CAPTURE', true, ['Hard disk 2']],
  // A shared disk that snapshots include prevents them.
  ['rac-01', 'CAPTURE', false, ['Hard disk 2']],
  ['rac-01', 'ACTIVATE', false, ['Hard disk 2']],
  ['backup-01', 'CAPTURE', false, ['CONSOLIDATION_NEEDED']],
  ['desktop-01', 'ACTIVATE', false, ['SUSPENDED']],
  ['desktop-01', 'CAPTURE', false, ['NOT_ENABLED']],
  ['ubuntu-24.04', 'CAPTURE', false, ['TEMPLATE', 'NOT_ENABLED']],
  ['scada-nt4', 'ACTIVATE', false, ['HARDWARE_TOO_OLD']],
  ['legacy-01', 'CAPTURE', null, ['CONFIGURATION_UNREADABLE', 'NOT_CONNECTED']],
])('%s is for %s as expected', async (name, step, isEligible, codes) => {
  expect(await eligibilityOf(start(), name, step)).toMatchObject({ isEligible, codes })
})

test('is what captureChanges and setChangeTracking then do, for each virtual machine', async () => {
  const gateway = start({ tasks: { queuedMs: 0, durationMs: 1 } })
  const { data } = await gateway.execute(
    `{ virtualMachines(first: 1000) { nodes { id name changeTracking {
      active
      capture: eligibility(for: CAPTURE) { isEligible }
      activate: eligibility(for: ACTIVATE) { isEligible }
    } } } }`,
  )
  const seen = new Set<boolean | null>()
  for (const { id, name, changeTracking } of data.virtualMachines.nodes) {
    const { active, capture, activate } = changeTracking
    const captured = await gateway.execute(
      'mutation ($id: ID!) { captureChanges(input: { virtualMachine: { id: $id }, idempotencyKey: "key" }) { capture { snapshot { moid } } } }',
      { id },
    )
    expect([name, captured.errors === undefined]).toEqual([name, capture.isEligible === true])
    seen.add(capture.isEligible)
    // Without a step to take, nothing prevents it.
    if (active) continue
    const activated = await gateway.execute(
      'mutation ($id: ID!) { setChangeTracking(input: { virtualMachine: { id: $id }, enabled: true, activate: true }) { task { id } } }',
      { id },
    )
    expect([name, activated.errors === undefined]).toEqual([name, activate.isEligible === true])
  }
  expect(seen).toEqual(new Set([true, false, null]))
})

describe('what is not in the configuration', () => {
  test('is reported too: missing privileges of the account, each by its name', async () => {
    const gateway = start()
    gateway.simulator.authorization.grant('user', { role: 'ReadOnly' })
    expect(await eligibilityOf(gateway, 'web-01')).toMatchObject({
      isEligible: false,
      codes: [
        'VirtualMachine.Provisioning.DiskRandomRead',
        'VirtualMachine.State.CreateSnapshot',
        'VirtualMachine.State.RemoveSnapshot',
      ],
    })
    expect((await eligibilityOf(gateway, 'web-02', 'ACTIVATE')).codes).toContain(
      'VirtualMachine.Config.ChangeTracking',
    )
  })

  test('and a task that runs on the virtual machine', async () => {
    const gateway = start({ tasks: { queuedMs: 0, durationMs: 60_000 } })
    await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x", waitSeconds: 0 }) { task { id } } }',
    )
    const { isEligible, blockers } = await eligibilityOf(gateway, 'web-01')
    expect(isEligible).toBe(false)
    expect(blockers).toMatchObject([
      { code: 'TASK_RUNNING', task: { operation: 'VirtualMachine.createSnapshot', state: 'RUNNING' } },
    ])
  })
})

test('of all virtual machines costs one call for the privileges', async () => {
  const gateway = start({ vms: 50 })
  await gateway.execute('{ virtualMachines { totalCount } }')
  gateway.simulator.calls.length = 0
  const { data, errors } = await gateway.execute(
    `{ virtualMachines(first: 100) { nodes { changeTracking { eligibility { ${fields} } } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data.virtualMachines.nodes).toHaveLength(50)
  expect(gateway.simulator.calls.map(({ method }) => method)).toEqual([
    'RetrievePropertiesEx',
    'HasPrivilegeOnEntities',
  ])
})
