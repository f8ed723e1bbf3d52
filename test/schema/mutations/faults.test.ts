// Tests every mutation with every fault that vSphere may raise, from the call or from its task: both give
// the same code, unless the fault of the call does not prove that it was not executed.

import { describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import type { ErrorCode } from '../../../src/schema/errors/api-error.ts'
import type { FaultLike } from '../../../src/simulator/fault-injection.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { isSubtype } from '../../../src/soap/type-registry.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf, triggeredAlarmId } from './mutate.ts'

interface ExpectedError {
  readonly code: ErrorCode
  readonly retryable?: true
  /** A part of the remedy. */
  readonly remedy?: string
}

const conflict = { code: 'CONFLICT' } as const
const fault = { code: 'VSPHERE_FAULT' } as const

const undeclaredFault = 'AnUndeclaredFault'

// biome-ignore format: keep the table readable
const faults: readonly (readonly [name: string, error: ExpectedError])[] = [
  ['TaskInProgress',                  { ...conflict, retryable: true, remedy: 'has ended' }],
  ['InvalidState',                    { ...conflict, remedy: 'state' }],
  ['InvalidPowerState',               { ...conflict, remedy: 'power state' }],
  ['InvalidVmState',                  { ...conflict, remedy: 'state' }],
  ['InvalidHostState',                { ...conflict, remedy: 'state of the host' }],
  ['QuestionPending',                 { ...conflict, remedy: 'Answer it' }],
  ['VAppTaskInProgress',              { ...conflict, retryable: true, remedy: 'has ended' }],
  ['ConcurrentAccess',                { ...conflict, retryable: true, remedy: 'same time' }],
  ['DuplicateName',                   { ...conflict, remedy: 'name' }],
  ['NotFound',                        { code: 'NOT_FOUND', remedy: 'removed' }],
  ['ManagedObjectNotFound',           { code: 'NOT_FOUND', remedy: 'removed' }],
  ['NoPermission',                    { code: 'FORBIDDEN', remedy: 'privilege' }],
  ['RestrictedVersion',               { code: 'FORBIDDEN', remedy: 'license' }],
  ['InvalidName',                     { code: 'BAD_USER_INPUT', remedy: 'name' }],
  ['InvalidArgument',                 { code: 'BAD_USER_INPUT' }],
  ['SnapshotFault',                   fault],
  ['ApplicationQuiesceFault',         { ...fault, remedy: 'quiesce: false' }],
  ['FilesystemQuiesceFault',          { ...fault, remedy: 'quiesce: false' }],
  ['MemorySnapshotOnIndependentDisk', { ...fault, remedy: 'memory: false' }],
  ['MultipleSnapshotsNotSupported',   { ...fault, remedy: 'only one snapshot' }],
  ['SnapshotDisabled',                { ...fault, remedy: 'disabled' }],
  ['SnapshotIncompatibleDeviceInVm',  { ...fault, remedy: 'device' }],
  ['SnapshotLocked',                  { ...fault, remedy: 'locked' }],
  ['SnapshotNoChange',                fault],
  ['TooManySnapshotLevels',           { ...fault, remedy: 'Remove some' }],
  ['InvalidSnapshotFormat',           fault],
  ['InvalidDiskFormat',               fault],
  ['VmConfigFault',                   fault],
  ['FileFault',                       fault],
  ['FileLocked',                      { ...fault, retryable: true, remedy: 'has locked a file' }],
  ['NoDiskSpace',                     { ...fault, remedy: 'Free space' }],
  ['InsufficientResourcesFault',      { ...fault, remedy: 'resource pool' }],
  ['InsufficientMemoryResourcesFault', { ...fault, remedy: 'resource pool' }],
  ['Timedout',                        { ...fault, remedy: 'may have been applied, or may still be' }],
  ['NotSupported',                    { ...fault, remedy: 'does not allow' }],
  ['ToolsUnavailable',                { ...fault, remedy: 'VMware Tools' }],
  ['SharedBusControllerNotSupported', { ...fault, remedy: 'bus sharing' }],
  ['MultiWriterNotSupported',         { ...fault, remedy: 'multi-writer' }],
  ['RDMNotSupported',                 { ...fault, remedy: 'the device' }],
  ['HostCommunication',               { ...fault, remedy: 'may have been applied, or may still be' }],
  ['HostNotConnected',                { ...fault, remedy: 'may have been applied, or may still be' }],
  ['SystemError',                     { ...fault, remedy: 'may have been applied, or may still be' }],
  ['RequestCanceled',                 { ...fault, remedy: 'may have been applied, or may still be' }],
  ['MethodFault',                     { ...fault, remedy: 'may have been applied, or may still be' }],
  [undeclaredFault,                        fault],
]

