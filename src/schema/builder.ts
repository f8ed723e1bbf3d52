// The Pothos schema builder, and the backing model of each object type. Types refer to each other by name, so that their
// files do not import each other; schema.ts imports them all.

import './mutations/audit.ts'
import './cost/cost-counter.ts'
import SchemaBuilder from '@pothos/core'
import type { ManagedObject } from '../planner/managed-object.ts'
import type { Page, PageItem } from '../planner/page.ts'
import type { DataObject } from '../soap/vim-types.ts'
import type { Area } from '../vim25/changed-disk-areas/changed-disk-areas.ts'
import type { TaskInfo } from '../vim25/tasks/task-watcher.ts'
import type { AreaBatch } from './changed-areas/area-batches.ts'
import type { AreaConnection, AreaItem } from './changed-areas/area-connection.ts'
import type { Context, VCenter } from './context.ts'
import type { PageInfo } from './core/connection.ts'
import type { CanceledTask } from './mutations/cancel-task.ts'
import type { RemovedSnapshots } from './mutations/remove-snapshots.ts'
import type { RenamedSnapshot } from './mutations/rename-snapshot.ts'
import type { RevertedToSnapshot } from './mutations/revert-to-snapshot.ts'
import type { SetChangeTrackingResult } from './mutations/set-change-tracking.ts'
import type { TaskPayload } from './mutations/task-mutation.ts'
import type { Disk } from './virtual-machine/disk.ts'
import type { DiskFile } from './virtual-machine/file-layout.ts'
import type { SnapshotNode } from './virtual-machine/snapshot-tree.ts'
import type { ChangeTrackingReason } from './virtual-machine/tracking-reasons.ts'
import type {
  VirtualMachineChange,
  VirtualMachineChangeBatch,
} from './virtual-machine/virtual-machine-change-stream.ts'

/** The inventory types that have connections. An object of a vim25 subclass has the GraphQL type of its base class. */
export type EntityType =
  | 'Datacenter'
  | 'Folder'
  | 'VirtualMachine'
  | 'ComputeResource'
  | 'HostSystem'
  | 'ResourcePool'
  | 'Datastore'
  | 'Network'

type Entities = { [N in EntityType]: ManagedObject<N> } & { [N in `${EntityType}Connection`]: Page } & {
  [N in `${EntityType}Edge`]: PageItem
}

export interface SchemaTypes {
  Context: Context
  Scalars: {
    ID: { Input: string; Output: string }
    BigInt: { Input: number; Output: number | bigint }
    DateTime: { Input: Date; Output: Date }
  }
  Interfaces: { Node: NodeValue; ManagedEntity: ManagedObject<EntityType> }
  Objects: Entities & {
    VCenter: VCenter
    VirtualMachineChangeBatch: VirtualMachineChangeBatch
    VirtualMachineChange: VirtualMachineChange
    Guest: ManagedObject<'VirtualMachine'>
    GuestNetworkInterface: DataObject<'GuestNicInfo'>
    VirtualMachineStorage: ManagedObject<'VirtualMachine'>
    ChangeTracking: ManagedObject<'VirtualMachine'>
    ChangeTrackingReason: ChangeTrackingReason
    VirtualDisk: Disk
    DiskBacking: Disk
    DiskFile: DiskFile
    Snapshot: SnapshotNode
    Task: TaskInfo
    TaskError: TaskInfo
    PageInfo: PageInfo
    ChangedArea: Area
    ChangedAreaEdge: AreaItem
    ChangedAreaConnection: AreaConnection
    ChangedAreaBatch: AreaBatch
    CreateSnapshotPayload: TaskPayload
    RemoveSnapshotPayload: RemovedSnapshots
    RemoveAllSnapshotsPayload: RemovedSnapshots
    RevertToSnapshotPayload: RevertedToSnapshot
    RenameSnapshotPayload: RenamedSnapshot
    ConsolidateDisksPayload: TaskPayload
    SetChangeTrackingPayload: SetChangeTrackingResult
    CancelTaskPayload: CanceledTask
  }
}

/** The backing value of any type that implements Node. node.ts resolves the type of a value. */
export type NodeValue = VCenter | ManagedObject | Disk | SnapshotNode | TaskInfo

/** Fields are nullable by default. Null means that vSphere did not report a value. */
export const builder = new SchemaBuilder<SchemaTypes>({ plugins: ['costCounter', 'audit'] })
