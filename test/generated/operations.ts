/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What became of a virtual machine. vim25: ObjectUpdateKind, but of those that fit the filter. */
export type ChangeKind =
  /** It is there and fits, and was not told before. */
  | 'ENTER'
  /** It is gone, or no longer fits. */
  | 'LEAVE'
  /** A property that the selection reads has changed. */
  | 'MODIFY';

/** Why changed blocks of a virtual machine or of one of its disks are not tracked, or may not be. */
export type ChangeTrackingReasonCode =
  /** What the disk is stored in has no tracking. */
  | 'BACKING_UNSUPPORTED'
  /** The configuration cannot be read. */
  | 'CONFIGURATION_UNREADABLE'
  /** The virtual hardware is older than version 7. */
  | 'HARDWARE_TOO_OLD'
  /** The disk is independent of snapshots. */
  | 'INDEPENDENT_DISK'
  /** It is switched on, but did not begin yet. */
  | 'NOT_ACTIVATED'
  /** It is not switched on. */
  | 'NOT_ENABLED'
  /** The disk is a raw device mapping in physical mode. */
  | 'PHYSICAL_RDM'
  /** The disk is shared with other virtual machines. */
  | 'SHARED_BUS'
  /** There are snapshots from before tracking became active. */
  | 'SNAPSHOTS_PRESENT';

/** VirtualMachineConnectionState: whether the vCenter can manage it. */
export type ConnectionState =
  /** It can. */
  | 'CONNECTED'
  /** Its host is not connected. */
  | 'DISCONNECTED'
  /** Its files cannot be read; the configuration is unset. */
  | 'INACCESSIBLE'
  /** Its configuration is broken. */
  | 'INVALID'
  /** Its host does not know it any more. */
  | 'ORPHANED';

/** ManagedEntityStatus: what the alarms of an object and of those below it add up to. */
export type EntityStatus =
  /** Unknown. */
  | 'GRAY'
  /** Well. */
  | 'GREEN'
  /** Something is wrong. */
  | 'RED'
  /** Something might be wrong. */
  | 'YELLOW';

/** VirtualMachinePowerState. */
export type PowerState =
  /** It does not run. */
  | 'POWERED_OFF'
  /** It runs. */
  | 'POWERED_ON'
  /** It is frozen, with its memory on disk. */
  | 'SUSPENDED';

/** TaskInfoState. */
export type TaskState =
  /** It ended with an error, or was cancelled. */
  | 'ERROR'
  /** It waits to begin. */
  | 'QUEUED'
  /** It runs. */
  | 'RUNNING'
  /** It ended well. */
  | 'SUCCESS';

export type InventoryAtAGlanceQueryVariables = Exact<{ [key: string]: never; }>;


export type InventoryAtAGlanceQuery = { vcenters: Array<{ name: string, fullName: string | null, connected: boolean }>, datacenters: { totalCount: number, nodes: Array<{ name: string, virtualMachines: { totalCount: number, nodes: Array<{ name: string, path: string | null, powerState: PowerState | null, cpuCount: number | null, memory: number | null, host: { name: string | null } | null, datastores: Array<{ name: string | null, freeSpace: number | null }> | null, disks: Array<{ label: string | null, capacity: number | null }> | null, snapshots: Array<{ path: string, createdAt: string }> | null }> } | null }> } };

export type OneVirtualMachineQueryVariables = Exact<{
  name?: string;
}>;


export type OneVirtualMachineQuery = { virtualMachine: { id: string, moid: string, name: string, path: string | null, powerState: PowerState | null, connectionState: ConnectionState | null, guest: { hostName: string | null, ipAddress: string | null, fullName: string | null, toolsRunning: boolean | null } | null, changeTracking: { supported: boolean | null, enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string, disk: { label: string | null } | null }> } | null, disks: Array<{ key: number, label: string | null, capacity: number | null, changeId: string | null, backing: { type: string, fileName: string | null, thinProvisioned: boolean | null, datastore: { name: string | null } | null } | null }> | null, rootSnapshots: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean }> }> }> | null } | null };

export type SnapshotFactsFragment = { id: string, name: string, path: string, createdAt: string, isCurrent: boolean };

export type SnapshotAndAllocatedAreasMutationVariables = Exact<{
  virtualMachine: string;
  name?: string;
}>;