/** As faults of a call, these do not prove that it was not executed. */
const inconclusive = [
  'SystemError',
  'HostCommunication',
  'HostNotConnected',
  'Timedout',
  'RequestCanceled',
  'MethodFault',
  undeclaredFault,
]

/** From a method that starts no task, these prove nothing either: it may have failed halfway. */
const possiblyPartial = [
  'SnapshotFault',
  'FileFault',
  'VmConfigFault',
  'InsufficientResourcesFault',
  'InvalidDatastore',
  'AlreadyExists',
  'ToolsUnavailable',
]

const mayBeReverted = { retryable: false, remedy: 'may have been reverted' }

const notProved: ExpectedError = { code: 'OUTCOME_UNKNOWN', remedy: 'may have been applied' }

interface Mutation {
  readonly field: string
  readonly method: MethodName
  readonly of: 'machine' | 'snapshot' | 'task' | 'entity' | 'alarm'
  readonly input?: Record<string, unknown>
  readonly selection?: string
  /** The message of the mutation itself, where it has more details than the fault. */
  readonly overrides?: Readonly<Record<string, ExpectedError>>
}

const hasEnded = { ...conflict, remedy: 'Wait until the task has ended' } as const

// biome-ignore format: keep the table readable
const mutations: readonly Mutation[] = [
  { field: 'createSnapshot',     method: 'CreateSnapshot_Task',     of: 'machine',  input: { name: 'new' } },
  { field: 'removeSnapshot',     method: 'RemoveSnapshot_Task',     of: 'snapshot' },
  { field: 'removeAllSnapshots', method: 'RemoveAllSnapshots_Task', of: 'machine' },
  { field: 'revertToSnapshot',   method: 'RevertToSnapshot_Task',   of: 'snapshot' },
  { field: 'consolidateDisks',   method: 'ConsolidateVMDisks_Task', of: 'machine' },
  { field: 'setChangeTracking',  method: 'ReconfigVM_Task',         of: 'machine',  input: { enabled: false } },
  { field: 'renameSnapshot',     method: 'RenameSnapshot',          of: 'snapshot', input: { name: 'new' }, selection: 'snapshot { id }' },
  { field: 'setCustomAttribute', method: 'SetField',                of: 'entity',   input: { name: 'Owner', value: 'new' }, selection: 'entity { id }' },
  { field: 'acknowledgeAlarm',   method: 'AcknowledgeAlarm',        of: 'alarm',    selection: 'alarm { id }',
    overrides: { InvalidArgument: { code: 'NOT_FOUND', remedy: 'may have recovered' } } },
  { field: 'cancelTask',         method: 'CancelTask',              of: 'task',     selection: 'task { id }',
    overrides: { InvalidState: hasEnded, InvalidPowerState: hasEnded, InvalidVmState: hasEnded,
      InvalidHostState: hasEnded, QuestionPending: hasEnded, NotSupported: hasEnded } },
]

async function inputOf(gateway: TestGateway, { of, input }: Mutation): Promise<Record<string, unknown>> {
  const { vm, snapshots } = await idsOf(gateway, 'web-01')
  if (of === 'entity') return { entity: vm, ...input }
  if (of === 'alarm') return { alarm: await triggeredAlarmId(gateway, 'web-01') }
  if (of === 'machine') return { virtualMachine: { id: vm }, ...input }
  if (of === 'snapshot') return { snapshot: snapshots['before-update'], ...input }
  return { task: await idOf(gateway, startOther(gateway)), ...input }
}

