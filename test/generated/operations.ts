/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How a virtual machine changed in the set of those that match the filter. */
export type ChangeKind =
  /** The virtual machine matches the filter and was not sent before. */
  | 'ENTER'
  /** The virtual machine no longer exists or no longer matches the filter. */
  | 'LEAVE'
  /** A property that the selection reads has changed. */
  | 'MODIFY';

/** Why changed blocks of a virtual machine, or of one of its disks, are not or cannot be tracked. */
export type ChangeTrackingReasonCode =
  /** The backing of the disk does not support tracking. Read the whole disk instead. */
  | 'BACKING_UNSUPPORTED'
  /** The configuration cannot be read: the virtual machine is inaccessible, or the account lacks the privilege to read it. */
  | 'CONFIGURATION_UNREADABLE'
  /** The virtual hardware is older than version 7. Upgrade it. */
  | 'HARDWARE_TOO_OLD'
  /** The disk is independent, so snapshots do not include it. Change its disk mode. */
  | 'INDEPENDENT_DISK'
  /** Tracking is enabled but has not become active yet. Run setChangeTracking with activate. */
  | 'NOT_ACTIVATED'
  /** Tracking is not enabled. Run setChangeTracking. */
  | 'NOT_ENABLED'
  /** The disk is a raw device mapping in physical mode, so snapshots do not include it. */
  | 'PHYSICAL_RDM'
  /** The disk is shared with other virtual machines. */
  | 'SHARED_BUS'
  /** There are snapshots from before tracking became active. Remove them, then run setChangeTracking with activate. */
  | 'SNAPSHOTS_PRESENT'
  /** It is suspended, so tracking cannot become active. Resume it or power it off. Source: `runtime.powerState`. */
  | 'SUSPENDED'
  /** It is a template, which cannot have snapshots. Convert it to a virtual machine. Source: `config.template`. */
  | 'TEMPLATE';

/** The connection between vCenter and a virtual machine. vim25: `VirtualMachineConnectionState`. */
export type ConnectionState =
  /** vCenter can manage the virtual machine. */
  | 'CONNECTED'
  /** Its host is not connected to vCenter. */
  | 'DISCONNECTED'
  /** Its files cannot be accessed, so its configuration is unset. */
  | 'INACCESSIBLE'
  /** Its configuration is invalid. */
  | 'INVALID'
  /** It is no longer registered on its host. */
  | 'ORPHANED';

/** The health of an object, from its alarms and configuration issues. vim25: `ManagedEntityStatus`. */
export type EntityStatus =
  /** The status is unknown. */
  | 'GRAY'
  /** The object is healthy. */
  | 'GREEN'
  /** The object has a problem. */
  | 'RED'
  /** The object might have a problem. */
  | 'YELLOW';

/** The error codes in `errors[].extensions.code`. Clients must tolerate codes that are added later. */
export type ErrorCode =
  /** Several objects match; extensions.candidates lists at most 20. */
  | 'AMBIGUOUS'
  /** An argument is invalid; the message states which one and why. */
  | 'BAD_USER_INPUT'
  /** Changes of the disk are not tracked, or were not tracked at that time. */
  | 'CBT_NOT_ENABLED'
  /** The change tracking file of the disk is damaged. */
  | 'CBT_TRACKING_CORRUPT'
  /** Changes of the disk cannot be tracked. */
  | 'CBT_UNSUPPORTED'
  /** The value is not a valid changeId. */
  | 'CHANGE_ID_INVALID'
  /** The changes since that changeId cannot be determined. Read all areas in use (allocatedAreas). */
  | 'CHANGE_ID_STALE'
  /** A running task or the state of the object prevents the operation; extensions name it. */
  | 'CONFLICT'
  /** The vSphere account lacks a privilege (extensions name the privilege and the object), the caller’s role does not allow the operation (extensions name the required role), or the gateway does not accept the request, for example because of its origin. */
  | 'FORBIDDEN'
  /** An internal error of the gateway. Find the details in its log by the requestId. */
  | 'INTERNAL_SERVER_ERROR'
  /** The requested object does not exist, or no longer exists. */
  | 'NOT_FOUND'
  /** The operation exceeded the time limit of the gateway. */
  | 'OPERATION_TIMEOUT'
  /** A change was sent, but it is unknown whether it was or will be applied; extensions.remedy states what to check. */
  | 'OUTCOME_UNKNOWN'
  /** The gateway is at a concurrency limit. Retry later. */
  | 'OVERLOADED'
  /** The operation exceeds a limit, such as the number of objects in a response. */
  | 'QUERY_TOO_COMPLEX'
  /** The gateway is shutting down. Retry later. */
  | 'SHUTTING_DOWN'
  /** The caller could not be authenticated. */
  | 'UNAUTHENTICATED'
  /** The vCenter did not respond in time. */
  | 'VCENTER_TIMEOUT'
  /** The vCenter cannot be reached, or the gateway cannot log in. */
  | 'VCENTER_UNAVAILABLE'
  /** Any other vSphere fault, which extensions.fault names, or an invalid response from the vCenter. */
  | 'VSPHERE_FAULT';

