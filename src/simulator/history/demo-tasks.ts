// The tasks that a new simulated vCenter has a history of, relative to its start: who created the snapshots, a night with failures, a
// scheduled task, an alarm and the system.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { eventLogOf } from './event-log.ts'
import type { PastEntry } from './past-entry.ts'
import { type TaskInfo, taskLogOf } from './task-log.ts'

/** The account of the backup product, which creates and removes most snapshots. */
const backupAccount = 'CORP\\svc-backup'
const operator = 'CORP\\ann'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A task of the past. */
interface PastTask {
  readonly name: string
  readonly descriptionId: string
  /** Undefined for a task without an object. */
  readonly entity: ManagedObjectReference | undefined
  readonly entityName: string
  /** An object in the same place, if the object no longer exists. */
  readonly neighbor?: ManagedObjectReference
  readonly reason: DataObject<'TaskReason'>
  readonly queuedAt: number
  readonly durationMs: number
  readonly result?: unknown
  readonly error?: { readonly fault: { readonly _typeName: string }; readonly localizedMessage: string }
}

const byUser = (userName: string) =>
  ({ _typeName: 'TaskReasonUser', userName }) as DataObject<'TaskReasonUser'>

const failure = (_typeName: string, localizedMessage: string) => ({ fault: { _typeName }, localizedMessage })

const createSnapshot = { name: 'CreateSnapshot_Task', descriptionId: 'VirtualMachine.createSnapshot' }
const removeSnapshot = { name: 'RemoveSnapshot_Task', descriptionId: 'vm.Snapshot.remove' }

/** Returns the tasks of the past, to be recorded in the order of time. */
export function pastTasks({ objects, origin }: SimulationContext): PastEntry[] {
  const tasks = [...snapshotTasks(objects), ...otherTasks(objects, origin)]
  tasks.sort((a, b) => a.queuedAt - b.queuedAt)
  return tasks.map((task, index) => ({
    at: task.queuedAt,
    record: () => addPastTask(objects, task, `task-${index + 1}`),
  }))
}

function addPastTask(objects: SimulatedInventory, task: PastTask, moid: string): void {
  const { name, descriptionId, entity, entityName, reason, queuedAt, durationMs, result, error } = task
  const info = {
    _typeName: 'TaskInfo',
    key: moid,
    task: { type: 'Task', value: moid },
    name,
    descriptionId,
    ...(entity && { entity, entityName }),
    state: error ? 'error' : 'success',
    cancelled: false,
    cancelable: false,
    ...(error && { error }),
    ...(result !== undefined && { result }),
    reason,
    queueTime: new Date(queuedAt),
    startTime: new Date(queuedAt + 15),
    completeTime: new Date(queuedAt + durationMs),
    eventChainId: eventLogOf(objects).nextKey,
  } as TaskInfo
  taskLogOf(objects).add(info, task.neighbor)
}

/** The tasks that created the snapshots of all machines. */
function* snapshotTasks(objects: SimulatedInventory): Generator<PastTask> {
  for (const machine of objects.ofType('VirtualMachine')) {
    const info = machine.get('snapshot') as DataObject<'VirtualMachineSnapshotInfo'> | undefined
    for (const { snapshot, createTime, name } of flatten(info?.rootSnapshotList ?? []))
      yield {
        ...createSnapshot,
        ...objectOf(machine),
        reason: byUser(/^(nightly|backup)/.test(name) ? backupAccount : operator),
        queuedAt: createTime.getTime() - 1_200,
        durationMs: 4_700,
        result: snapshot,
      }
  }
}

function* flatten(
  trees: readonly DataObject<'VirtualMachineSnapshotTree'>[],
): Generator<DataObject<'VirtualMachineSnapshotTree'>> {
  for (const tree of trees) {
    yield tree
    yield* flatten(tree.childSnapshotList ?? [])
  }
}

const objectOf = (object: SimulatedObject) => ({
  entity: object.ref,
  entityName: String(object.get('name')),
})

