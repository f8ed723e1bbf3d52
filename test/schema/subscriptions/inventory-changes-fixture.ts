// A gateway whose inventory a test changes as other clients would, and a client of inventoryChanges.

import type { ExecutionResult } from 'graphql'
import { expect, onTestFinished } from 'vitest'
import type { SimulatedObject, Simulator } from '../../../src/simulator/index.ts'
import { destroyMachine } from '../../../src/simulator/inventory/create-machine.ts'
import { type Machine, machineOf } from '../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { Subscription } from '../../subscribe.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { addMachine } from '../changed-areas/changed-areas-fixture.ts'

interface Entity {
  readonly id: string
  readonly moid: string
  readonly name: string
}

export interface Change {
  readonly kind: 'ENTER' | 'MODIFY' | 'LEAVE'
  readonly type: string
  readonly entityId: string
  readonly entity: Entity | null
}

interface Batch {
  readonly initial: boolean
  readonly changes: readonly Change[]
}

/** A subscription with the filter as a variable that selects these fields. */
export const inventoryChanges = (fields: string) => `subscription ($filter: InventoryFilter!) {
  inventoryChanges(filter: $filter) { initial changes { kind type entityId entity { id ${fields} } } }
}`

export async function start(options: Parameters<typeof startGateway>[0] = {}) {
  const gateway = startGateway({ ...options })
  gateway.simulator.inventory.settings.guestsWrite = false
  const url = await gateway.listen()
  return { gateway, simulator: gateway.simulator, url, ...deeds(gateway) }
}

export async function started(options: Parameters<typeof startGateway>[0] = {}) {
  const all = await start(options)
  onTestFinished(() => all.gateway.close())
  return all
}

/** Changes that other clients make to the inventory. */
function deeds({ simulator }: Pick<TestGateway, 'simulator'>) {
  const machine = (name: string) => {
    const object = [...simulator.objects.ofType('VirtualMachine')].find((each) => each.get('name') === name)
    return machineOf(object as SimulatedObject)
  }
  return {
    machine,
    power: (name: string, state: Machine['powerState']) => setPower(machine(name), state, new Date()),
    rename: (name: string, to: string) => reconfigure(machine(name), { name: to } as never, new Date()),
    annotate: (name: string, annotation: string) =>
      reconfigure(machine(name), { annotation } as never, new Date()),
    snapshot: (name: string, as: string) =>
      takeSnapshot(machine(name), {
        name: as,
        description: '',
        memory: false,
        quiesced: false,
        at: new Date(),
      }),
    create: (name: string) => addMachine(simulator, name, { disks: [] }),
    destroy: (name: string) => destroyMachine(machine(name)),
  }
}

/** The next batch, also one without changes. */
export async function nextBatch(events: Subscription): Promise<Batch> {
  const result: ExecutionResult<{ inventoryChanges: Batch }> | undefined = await events.next()
  if (!result?.data || result.errors) throw new Error(JSON.stringify(result))
  return result.data.inventoryChanges
}

/** The next batch with changes. */
export async function next(events: Subscription): Promise<Batch> {
  for (;;) {
    const batch = await nextBatch(events)
    if (batch.changes.length > 0) return batch
  }
}

/** Reads the initial state, by name; some machines share a name. */
export async function begin(events: Subscription, count?: number): Promise<Map<string, Entity>> {
  const reported = new Map<string, Entity>()
  let total = 0
  for (;;) {
    const { initial, changes } = await nextBatch(events)
    if (!initial) {
      expect(changes).toEqual([])
      if (count !== undefined) expect(total).toBe(count)
      return reported
    }
    total += changes.length
    for (const { kind, entity } of changes) {
      expect(kind).toBe('ENTER')
      reported.set(entity!.name, entity!)
    }
  }
}

export const summary = ({ changes }: Batch) => changes.map(({ kind, entity }) => [kind, entity?.name ?? null])

export const machinesOf = ({ objects }: Simulator) => [...objects.ofType('VirtualMachine')]

export const retrievalsOf = ({ calls }: Simulator) =>
  calls.filter(({ method }) => method === 'RetrievePropertiesEx')

export const left = ({ live }: Simulator) => live.views + live.filters + live.collectors + live.waits
