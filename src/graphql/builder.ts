// The Pothos builder: what the schema's types are made with, and what each object type is made of. Types are named by
// string, so that the nouns' files need not import each other; schema.ts brings them together.

import './count-objects.ts'
import SchemaBuilder from '@pothos/core'
import type { ManagedObject } from '../plan/managed-object.ts'
import type { Page, PageItem } from '../plan/page.ts'
import type { Area } from '../vim25/changed-disk-areas.ts'
import type { TaskInfo } from '../vim25/task-watcher.ts'
import type { Reason } from './change-tracking.ts'
import type { AreaBatch } from './changed-areas/area-batches.ts'
import type { AreaConnection, AreaItem } from './changed-areas/area-connection.ts'
import type { PageInfo } from './connection.ts'
import type { Context, VCenter } from './context.ts'
import type { CreatedSnapshot } from './create-snapshot.ts'
import type { Disk } from './disk.ts'
import type { SnapshotOnVm } from './snapshot-tree.ts'
import type { VirtualMachineChange, VirtualMachineChangeBatch } from './virtual-machine-changes.ts'

export interface SchemaTypes {
  Context: Context
  Scalars: {
    ID: { Input: string; Output: string }
    BigInt: { Input: number; Output: number | bigint }
    DateTime: { Input: Date; Output: Date }
  }
  Interfaces: { Node: NodeValue }
  Objects: {
    VCenter: VCenter
    Datacenter: ManagedObject<'Datacenter'>
    DatacenterConnection: Page
    DatacenterEdge: PageItem
    VirtualMachine: ManagedObject<'VirtualMachine'>
    VirtualMachineConnection: Page
    VirtualMachineEdge: PageItem
    VirtualMachineChangeBatch: VirtualMachineChangeBatch
    VirtualMachineChange: VirtualMachineChange
    Guest: ManagedObject<'VirtualMachine'>
    ChangeTracking: ManagedObject<'VirtualMachine'>
    ChangeTrackingReason: Reason
    VirtualDisk: Disk
    DiskBacking: Disk
    Snapshot: SnapshotOnVm
    HostSystem: ManagedObject<'HostSystem'>
    Datastore: ManagedObject<'Datastore'>
    Task: TaskInfo
    TaskError: TaskInfo
    PageInfo: PageInfo
    ChangedArea: Area
    ChangedAreaEdge: AreaItem
    ChangedAreaConnection: AreaConnection
    ChangedAreaBatch: AreaBatch
    CreateSnapshotPayload: CreatedSnapshot
  }
}

/** Everything that has an id; node.ts tells them apart. */
export type NodeValue = VCenter | ManagedObject | Disk | SnapshotOnVm | TaskInfo

/** Fields are nullable unless they say otherwise: null means that vSphere did not say. */
export const builder = new SchemaBuilder<SchemaTypes>({ plugins: ['countObjects'] })
