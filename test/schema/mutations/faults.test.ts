// Tests every mutation with every fault that vSphere may raise, from the call or from its task: both give
// the same code, unless the fault of the call does not prove that it was not executed.

import { describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/ids.ts'
import type { ErrorCode } from '../../../src/schema/errors/api-error.ts'
import type { FaultLike } from '../../../src/simulator/fault-injection.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { isSubtype } from '../../../src/soap/type-registry.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from './mutate.ts'

interface ExpectedError {
  readonly code: ErrorCode
  readonly retryable?: true
  /** A part of the remedy. */
  readonly says?: string
}

const conflict = { code: 'CONFLICT' } as const
const fault = { code: 'VSPHERE_FAULT' } as const

const ofTomorrow = 'AFaultOfTomorrow'

// biome-ignore format: keep the table readable
const faults: readonly (readonly [name: string, error: ExpectedError])[] = [
  ['TaskInProgress',                  { ...conflict, retryable: true, says: 'has ended' }],
  ['InvalidState',                    { ...conflict, says: 'state' }],
  ['InvalidPowerState',               { ...conflict, says: 'power state' }],
  ['InvalidVmState',                  { ...conflict, says: 'state' }],
  ['InvalidHostState',                { ...conflict, says: 'state of the host' }],
  ['QuestionPending',                 { ...conflict, says: 'Answer it' }],
  ['VAppTaskInProgress',              { ...conflict, retryable: true, says: 'has ended' }],
  ['ConcurrentAccess',                { ...conflict, retryable: true, says: 'same time' }],
  ['DuplicateName',                   { ...conflict, says: 'name' }],
  ['NotFound',                        { code: 'NOT_FOUND', says: 'removed' }],
  ['ManagedObjectNotFound',           { code: 'NOT_FOUND', says: 'removed' }],
  ['NoPermission',                    { code: 'FORBIDDEN', says: 'privilege' }],
  ['RestrictedVersion',               { code: 'FORBIDDEN', says: 'license' }],
  ['InvalidName',                     { code: 'BAD_USER_INPUT', says: 'name' }],
  ['InvalidArgument',                 { code: 'BAD_USER_INPUT' }],
  ['SnapshotFault',                   fault],
  ['ApplicationQuiesceFault',         { ...fault, says: 'quiesce: false' }],
  ['FilesystemQuiesceFault',          { ...fault, says: 'quiesce: false' }],
  ['MemorySnapshotOnIndependentDisk', { ...fault, says: 'memory: false' }],
  ['MultipleSnapshotsNotSupported',   { ...fault, says: 'only one snapshot' }],
  ['SnapshotDisabled',                { ...fault, says: 'disabled' }],
  ['SnapshotIncompatibleDeviceInVm',  { ...fault, says: 'device' }],
  ['SnapshotLocked',                  { ...fault, says: 'locked' }],
  ['SnapshotNoChange',                fault],
  ['TooManySnapshotLevels',           { ...fault, says: 'Remove some' }],
  ['InvalidSnapshotFormat',           fault],
  ['InvalidDiskFormat',               fault],
  ['VmConfigFault',                   fault],
  ['FileFault',                       fault],
  ['FileLocked',                      { ...fault, retryable: true, says: 'has locked a file' }],
  ['NoDiskSpace',                     { ...fault, says: 'Free space' }],
  ['InsufficientResourcesFault',      { ...fault, says: 'resource pool' }],
  ['InsufficientMemoryResourcesFault', { ...fault, says: 'resource pool' }],
  ['Timedout',                        { ...fault, says: 'may have been applied, or may still be' }],
  ['NotSupported',                    { ...fault, says: 'does not allow' }],
  ['ToolsUnavailable',                { ...fault, says: 'VMware Tools' }],
  ['SharedBusControllerNotSupported', { ...fault, says: 'bus sharing' }],
  ['MultiWriterNotSupported',         { ...fault, says: 'multi-writer' }],
  ['RDMNotSupported',                 { ...fault, says: 'the device' }],
  ['HostCommunication',               { ...fault, says: 'may have been applied, or may still be' }],
  ['HostNotConnected',                { ...fault, says: 'may have been applied, or may still be' }],
  ['SystemError',                     { ...fault, says: 'may have been applied, or may still be' }],
  ['RequestCanceled',                 { ...fault, says: 'may have been applied, or may still be' }],
  ['MethodFault',                     { ...fault, says: 'may have been applied, or may still be' }],
  [ofTomorrow,                        fault],
]

/** As faults of a call, these do not prove that it was not executed. */
const provingNothing = [
  'SystemError',
  'HostCommunication',
  'HostNotConnected',
  'Timedout',
  'RequestCanceled',
  'MethodFault',
  ofTomorrow,
]

/** From a method that starts no task, these prove nothing either: it may have failed halfway. */
const ofTheWork = [
  'SnapshotFault',
  'FileFault',
  'VmConfigFault',
  'InsufficientResourcesFault',
  'InvalidDatastore',
  'AlreadyExists',
  'ToolsUnavailable',
]

const notProved: ExpectedError = { code: 'OUTCOME_UNKNOWN', says: 'may have been applied' }

interface Mutation {
  readonly field: string
  readonly method: MethodName
  readonly of: 'machine' | 'snapshot' | 'task'
  readonly input?: Record<string, unknown>
  readonly selection?: string
  /** The message of the mutation itself, where it knows more than the fault. */
  readonly knows?: Readonly<Record<string, ExpectedError>>
}

const hasEnded = { ...conflict, says: 'Wait until the task has ended' } as const

// biome-ignore format: keep the table readable
const mutations: readonly Mutation[] = [
  { field: 'createSnapshot',     method: 'CreateSnapshot_Task',     of: 'machine',  input: { name: 'new' } },
  { field: 'removeSnapshot',     method: 'RemoveSnapshot_Task',     of: 'snapshot' },
  { field: 'removeAllSnapshots', method: 'RemoveAllSnapshots_Task', of: 'machine' },
  { field: 'revertToSnapshot',   method: 'RevertToSnapshot_Task',   of: 'snapshot' },
  { field: 'consolidateDisks',   method: 'ConsolidateVMDisks_Task', of: 'machine' },
  { field: 'setChangeTracking',  method: 'ReconfigVM_Task',         of: 'machine',  input: { enabled: false } },
  { field: 'renameSnapshot',     method: 'RenameSnapshot',          of: 'snapshot', input: { name: 'new' }, selection: 'snapshot { id }' },
  { field: 'cancelTask',         method: 'CancelTask',              of: 'task',     selection: 'task { id }',
    knows: { InvalidState: hasEnded, InvalidPowerState: hasEnded, InvalidVmState: hasEnded,
      InvalidHostState: hasEnded, QuestionPending: hasEnded, NotSupported: hasEnded } },
]

async function inputOf(gateway: TestGateway, { of, input }: Mutation): Promise<Record<string, unknown>> {
  const { vm, snapshots } = await idsOf(gateway, 'web-01')
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
  const { field, method, selection, knows = {} } = mutation
  const sources = method.endsWith('_Task') ? ['call', 'task'] : ['call']

  it.each(sources)(
    'maps each fault of its %s to its code',
    async (source) => {
      const gateway = startGateway({ recovery: { lostResponse: [0] } })
      const { faults: injection } = gateway.simulator
      const input = await inputOf(gateway, mutation)
      const before = treeOf(gateway, 'web-01')
      const blockingTask = startOther(gateway)
      const blockingTaskId = await idOf(gateway, blockingTask)
      for (const [name, usually] of faults) {
        // The simulator can return undeclared faults only as faults of a call.
        if (source === 'task' && name === ofTomorrow) continue
        const isUnknown =
          source === 'call' &&
          (provingNothing.includes(name) ||
            (!method.endsWith('_Task') && ofTheWork.some((base) => isSubtype(name, base))))
        const reported = knows[name] ?? (isUnknown ? notProved : usually)
        const like = raised(name, blockingTask)
        const message = `${name} in words.`
        if (source === 'call') injection.fault(like, { method, message })
        else injection.taskFault(method, like, { message })
        const sent = countOf(gateway, method)
        const answer = await mutate(gateway, field, input, selection)
        expect(answer.payload, name).toBeNull()
        expect(answer.reported, name).toMatchObject([
          {
            path: field,
            code: reported.code,
            fault: name,
            retryable: reported.retryable ?? false,
            ...(reported.says !== undefined && { remedy: expect.stringContaining(reported.says) }),
            ...(name in knows ? {} : { message: expect.stringContaining(message) }),
          },
        ])
        const [{ task, message: words, state, privilege } = {}] = answer.reported
        if (isSubtype(name, 'TaskInProgress')) {
          expect(task).toEqual({ id: blockingTaskId, moid: blockingTask.value })
          expect(words).toContain(`VirtualMachine.export (${blockingTask.value})`)
          if (source === 'task') expect(words).toMatch(/task-\d+ failed because of it/)
        } else if (source === 'task')
          expect(task, name).toEqual({ id: expect.any(String), moid: expect.stringMatching(/^task-\d+$/) })
        if (name === 'InvalidPowerState' && !(name in knows)) expect(state).toBe('poweredOn')
        if (name === 'NoPermission') expect(privilege).toBe('X.Y')
        // The error has no detail about the object that the fault does not have.
        expect(answer.reported[0]?.remedy ?? '', name).not.toMatch(/template/i)
        // One mention is enough: a rejected call is not sent again.
        expect(countOf(gateway, method) - sent, name).toBe(1)
      }
      expect(treeOf(gateway, 'web-01')).toEqual(before)
      await gateway.close()
    },
    30_000,
  )
})
