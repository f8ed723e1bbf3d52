// The Pothos builder: what the schema's types are made with, and what each object type is made of. Types are named by
// string, so that the nouns' files need not import each other; schema.ts brings them together.

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
} from './virtual-machine/virtual-machine-changes.ts'

/** The nouns of the inventory, each with connections. A subclass of vim25 has the type of its base. */
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

/** Everything that has an id; node.ts tells them apart. */
export type NodeValue = VCenter | ManagedObject | Disk | SnapshotNode | TaskInfo

/** Fields are nullable unless they say otherwise: null means that vSphere did not say. */
export const builder = new SchemaBuilder<SchemaTypes>({ plugins: ['costCounter', 'audit'] })