async function idOf({ execute }: TestGateway, ref: ManagedObjectReference): Promise<string> {
  const { data } = await execute('{ vcenters { instanceUuid } }')
  return encodeManagedObjectId(data.vcenters[0].instanceUuid, ref)
}

/** A task of another machine, which does not block this one. */
function startOther({ simulator: { objects, inventory } }: TestGateway): ManagedObjectReference {
  const { ref: entity } = inventory.machine('mail-01')
  const about = { name: 'Export_Task', descriptionId: 'VirtualMachine.export', userName: 'user' }
  return startTask(objects, { ...about, entity, cancelable: true, durationMs: 600_000 }, () => undefined)
}

/** The fault with the fields that its type requires. */
function raised(name: string, blockingTask: ManagedObjectReference): FaultLike {
  const fields: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    TaskInProgress: { task: blockingTask },
    VAppTaskInProgress: { task: blockingTask },
    InvalidPowerState: { requestedState: 'poweredOff', existingState: 'poweredOn' },
    NoPermission: { privilegeId: 'X.Y', object: blockingTask },
    ManagedObjectNotFound: { obj: blockingTask },
  }
  return { _typeName: name, ...fields[name] }
}

describe.each(mutations)('$field', (mutation) => {
  const { field, method, selection, overrides = {} } = mutation
  const sources = method.endsWith('_Task') ? ['call', 'task'] : ['call']

  it.each(sources)('maps each fault of its %s to its code', async (source) => {
    const gateway = startGateway({ recovery: { lostResponse: [0] } })
    const { faults: injection } = gateway.simulator
    const input = await inputOf(gateway, mutation)
    const before = treeOf(gateway, 'web-01')
    const blockingTask = startOther(gateway)
    const blockingTaskId = await idOf(gateway, blockingTask)
    for (const [name, byFault] of faults) {
      // The simulator can return undeclared faults only as faults of a call.
      if (source === 'task' && name === undeclaredFault) continue
      const isUnknown =
        source === 'call' &&
        (inconclusive.includes(name) ||
          (!method.endsWith('_Task') && possiblyPartial.some((base) => isSubtype(name, base))))
      // A revert powers the virtual machine on after it has reverted the disks.
      const isPartialRevert =
        source === 'task' &&
        field === 'revertToSnapshot' &&
        possiblyPartial.some((base) => isSubtype(name, base))
      const reported =
        overrides[name] ??
        (isUnknown ? notProved : isPartialRevert ? { ...byFault, ...mayBeReverted } : byFault)
      const like = raised(name, blockingTask)
      const message = `${name} in words.`
      if (source === 'call') injection.fault(like, { method, message })
      else injection.taskFault(method, like, { message })
      const sent = countOf(gateway, method)
      const result = await mutate(gateway, field, input, selection)
      expect(result.payload, name).toBeNull()
      expect(result.reported, name).toMatchObject([
        {
          path: field,
          code: reported.code,
          fault: name,
          retryable: reported.retryable ?? false,
          ...(reported.remedy !== undefined && { remedy: expect.stringContaining(reported.remedy) }),
          ...(name in overrides ? {} : { message: expect.stringContaining(message) }),
        },
      ])
      const [{ task, message: text, state, privilege } = {}] = result.reported
      if (isSubtype(name, 'TaskInProgress')) {
        expect(task).toEqual({ id: blockingTaskId, moid: blockingTask.value })
        expect(text).toContain(`VirtualMachine.export (${blockingTask.value})`)
        if (source === 'task') expect(text).toMatch(/task-\d+ failed because of it/)
      } else if (source === 'task')
        expect(task, name).toEqual({ id: expect.any(String), moid: expect.stringMatching(/^task-\d+$/) })
      if (name === 'InvalidPowerState' && !(name in overrides)) expect(state).toBe('poweredOn')
      if (name === 'NoPermission') expect(privilege).toBe('X.Y')
      // The error has no detail about the object that the fault does not have.
      expect(result.reported[0]?.remedy ?? '', name).not.toMatch(/template/i)
      // One mention is enough: a rejected call is not sent again.
      expect(countOf(gateway, method) - sent, name).toBe(1)
    }
    expect(treeOf(gateway, 'web-01')).toEqual(before)
    await gateway.close()
  })
})
