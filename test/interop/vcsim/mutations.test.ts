// Mutations that vcsim supports only partly or not at all: their effects, and the errors about missing methods. gateway.test.ts
// tests those that vcsim supports.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('mutations on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway

  beforeAll(async () => {
    vcsim = await startVcsim()
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })

  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  it('consolidateDisks reports which method the server lacks', async () => {
    const { data, errors } = await gateway.execute(
      'mutation { consolidateDisks(input: { virtualMachine: { name: "DC0_H0_VM0" } }) { task { state } } }',
    )
    expect(data).toEqual({ consolidateDisks: null })
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('ConsolidateVMDisks_Task'),
        extensions: {
          code: 'VSPHERE_FAULT',
          fault: 'MethodNotFound',
          retryable: false,
          remedy: expect.stringContaining('does not support the method'),
        },
      },
    ])
  })

  it('setChangeTracking enables it as govc sees it, and does not report it as active', async () => {
    const { data, errors } = await gateway.execute(
      `mutation { setChangeTracking(input: { virtualMachine: { name: "DC0_H0_VM0" }, enabled: true }) {
        task { state } activated
        virtualMachine { snapshots { name } changeTracking { enabled active reasons { code } } }
      } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.setChangeTracking).toEqual({
      task: { state: 'SUCCESS' },
      activated: null,
      virtualMachine: {
        snapshots: [],
        changeTracking: {
          enabled: true,
          active: false,
          // vcsim takes snapshots, although it reports for each machine that it cannot. Its disks never have a changeId.
          reasons: [{ code: 'SNAPSHOTS_UNSUPPORTED' }, { code: 'NOT_ACTIVATED' }],
        },
      },
    })
    const { virtualMachines } = await govcAt(vcsim.url).json('vm.info', 'DC0_H0_VM0')
    expect(virtualMachines).toMatchObject([{ config: { changeTrackingEnabled: true } }])
  })

  it('setChangeTracking with activate believes the server that snapshots are not supported', async () => {
    const { data, errors } = await gateway.execute(
      'mutation { setChangeTracking(input: { virtualMachine: { name: "DC0_H0_VM1" }, enabled: true, activate: true }) { activated } }',
    )
    expect(data).toEqual({ setChangeTracking: null })
    expect(errors).toMatchObject([
      { message: expect.stringContaining('does not support snapshots'), extensions: { code: 'CONFLICT' } },
    ])
  })

  it('captureChanges takes no snapshot, because vcsim tracks no changes, and releaseCapture removes no other', async () => {
    const { errors } = await gateway.execute(
      'mutation { captureChanges(input: { virtualMachine: { name: "DC0_C0_RP0_VM0" }, idempotencyKey: "a" }) { capture { leaseExpiresAt } } }',
    )
    expect(errors).toMatchObject([
      // vcsim reports that it supports no snapshots, although it takes them.
      {
        extensions: {
          code: 'CONFLICT',
          blockers: [{ code: 'SNAPSHOTS_UNSUPPORTED' }, { code: 'NOT_ENABLED' }],
        },
      },
    ])
    const created = await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "DC0_C0_RP0_VM0" }, name: "mine" }) { snapshot { id capture { idempotencyKey } } } }',
    )
    const { snapshot } = created.data.createSnapshot
    expect(snapshot.capture).toBeNull()
    const released = await gateway.execute(
      'mutation ($id: ID!) { releaseCapture(input: { snapshot: $id }) { task { state } } }',
      { variables: { id: snapshot.id } },
    )
    expect(released.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    const { virtualMachines } = await govcAt(vcsim.url).json('vm.info', 'DC0_C0_RP0_VM0')
    expect(virtualMachines).toMatchObject([{ snapshot: { rootSnapshotList: [{ name: 'mine' }] } }])
  })

  it('cancelTask of a completed task returns CONFLICT', async () => {
    const { data } = await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "DC0_H0_VM1" }, name: "x" }) { task { id moid } } }',
    )
    const { id, moid } = data.createSnapshot.task
    const { errors } = await gateway.execute(
      'mutation ($task: ID!) { cancelTask(input: { task: $task }) { task { state } } }',
      { variables: { task: id } },
    )
    expect(errors).toMatchObject([
      { extensions: { code: 'CONFLICT', fault: 'InvalidState', state: 'success', task: { id, moid } } },
    ])
  })
})