/** The power state of a virtual machine. vim25: `VirtualMachinePowerState`. */
export type PowerState =
  /** The virtual machine is powered off. */
  | 'POWERED_OFF'
  /** The virtual machine is running. */
  | 'POWERED_ON'
  /** The virtual machine is paused, with its memory saved to disk. */
  | 'SUSPENDED';

/** The state of a task. vim25: `TaskInfoState`. */
export type TaskState =
  /** The task failed or was canceled. */
  | 'ERROR'
  /** The task waits to be started. */
  | 'QUEUED'
  /** The task is running. */
  | 'RUNNING'
  /** The task succeeded. */
  | 'SUCCESS';

export type InventoryAtAGlanceQueryVariables = Exact<{ [key: string]: never; }>;


export type InventoryAtAGlanceQuery = { vcenters: Array<{ name: string, fullName: string | null, connected: boolean }> | null, datacenters: { totalCount: number | null, nodes: Array<{ name: string, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, path: string | null, powerState: PowerState | null, cpuCount: number | null, memory: number | null, host: { name: string } | null, datastores: Array<{ name: string, freeSpace: number | null }> | null, disks: Array<{ label: string | null, capacity: number | null }> | null, snapshots: Array<{ path: string, createdAt: string }> | null }> } | null }> } | null };

export type OneVirtualMachineQueryVariables = Exact<{
  name?: string;
}>;


export type OneVirtualMachineQuery = { virtualMachine: { id: string, moid: string, name: string, path: string | null, powerState: PowerState | null, connectionState: ConnectionState | null, guest: { hostName: string | null, ipAddress: string | null, fullName: string | null, toolsRunning: boolean | null } | null, changeTracking: { supported: boolean | null, enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string, disk: { label: string | null } | null }> } | null, disks: Array<{ key: number, label: string | null, capacity: number | null, changeId: string | null, backing: { type: string, fileName: string | null, thinProvisioned: boolean | null, datastore: { name: string } | null } | null }> | null, rootSnapshots: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean }> }> }> | null } | null };

export type SnapshotFactsFragment = { id: string, name: string, path: string, createdAt: string, isCurrent: boolean };

export type Backup1EnableTrackingMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type Backup1EnableTrackingMutation = { setChangeTracking: { activated: boolean | null, task: { operation: string, state: TaskState } | null, virtualMachine: { changeTracking: { enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string }> } | null } | null } | null };