/** The other tasks, the latest two hours before the start. Those of machines that the inventory does not have are left out. */
function otherTasks(objects: SimulatedInventory, now: number): PastTask[] {
  const machines = new Map([...objects.ofType('VirtualMachine')].map((each) => [each.get('name'), each]))
  const [host] = objects.ofType('HostSystem')
  const tasks: PastTask[] = []
  const add = (
    hoursAgo: number,
    on: string | SimulatedObject | undefined,
    task: Omit<PastTask, 'entity' | 'entityName' | 'queuedAt' | 'durationMs'>,
    minutes = 0.2,
  ) => {
    const object = typeof on === 'string' ? machines.get(on) : on
    if (!object) return
    const times = { queuedAt: now - hoursAgo * hourMs, durationMs: minutes * minuteMs }
    tasks.push({ ...objectOf(object), ...task, ...times })
  }
  const backup = byUser(backupAccount)
  const nightly = { _typeName: 'TaskReasonSchedule', name: 'Snapshot of wiki-01', scheduledTask } as const
  const reconfigure = { name: 'ReconfigVM_Task', descriptionId: 'VirtualMachine.reconfigure' }
  const consolidate = { name: 'ConsolidateVMDisks_Task', descriptionId: 'VirtualMachine.consolidateDisks' }

  add(75, host, {
    name: 'RescanAllHba',
    descriptionId: 'host.StorageSystem.rescanAllHba',
    reason: { _typeName: 'TaskReasonSystem' } as DataObject<'TaskReasonSystem'>,
  })
  add(50, 'web-02', { ...reconfigure, reason: byUser(operator) })
  // Just before its events.
  add(29.4 + 1 / 36_000, 'mail-01', {
    name: 'PowerOffVM_Task',
    descriptionId: 'VirtualMachine.powerOff',
    reason: byUser(operator),
  })
  // The last night: the backup job, which fails on some machines.
  for (const [nth, name] of ['app-01', 'db-01', 'file-01'].entries()) {
    add(9 - nth / 10, name, { ...createSnapshot, reason: backup })
    add(8.5 - nth / 10, name, { ...removeSnapshot, reason: backup }, 4)
  }
  add(8.7, 'san-01', {
    ...createSnapshot,
    reason: backup,
    error: failure('ApplicationQuiesceFault', 'The guest OS has reported an error during quiescing.'),
  })
  add(8.6, 'rac-01', {
    ...createSnapshot,
    reason: backup,
    error: failure('SnapshotLocked', 'Another process has locked the snapshot.'),
  })
  const locked = failure('FileLocked', 'Unable to access a file since it is locked.')
  add(8, 'backup-01', { ...consolidate, reason: backup, error: locked }, 12)
  add(7, 'wiki-01', { ...createSnapshot, reason: nightly as DataObject<'TaskReasonSchedule'> })
  add(6.9, 'wiki-01', { ...removeSnapshot, reason: nightly as DataObject<'TaskReasonSchedule'> }, 1)
  const alarmOnHost = { alarmName: 'Host memory usage', alarm: { type: 'Alarm', value: 'alarm-2' } }
  if (host)
    add(4, 'web-01', {
      name: 'MigrateVM_Task',
      descriptionId: 'Drm.ExecuteVMotionLRO',
      reason: {
        _typeName: 'TaskReasonAlarm',
        ...alarmOnHost,
        entityName: String(host.get('name')),
        entity: host.ref,
      } as DataObject<'TaskReasonAlarm'>,
    })
  // The machine of these no longer exists.
  const [neighbor] = objects.ofType('VirtualMachine')
  const removed = {
    entity: { type: 'VirtualMachine', value: 'vm-1' },
    entityName: 'test-02',
    ...(neighbor && { neighbor: neighbor.ref }),
  }
  const times = { queuedAt: now - 28 * hourMs, durationMs: 3_000 }
  const power = { name: 'PowerOffVM_Task', descriptionId: 'VirtualMachine.powerOff' }
  const destroy = { name: 'Destroy_Task', descriptionId: 'VirtualMachine.destroy' }
  if (machines.size > 1) {
    tasks.push({ ...removed, ...power, reason: byUser(operator), ...times })
    tasks.push({
      ...removed,
      ...destroy,
      reason: byUser(operator),
      ...times,
      queuedAt: times.queuedAt + minuteMs,
    })
  }
  return tasks
}

const scheduledTask = { type: 'ScheduledTask', value: 'schedule-1' }
