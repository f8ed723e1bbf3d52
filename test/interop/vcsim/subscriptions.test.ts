// Subscriptions of the gateway on vcsim, whose update streams replay and split changes.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Subscription, subscribe } from '../../subscribe.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('a subscription on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    vcsim = await startVcsim('-dc', '1', '-vm', '60')
    govc = govcAt(vcsim.url, {})
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })

  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  it('sends all virtual machines, and then the changes that govc makes', async () => {
    const events = await subscribe(
      gateway.url,
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind entityId entity { ... on VirtualMachine { name powerState host { name } } } } } }',
    )
    const known = new Map<string, { name: string; powerState: string }>()
    const take = async () => {
      const event = await events.next()
      if (!event?.data) throw new Error(JSON.stringify(event))
      const { initial, changes } = event.data.inventoryChanges
      for (const { kind, entityId: id, entity } of changes) {
        expect(kind === 'ENTER').toBe(!known.has(id))
        if (kind === 'LEAVE') known.delete(id)
        else known.set(id, entity)
      }
      return initial
    }
    while (known.size < 120) expect(await take()).toBe(true)
    const named = (name: string) => [...known.values()].find((each) => each.name === name)

    await govc('vm.power', '-off', 'DC0_H0_VM7')
    while (named('DC0_H0_VM7')?.powerState !== 'POWERED_OFF') expect(await take()).toBe(false)
    // vm.change would rename it, too, but vcsim sends no update for that.
    await govc('object.rename', '/DC0/vm/DC0_H0_VM7', 'renamed')
    while (!named('renamed')) await take()
    await govc('vm.destroy', 'renamed')
    while (named('renamed')) await take()
    expect(known.size).toBe(119)
    events.abortClient()
  })

  it('serves several subscribers with different selections, and continues when one leaves', async () => {
    const follow = async (selected: string) => {
      const events = await subscribe(
        gateway.url,
        `subscription { inventoryChanges(filter: { virtualMachine: { name: { glob: "DC0_C0_*" } } }) { initial changes { kind entityId entity { ... on VirtualMachine { ${selected} } } } } }`,
      )
      const start = await events.next()
      expect(start?.data.inventoryChanges).toMatchObject({ initial: true, changes: { length: 60 } })
      expect((await events.next())?.data.inventoryChanges).toEqual({ initial: false, changes: [] })
      return events
    }
    const kindsOf = async (events: Subscription) =>
      (await events.next())?.data.inventoryChanges.changes.map(({ kind }: { kind: string }) => kind)
    const names = await follow('name')
    const states = await follow('powerState')
    const plannerCache = await follow('memory')
    // The first event of each subscriber is a deletion.
    await govc('vm.destroy', 'DC0_C0_RP0_VM3')
    for (const events of [names, states, plannerCache]) expect(await kindsOf(events)).toEqual(['LEAVE'])
    plannerCache.abortClient()
    await govc('vm.power', '-off', 'DC0_C0_RP0_VM4')
    expect(await kindsOf(states)).toEqual(['MODIFY'])
    states.abortClient()
    await govc('object.rename', '/DC0/vm/DC0_C0_RP0_VM5', 'DC0_C0_renamed')
    expect(await kindsOf(names)).toEqual(['MODIFY'])
    names.abortClient()
  })

  it('sends objects of several types, and the changes of each', async () => {
    const events = await subscribe(
      gateway.url,
      `subscription {
        inventoryChanges(filter: { virtualMachine: { name: { glob: "DC0_H0_*" } } hostSystem: {} datastore: {} folder: {} storagePod: {} }) {
          initial
          changes { kind type entityId entity { name ... on HostSystem { connectionState } } }
          coverage { isComplete }
        }
      }`,
    )
    const known = new Map<string, { name: string }>()
    const types = new Set<string>()
    const take = async () => {
      const event = await events.next()
      if (!event?.data) throw new Error(JSON.stringify(event))
      const { initial, changes, coverage } = event.data.inventoryChanges
      expect(coverage).toEqual([{ isComplete: true }])
      for (const { kind, type, entityId, entity } of changes) {
        types.add(type)
        expect(kind === 'ENTER').toBe(!known.has(entityId))
        if (kind === 'LEAVE') known.delete(entityId)
        else known.set(entityId, entity)
      }
      return initial
    }
    while (await take());
    expect([...types].sort()).toEqual(['DATASTORE', 'FOLDER', 'HOST_SYSTEM', 'VIRTUAL_MACHINE'])
    const named = (name: string) => [...known.values()].find((each) => each.name === name)

    await govc('folder.create', '/DC0/vm/new-folder')
    while (!named('new-folder')) await take()
    await govc('object.rename', '/DC0/vm/new-folder', 'renamed-folder')
    while (!named('renamed-folder')) await take()
    await govc('object.destroy', '/DC0/vm/renamed-folder')
    while (named('renamed-folder')) await take()
    await govc('vm.destroy', 'DC0_H0_VM9')
    while (named('DC0_H0_VM9')) await take()
    // vcsim sends no updates of hosts, and of datastores only that they appear. Their removal also changes the container view, whereupon
    // vcsim forgets which objects its filter has reported (PropertyFilter.update), and drops the removal if it is processed afterwards.
    // The comparison every five minutes finds it.
    const directory = mkdtempSync(join(tmpdir(), 'datastore-'))
    await govc('datastore.create', '-type', 'local', '-name', 'new-ds', '-path', directory, 'DC0_H0')
    while (!named('new-ds')) await take()
    rmSync(directory, { recursive: true })
    events.abortClient()
  })

  it('follows a task to its end', async () => {
    const { data, errors } = await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "DC0_H0_VM1" }, name: "followed", waitSeconds: 0 }) { task { id } } }',
    )
    expect(errors).toBeUndefined()
    const events = await subscribe(gateway.url, 'subscription ($id: ID!) { task(id: $id) { state } }', {
      id: data.createSnapshot.task.id,
    })
    const states = (await events.remaining()).map((event) => event.data?.task.state)
    expect(states.at(-1)).toBe('SUCCESS')
    expect(states.filter((state) => state === 'SUCCESS')).toHaveLength(1)
  })
})