export type Backup2FullMapMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type Backup2FullMapMutation = { createSnapshot: { task: { state: TaskState, completedAt: string | null }, snapshot: { id: string, disks: Array<{ changeId: string | null, key: number, uuid: string | null, capacity: number | null, allocatedAreas: { totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null } | null } | null };

export type Backup3ChangesSinceMutationVariables = Exact<{
  virtualMachine: string;
  changeId: string;
  disk: number;
}>;


export type Backup3ChangesSinceMutation = { createSnapshot: { task: { state: TaskState, completedAt: string | null }, snapshot: { id: string, disk: { changeId: string | null, key: number, uuid: string | null, capacity: number | null, changedAreas: { sinceChangeId: string | null, totalCount: number | null, totalLength: number | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null } | null } | null };

export type Backup4CleanUpMutationVariables = Exact<{
  snapshot: string;
}>;


export type Backup4CleanUpMutation = { removeSnapshot: { removedSnapshotIds: Array<string> | null, task: { state: TaskState, completedAt: string | null }, virtualMachine: { name: string, snapshots: Array<{ id: string, path: string, description: string | null, createdAt: string }> | null } | null } | null };

export type ChangesSinceASnapshotQueryVariables = Exact<{
  earlier: string;
  later: string;
}>;


export type ChangesSinceASnapshotQuery = { node:
    | { path: string, createdAt: string, virtualMachine: { name: string }, disks: Array<{ label: string | null, capacity: number | null, changedAreas: { sinceChangeId: string | null, changeId: string | null, totalCount: number | null, totalLength: number | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null }
    | Record<PropertyKey, never>
   | null };

export type HostsAndTheirLoadQueryVariables = Exact<{ [key: string]: never; }>;


export type HostsAndTheirLoadQuery = { computeResources: { totalCount: number | null, nodes: Array<{ name: string, path: string | null, isCluster: boolean, drsEnabled: boolean | null, haEnabled: boolean | null, totalCpu: number | null, totalMemory: number | null, hosts: Array<{ name: string, overallStatus: EntityStatus | null, inMaintenanceMode: boolean | null, totalCpu: number | null, cpuUsage: number | null, cpuUsagePercent: number | null, memory: number | null, memoryUsage: number | null, memoryUsagePercent: number | null, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, cpuUsage: number | null, memory: number | null, memoryUsage: number | null }> } | null }> | null }> } | null };

export type DatastoresByFreeSpaceQueryVariables = Exact<{ [key: string]: never; }>;


export type DatastoresByFreeSpaceQuery = { datastores: { nodes: Array<{ name: string, type: string | null, accessible: boolean | null, capacity: number | null, freeSpace: number | null, freePercent: number | null, uncommitted: number | null, provisionedSpace: number | null, datacenter: { name: string } | null, hosts: Array<{ name: string }> | null, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, consolidationNeeded: boolean | null, storage: { committed: number | null, uncommitted: number | null } | null }> } | null }> } | null };

export type Live1StartASnapshotMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type Live1StartASnapshotMutation = { createSnapshot: { task: { id: string, state: TaskState, progress: number | null } } | null };

export type Live2FollowItsTaskSubscriptionVariables = Exact<{
  task: string;
}>;


export type Live2FollowItsTaskSubscription = { task: { state: TaskState, progress: number | null, startedAt: string | null, completedAt: string | null, entity:
      | { name: string }
      | Record<PropertyKey, never>
     | null, result:
      | { id: string, path: string }
      | Record<PropertyKey, never>
     | null, error: { code: ErrorCode, message: string, remedy: string | null } | null } };

export type VirtualMachinesLiveSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type VirtualMachinesLiveSubscription = { virtualMachineChanges: { initial: boolean, changes: Array<{ kind: ChangeKind, virtualMachineId: string, virtualMachine: { name: string, powerState: PowerState | null, currentSnapshot: { path: string, createdAt: string } | null, host: { name: string } | null } | null }> } };

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
export const Backup1EnableTrackingDocument = new TypedDocumentString(`
    mutation Backup1EnableTracking($virtualMachine: String!) {
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
    `) as unknown as TypedDocumentString<Backup1EnableTrackingMutation, Backup1EnableTrackingMutationVariables>;
export const Backup2FullMapDocument = new TypedDocumentString(`
    mutation Backup2FullMap($virtualMachine: String!) {
  createSnapshot(
    input: {virtualMachine: {name: $virtualMachine}, name: "backup", description: "Taken in GraphiQL"}
  ) {
    task {
      state
      completedAt
    }
    snapshot {
      id
      disks {
        changeId
        key
        uuid
        capacity
        allocatedAreas(first: 20) {
          totalCount
          totalLength
          density(buckets: 8)
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
    `) as unknown as TypedDocumentString<Backup2FullMapMutation, Backup2FullMapMutationVariables>;
export const Backup3ChangesSinceDocument = new TypedDocumentString(`
    mutation Backup3ChangesSince($virtualMachine: String!, $changeId: String!, $disk: Int!) {
  createSnapshot(
    input: {virtualMachine: {name: $virtualMachine}, name: "backup", description: "Taken in GraphiQL"}
  ) {
    task {
      state
      completedAt
    }
    snapshot {
      id
      disk(by: {key: $disk}) {
        changeId
        key
        uuid
        capacity
        changedAreas(since: {changeId: $changeId}, first: 20) {
          sinceChangeId
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
    `) as unknown as TypedDocumentString<Backup3ChangesSinceMutation, Backup3ChangesSinceMutationVariables>;
export const Backup4CleanUpDocument = new TypedDocumentString(`
    mutation Backup4CleanUp($snapshot: ID!) {
  removeSnapshot(input: {snapshot: $snapshot}) {
    task {
      state
      completedAt
    }
    removedSnapshotIds
    virtualMachine {
      name
      snapshots(filter: {name: {eq: "backup"}}) {
        id
        path
        description
        createdAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<Backup4CleanUpMutation, Backup4CleanUpMutationVariables>;
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
        totalCpu
        cpuUsage
        cpuUsagePercent
        memory
        memoryUsage
        memoryUsagePercent
        virtualMachines(
          first: 100
          filter: {powerState: {eq: POWERED_ON}}
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
      freePercent
      uncommitted
      provisionedSpace
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
export const Live1StartASnapshotDocument = new TypedDocumentString(`
    mutation Live1StartASnapshot($virtualMachine: String!) {
  createSnapshot(
    input: {virtualMachine: {name: $virtualMachine}, name: "live", memory: true, waitSeconds: 0}
  ) {
    task {
      id
      state
      progress
    }
  }
}
    `) as unknown as TypedDocumentString<Live1StartASnapshotMutation, Live1StartASnapshotMutationVariables>;
export const Live2FollowItsTaskDocument = new TypedDocumentString(`
    subscription Live2FollowItsTask($task: ID!) {
  task(id: $task) {
    state
    progress
    startedAt
    completedAt
    entity {
      ... on VirtualMachine {
        name
      }
    }
    result {
      ... on Snapshot {
        id
        path
      }
    }
    error {
      code
      message
      remedy
    }
  }
}
    `) as unknown as TypedDocumentString<Live2FollowItsTaskSubscription, Live2FollowItsTaskSubscriptionVariables>;
export const VirtualMachinesLiveDocument = new TypedDocumentString(`
    subscription VirtualMachinesLive {
  virtualMachineChanges(filter: {name: {startsWith: "web-"}}) {
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