export type SnapshotAndAllocatedAreasMutation = { createSnapshot: { task: { state: TaskState, completedAt: string | null }, snapshot: { id: string, path: string, disks: Array<{ label: string | null, capacity: number | null, changeId: string | null, allocatedAreas: { totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null } | null } | null };

export type ChangesSinceASnapshotQueryVariables = Exact<{
  earlier: string;
  later: string;
}>;


export type ChangesSinceASnapshotQuery = { node:
    | { path: string, createdAt: string, virtualMachine: { name: string }, disks: Array<{ label: string | null, capacity: number | null, changedAreas: { sinceChangeId: string | null, changeId: string | null, totalCount: number | null, totalLength: number | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null }
    | Record<PropertyKey, never>
   | null };

export type HostsAndTheirLoadQueryVariables = Exact<{ [key: string]: never; }>;


export type HostsAndTheirLoadQuery = { computeResources: { totalCount: number, nodes: Array<{ name: string | null, path: string | null, isCluster: boolean, drsEnabled: boolean | null, haEnabled: boolean | null, totalCpu: number | null, totalMemory: number | null, hosts: Array<{ name: string | null, overallStatus: EntityStatus | null, inMaintenanceMode: boolean | null, cpuCores: number | null, cpuMhz: number | null, cpuUsage: number | null, memory: number | null, memoryUsage: number | null, virtualMachines: { totalCount: number, nodes: Array<{ name: string, cpuUsage: number | null, memory: number | null, memoryUsage: number | null }> } | null }> | null }> } | null };

export type DatastoresByFreeSpaceQueryVariables = Exact<{ [key: string]: never; }>;


export type DatastoresByFreeSpaceQuery = { datastores: { nodes: Array<{ name: string | null, type: string | null, accessible: boolean | null, capacity: number | null, freeSpace: number | null, uncommitted: number | null, datacenter: { name: string } | null, hosts: Array<{ name: string | null }> | null, virtualMachines: { totalCount: number, nodes: Array<{ name: string, consolidationNeeded: boolean | null, storage: { committed: number | null, uncommitted: number | null } | null }> } | null }> } | null };

export type SwitchChangeTrackingOnMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type SwitchChangeTrackingOnMutation = { setChangeTracking: { activated: boolean | null, task: { operation: string, state: TaskState } | null, virtualMachine: { changeTracking: { enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string }> } | null } | null } | null };

export type RenameAndRemoveASnapshotMutationVariables = Exact<{
  snapshot: string;
  name?: string | null | undefined;
}>;


export type RenameAndRemoveASnapshotMutation = { renameSnapshot: { snapshot: { name: string, path: string } | null } | null, removeSnapshot: { removedSnapshotIds: Array<string> | null, task: { state: TaskState, completedAt: string | null }, virtualMachine: { name: string, currentSnapshot: { path: string } | null, snapshots: Array<{ path: string }> | null } | null } | null };

export type VirtualMachinesLiveSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type VirtualMachinesLiveSubscription = { virtualMachineChanges: { initial: boolean, changes: Array<{ kind: ChangeKind, virtualMachineId: string, virtualMachine: { name: string, powerState: PowerState | null, currentSnapshot: { path: string, createdAt: string } | null, host: { name: string | null } | null } | null }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const SnapshotFactsFragmentDoc = new TypedDocumentString(`
    fragment SnapshotFacts on Snapshot {
  id
  name
  path
  createdAt
  isCurrent
}
    `, {"fragmentName":"SnapshotFacts"}) as unknown as TypedDocumentString<SnapshotFactsFragment, unknown>;
export const InventoryAtAGlanceDocument = new TypedDocumentString(`
    query InventoryAtAGlance {
  vcenters {
    name
    fullName
    connected
  }
  datacenters(first: 10) {
    totalCount
    nodes {
      name
      virtualMachines(first: 50) {
        totalCount
        nodes {
          name
          path
          powerState
          cpuCount
          memory
          host {
            name
          }
          datastores {
            name
            freeSpace
          }
          disks {
            label
            capacity
          }
          snapshots {
            path
            createdAt
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InventoryAtAGlanceQuery, InventoryAtAGlanceQueryVariables>;
export const OneVirtualMachineDocument = new TypedDocumentString(`
    query OneVirtualMachine($name: String! = "db-01") {
  virtualMachine(by: {name: $name}) {
    id
    moid
    name
    path
    powerState
    connectionState
    guest {
      hostName
      ipAddress
      fullName
      toolsRunning
    }
    changeTracking {
      supported
      enabled
      active
      reasons {
        code
        message
        disk {
          label
        }
      }
    }
    disks {
      key
      label
      capacity
      changeId
      backing {
        type
        fileName
        thinProvisioned
        datastore {
          name
        }
      }
    }
    rootSnapshots {
      ...SnapshotFacts
      children {
        ...SnapshotFacts
        children {
          ...SnapshotFacts
        }
      }
    }
  }
}
    fragment SnapshotFacts on Snapshot {
  id
  name
  path
  createdAt
  isCurrent
}`) as unknown as TypedDocumentString<OneVirtualMachineQuery, OneVirtualMachineQueryVariables>;
export const SnapshotAndAllocatedAreasDocument = new TypedDocumentString(`
    mutation SnapshotAndAllocatedAreas($virtualMachine: String!, $name: String! = "first-light") {
  createSnapshot(
    input: {virtualMachine: {name: $virtualMachine}, name: $name, description: "Taken in GraphiQL"}
  ) {
    task {
      state
      completedAt
    }
    snapshot {
      id
      path
      disks {
        label
        capacity
        changeId
        allocatedAreas(first: 20) {
          totalCount
          totalLength
          density(buckets: 16)
          nodes {
            start
            length
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SnapshotAndAllocatedAreasMutation, SnapshotAndAllocatedAreasMutationVariables>;
export const ChangesSinceASnapshotDocument = new TypedDocumentString(`
    query ChangesSinceASnapshot($earlier: ID!, $later: ID!) {
  node(id: $later) {
    ... on Snapshot {
      path
      createdAt
      virtualMachine {
        name
      }
      disks {
        label
        capacity
        changedAreas(since: {snapshot: $earlier}, first: 20) {
          sinceChangeId
          changeId
          totalCount
          totalLength
          nodes {
            start
            length
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ChangesSinceASnapshotQuery, ChangesSinceASnapshotQueryVariables>;
export const HostsAndTheirLoadDocument = new TypedDocumentString(`
    query HostsAndTheirLoad {
  computeResources(first: 20) {
    totalCount
    nodes {
      name
      path
      isCluster
      drsEnabled
      haEnabled
      totalCpu
      totalMemory
      hosts {
        name
        overallStatus
        inMaintenanceMode
        cpuCores
        cpuMhz
        cpuUsage
        memory
        memoryUsage
        virtualMachines(
          first: 100
          filter: {powerState: [POWERED_ON]}
          orderBy: {field: MEMORY, direction: DESC}
        ) {
          totalCount
          nodes {
            name
            cpuUsage
            memory
            memoryUsage
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<HostsAndTheirLoadQuery, HostsAndTheirLoadQueryVariables>;
export const DatastoresByFreeSpaceDocument = new TypedDocumentString(`
    query DatastoresByFreeSpace {
  datastores(first: 20, orderBy: {field: FREE_SPACE, direction: ASC}) {
    nodes {
      name
      type
      accessible
      capacity
      freeSpace
      uncommitted
      datacenter {
        name
      }
      hosts {
        name
      }
      virtualMachines(first: 100) {
        totalCount
        nodes {
          name
          storage {
            committed
            uncommitted
          }
          consolidationNeeded
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DatastoresByFreeSpaceQuery, DatastoresByFreeSpaceQueryVariables>;
export const SwitchChangeTrackingOnDocument = new TypedDocumentString(`
    mutation SwitchChangeTrackingOn($virtualMachine: String!) {
  setChangeTracking(
    input: {virtualMachine: {name: $virtualMachine}, enabled: true, activate: true}
  ) {
    task {
      operation
      state
    }
    activated
    virtualMachine {
      changeTracking {
        enabled
        active
        reasons {
          code
          message
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SwitchChangeTrackingOnMutation, SwitchChangeTrackingOnMutationVariables>;
export const RenameAndRemoveASnapshotDocument = new TypedDocumentString(`
    mutation RenameAndRemoveASnapshot($snapshot: ID!, $name: String = "to be removed") {
  renameSnapshot(input: {snapshot: $snapshot, name: $name}) {
    snapshot {
      name
      path
    }
  }
  removeSnapshot(input: {snapshot: $snapshot}) {
    task {
      state
      completedAt
    }
    removedSnapshotIds
    virtualMachine {
      name
      currentSnapshot {
        path
      }
      snapshots {
        path
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RenameAndRemoveASnapshotMutation, RenameAndRemoveASnapshotMutationVariables>;
export const VirtualMachinesLiveDocument = new TypedDocumentString(`
    subscription VirtualMachinesLive {
  virtualMachineChanges(filter: {name: "web-*"}) {
    initial
    changes {
      kind
      virtualMachineId
      virtualMachine {
        name
        powerState
        currentSnapshot {
          path
          createdAt
        }
        host {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<VirtualMachinesLiveSubscription, VirtualMachinesLiveSubscriptionVariables>;