// The mutations that an adversary disturbs: how to prepare and send each, and how to find its effect in the simulator's
// inventory and tasks.

import { customValueOf } from '../../src/simulator/custom-fields/custom-fields.ts'
import type { Machine, Snapshot } from '../../src/simulator/virtual-machine/machine.ts'
import { removeSnapshots, takeSnapshot } from '../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { DataObject } from '../../src/soap/vim-types.ts'
import type { TestGateway } from '../test-gateway.ts'
import type { AdversaryFixture } from './fixture.ts'
import { recordTasks, succeeded, vmId } from './mutation-effects.ts'
import { powerCases } from './power-cases.ts'

/** A prepared mutation that can be sent any number of times. */
interface PreparedMutation {
  readonly query: string
  readonly variables: Record<string, unknown>
  /** How often its change was made. */
  effects(): number
  /** Whether the inventory is as expected after one success. */
  isApplied(): boolean
}

export interface MutationCase {
  readonly name: string
  readonly field: string
  /** The write calls. */
  readonly writeMethods: readonly string[]
  prepare(fixture: AdversaryFixture, gateway: TestGateway): Promise<PreparedMutation>
}

export const temporaryName = 'vsphere-graphql: temporary, for change tracking'

const at = new Date(Date.UTC(2026, 0, 1))
const snapshotText = { description: '', memory: false, quiesced: false, at }

export function snapshotsIn(machine: Machine): Snapshot[] {
  const all = (snapshots: readonly Snapshot[]): Snapshot[] =>
    snapshots.flatMap((each) => [each, ...all(each.children)])
  return all(machine.rootSnapshots)
}

const snapshotId = async (gateway: TestGateway, name: string, snapshot: string): Promise<string> => {
  const { data } = await gateway.execute(
    'query ($name: String!) { virtualMachine(by: { name: $name }) { snapshots { id name } } }',
    { name },
  )
  return data.virtualMachine.snapshots.find((each: { name: string }) => each.name === snapshot).id
}

const operation = (field: string, selection: string): string =>
  `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { ${selection} } }`

interface TaskMutation {
  readonly name?: string
  readonly field: string
  readonly method: string
  readonly machine: string
  /** Returns the input without the machine or snapshot id. */
  readonly input?: Record<string, unknown>
  readonly snapshot?: string
  /** The selection on the payload. */
  readonly selection?: string
  setUp?(machine: Machine): void
  isApplied(machine: Machine, before: { readonly current: Snapshot | undefined }): boolean
}

const taskMutation = ({
  field,
  name = field,
  method,
  machine: vm,
  input,
  snapshot,
  selection = `task { state } ${field === 'setChangeTracking' ? 'activated' : ''} virtualMachine { name snapshots { name } }`,
  setUp,
  isApplied,
}: TaskMutation): MutationCase => ({
  name,
  field,
  writeMethods: [method],
  async prepare(fixture, gateway) {
    const machine = fixture.simulator.inventory.machine(vm)
    setUp?.(machine)
    const subject =
      snapshot === undefined
        ? { virtualMachine: { id: await vmId(gateway, vm) } }
        : { snapshot: await snapshotId(gateway, vm, snapshot) }
    const before = { current: machine.currentSnapshot }
    const tasks = recordTasks(fixture)
    return {
      query: operation(field, selection),
      variables: { input: { ...subject, ...input } },
      effects: () => succeeded(tasks(), method),
      isApplied: () => isApplied(machine, before),
    }
  },
})

const named = (machine: Machine, name: string): number =>
  snapshotsIn(machine).filter((each) => each.name === name).length

export const mutationCases: readonly MutationCase[] = [
  taskMutation({
    field: 'createSnapshot',
    method: 'CreateSnapshot_Task',
    machine: 'web-01',
    input: { name: 'mine' },
    isApplied: (machine) => named(machine, 'mine') === 1,
  }),
  taskMutation({
    field: 'removeSnapshot',
    method: 'RemoveSnapshot_Task',
    machine: 'web-01',
    snapshot: 'before-update',
    isApplied: (machine) => named(machine, 'before-update') === 0,
  }),
  taskMutation({
    field: 'removeAllSnapshots',
    method: 'RemoveAllSnapshots_Task',
    machine: 'web-01',
    isApplied: (machine) => machine.rootSnapshots.length === 0,
  }),
  taskMutation({
    field: 'revertToSnapshot',
    method: 'RevertToSnapshot_Task',
    machine: 'web-01',
    snapshot: 'before-update',
    setUp: (machine) => void takeSnapshot(machine, { name: 'later', ...snapshotText }),
    isApplied: (machine) => machine.currentSnapshot?.name === 'before-update',
  }),
  taskMutation({
    field: 'consolidateDisks',
    method: 'ConsolidateVMDisks_Task',
    machine: 'web-01',
    setUp: (machine) => {
      const snapshot = takeSnapshot(machine, { name: 'short', ...snapshotText })
      removeSnapshots(machine, snapshot, { withChildren: false, consolidate: false, at })
    },
    isApplied: (machine) => !machine.consolidationNeeded,
  }),
  taskMutation({
    name: 'setChangeTracking on',
    field: 'setChangeTracking',
    method: 'ReconfigVM_Task',
    machine: 'web-02',
    input: { enabled: true },
    isApplied: (machine) => machine.settings.changeTrackingEnabled,
  }),
  taskMutation({
    name: 'setChangeTracking off',
    field: 'setChangeTracking',
    method: 'ReconfigVM_Task',
    machine: 'web-01',
    input: { enabled: false },
    isApplied: (machine) => !machine.settings.changeTrackingEnabled,
  }),
  {
    ...taskMutation({
      name: 'setChangeTracking activate',
      field: 'setChangeTracking',
      // The call that makes the change; the other calls prepare it or clean up.
      method: 'CreateSnapshot_Task',
      machine: 'web-02',
      input: { enabled: true, activate: true },
      isApplied: (machine) =>
        machine.settings.changeTrackingEnabled && machine.disks.every(({ epoch }) => epoch !== undefined),
    }),
    writeMethods: ['ReconfigVM_Task', 'CreateSnapshot_Task', 'RemoveSnapshot_Task'],
  },
  taskMutation({
    field: 'captureChanges',
    method: 'CreateSnapshot_Task',
    machine: 'web-01',
    input: { idempotencyKey: 'job' },
    selection: 'task { state } capture { snapshot { name } disks { token basis } }',
    isApplied: (machine) => named(machine, 'vsphere-graphql capture') === 1,
  }),
  {
    name: 'releaseCapture',
    field: 'releaseCapture',
    writeMethods: ['RemoveSnapshot_Task'],
    async prepare(fixture, gateway) {
      const { data } = await gateway.execute(
        'mutation { captureChanges(input: { virtualMachine: { name: "web-01" }, idempotencyKey: "job" }) { capture { snapshot { id } } } }',
      )
      const machine = fixture.simulator.inventory.machine('web-01')
      const tasks = recordTasks(fixture)
      return {
        query: operation('releaseCapture', 'task { state } virtualMachine { name snapshots { name } }'),
        variables: { input: { snapshot: data.captureChanges.capture.snapshot.id } },
        effects: () => succeeded(tasks(), 'RemoveSnapshot_Task'),
        isApplied: () => named(machine, 'vsphere-graphql capture') === 0,
      }
    },
  },
  {
    name: 'renameSnapshot',
    field: 'renameSnapshot',
    writeMethods: ['RenameSnapshot'],
    async prepare(fixture, gateway) {
      const snapshot = await snapshotId(gateway, 'web-01', 'before-update')
      const machine = fixture.simulator.inventory.machine('web-01')
      const { proxy } = fixture
      return {
        query: operation('renameSnapshot', 'snapshot { name }'),
        variables: { input: { snapshot, name: 'renamed' } },
        effects: () => proxy.executed.filter((method) => method === 'RenameSnapshot').length,
        isApplied: () => named(machine, 'renamed') === 1,
      }
    },
  },
  {
    name: 'setCustomAttribute',
    field: 'setCustomAttribute',
    writeMethods: ['SetField'],
    async prepare(fixture, gateway) {
      const entity = await vmId(gateway, 'web-01')
      const { proxy, simulator } = fixture
      const { ref } = simulator.inventory.machine('web-01')
      return {
        query: operation('setCustomAttribute', 'entity { name }'),
        variables: { input: { entity, name: 'Owner', value: 'someone' } },
        effects: () => proxy.executed.filter((method) => method === 'SetField').length,
        isApplied: () => customValueOf(simulator.objects, ref).some(({ value }) => value === 'someone'),
      }
    },
  },
  {
    name: 'acknowledgeAlarm',
    field: 'acknowledgeAlarm',
    writeMethods: ['AcknowledgeAlarm'],
    async prepare(fixture, gateway) {
      const { proxy, simulator } = fixture
      const { ref } = simulator.inventory.machine('web-01')
      const { alarm } = simulator.alarms.trigger('Virtual machine memory usage', ref)
      const { data } = await gateway.execute(
        '{ virtualMachine(by: { name: "web-01" }) { triggeredAlarms { id } } }',
      )
      return {
        query: operation('acknowledgeAlarm', 'alarm { acknowledged }'),
        variables: { input: { alarm: data.virtualMachine.triggeredAlarms[0].id } },
        effects: () => proxy.executed.filter((method) => method === 'AcknowledgeAlarm').length,
        isApplied: () => simulator.alarms.find(alarm, ref)?.acknowledged === true,
      }
    },
  },
  {
    name: 'cancelTask',
    field: 'cancelTask',
    writeMethods: ['CancelTask'],
    async prepare(fixture, gateway) {
      const { tasks, objects } = fixture.simulator
      const previous = { ...tasks }
      Object.assign(tasks, { queuedMs: 600_000 })
      const { data } = await gateway.execute(
        `mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x", waitSeconds: 0 }) { task { id moid } } }`,
      )
      Object.assign(tasks, previous)
      const { id, moid } = data.createSnapshot.task
      const object = objects.find({ type: 'Task', value: moid })
      const { proxy } = fixture
      return {
        query: operation('cancelTask', 'task { state }'),
        variables: { input: { task: id } },
        effects: () => proxy.executed.filter((method) => method === 'CancelTask').length,
        isApplied: () => (object?.get('info') as DataObject<'TaskInfo'> | undefined)?.cancelled === true,
      }
    },
  },
  ...powerCases,
]
