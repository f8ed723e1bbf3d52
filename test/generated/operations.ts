/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What mutations do to an object: one value for each mutation field, except `cancelTask`, whose object is a task, and `changePower`, which has one for each power action. */
export type Action =
  /** Acknowledge an alarm that is triggered on the object. The privilege is needed where the alarm is defined, not on the object. It is checked on the root folder, where the alarms of vCenter are defined: for an alarm that is defined on another object, the permissions there decide, which are not recognized. Mutation: `acknowledgeAlarm`. */
  | 'ACKNOWLEDGE_ALARM'
  /** Attach a tag to the object. The privilege on the tag is checked on the root folder: permissions on single tags are not recognized. Mutation: `attachTag`. */
  | 'ATTACH_TAG'
  /** Take a snapshot for a backup by changed blocks. Mutation: `captureChanges`. */
  | 'CAPTURE_CHANGES'
  /** Merge disk files that removed snapshots have left behind. Mutation: `consolidateDisks`. */
  | 'CONSOLIDATE_DISKS'
  /** Take a snapshot. Mutation: `createSnapshot`. */
  | 'CREATE_SNAPSHOT'
  /** Detach a tag from the object. The privilege on the tag is checked on the root folder: permissions on single tags are not recognized. Mutation: `detachTag`. */
  | 'DETACH_TAG'
  /** Power off at once. Mutation: `changePower`. */
  | 'POWER_OFF'
  /** Power on, or resume a suspended virtual machine. Mutation: `changePower`. */
  | 'POWER_ON'
  /** Restart the guest operating system through VMware Tools. Mutation: `changePower`. */
  | 'REBOOT_GUEST'
  /** Remove a snapshot of captureChanges. Mutation: `releaseCapture`. */
  | 'RELEASE_CAPTURE'
  /** Remove all snapshots. Mutation: `removeAllSnapshots`. */
  | 'REMOVE_ALL_SNAPSHOTS'
  /** Remove one of its snapshots. Mutation: `removeSnapshot`. */
  | 'REMOVE_SNAPSHOT'
  /** Rename one of its snapshots, or change its description. Mutation: `renameSnapshot`. */
  | 'RENAME_SNAPSHOT'
  /** Power-cycle at once. Mutation: `changePower`. */
  | 'RESET'
  /** Revert to one of its snapshots. Mutation: `revertToSnapshot`. */
  | 'REVERT_TO_SNAPSHOT'
  /** Enable or disable changed block tracking. With activate, CREATE_SNAPSHOT and REMOVE_SNAPSHOT must be allowed too. Mutation: `setChangeTracking`. */
  | 'SET_CHANGE_TRACKING'
  /** Set the value of a custom attribute of the object. Mutation: `setCustomAttribute`. */
  | 'SET_CUSTOM_ATTRIBUTE'
  /** Shut down the guest operating system through VMware Tools. Mutation: `changePower`. */
  | 'SHUTDOWN_GUEST'
  /** Suspend. Mutation: `changePower`. */
  | 'SUSPEND';

/** What the areas of a captured disk are. */
export type CaptureBasis =
  /** What changed since the capture that the token is from. */
  | 'CHANGES'
  /** Everything in use. `fullReason` gives the reason. */
  | 'FULL';

/** Why everything in use has to be copied of a disk. */
export type CaptureFullReason =
  /** The changes since the token cannot be determined: tracking was reset, the virtual machine was reverted, or its changeId is later than the one of the disk. Source: `backing.changeId`; the history of tasks. */
  | 'CHANGE_ID_STALE'
  /** Another disk has the device key of the token. Source: `backing.uuid`. */
  | 'DISK_REPLACED'
  /** The disk had another size when the token was made. Source: `capacityInBytes`. */
  | 'DISK_RESIZED'
  /** It cannot be proved that the virtual machine was not reverted since the token, because the history of tasks no longer has the task that created its snapshot, has too many tasks, cannot be read, or does not exist, as on an ESXi host, because the clock of the vCenter was set back, or because the virtual machine or the disk is set to revert when it is powered off. A vCenter keeps tasks for 30 days unless it is configured otherwise. Source: `TaskHistoryCollector`, `config.flags.snapshotPowerOffBehavior`, `config.extraConfig["snapshot.action"]`. */
  | 'HISTORY_UNKNOWN'
  /** No token was given for the disk. */
  | 'NO_TOKEN';

/** How an item changed in the set that a subscription follows. */
export type ChangeKind =
  /** It belongs to the set and was not sent before. */
  | 'ENTER'
  /** It no longer exists, no longer matches the filter, or may no longer be read. */
  | 'LEAVE'
  /** A value that the selection reads has changed. */
  | 'MODIFY';

/** Why changed blocks of a virtual machine, or of one of its disks, are not or cannot be tracked. */
export type ChangeTrackingReasonCode =
  /** The backing of the disk does not support tracking. Read the whole disk. Source: `the type of the backing`. */
  | 'BACKING_UNSUPPORTED'
  /** The configuration cannot be read: the virtual machine is inaccessible, or the account lacks the privilege to read it. Check its connectionState, and the privilege System.Read. Source: `config`. */
  | 'CONFIGURATION_UNREADABLE'
  /** Removed snapshots have left disk files behind. Run consolidateDisks. Source: `runtime.consolidationNeeded`. */
  | 'CONSOLIDATION_NEEDED'
  /** The virtual hardware is older than version 7 and does not support change tracking. Upgrade the virtual hardware. Source: `capability.changeTrackingSupported`. */
  | 'HARDWARE_TOO_OLD'
  /** The disk is independent or non-persistent, so snapshots do not include it. Change its disk mode. Source: `backing.diskMode`. */
  | 'INDEPENDENT_DISK'
  /** The account lacks a privilege that the step needs. Only in `eligibility`. Grant it on the virtual machine. Source: `HasPrivilegeOnEntities`. */
  | 'MISSING_PRIVILEGE'
  /** Tracking is enabled but has not become active yet. Run setChangeTracking with activate. Source: `backing.changeId of the disks`. */
  | 'NOT_ACTIVATED'
  /** Its host does not respond to vCenter, or its files are not accessible. Restore the connection of its host and the access to its datastores. Source: `runtime.connectionState`. */
  | 'NOT_CONNECTED'
  /** Tracking is not enabled. Run setChangeTracking with activate. Source: `config.changeTrackingEnabled`. */
  | 'NOT_ENABLED'
  /** The disk is a raw device mapping in physical mode, so snapshots do not include it. Back it up in the guest or on the storage system. Source: `backing.compatibilityMode`. */
  | 'PHYSICAL_RDM'
  /** The disk is shared with other virtual machines. Unless it is independent, the virtual machine cannot have snapshots. Stop sharing it, or make it independent and back it up in the guest. Source: `backing.sharing, sharedBus of the controller`. */
  | 'SHARED_BUS'
  /** There are snapshots from before tracking became active. Remove the snapshots (removeAllSnapshots), then run setChangeTracking with activate. Source: `snapshot`. */
  | 'SNAPSHOTS_PRESENT'
  /** vSphere does not allow snapshots of it at present, or does not support them. If its method CreateSnapshot_Task is disabled, find in vSphere what disables it, such as another product or a device that cannot be in a snapshot. Source: `capability.snapshotOperationsSupported, disabledMethod`. */
  | 'SNAPSHOTS_UNSUPPORTED'
  /** Its current snapshot is the last of the 32 that a chain can have. Remove snapshots. Source: `snapshot`. */
  | 'SNAPSHOT_CHAIN_FULL'
  /** It is suspended, so tracking cannot become active. Resume it, or power it off. If tracking is enabled, it becomes active when the virtual machine is resumed. Source: `runtime.powerState`. */
  | 'SUSPENDED'
  /** A task runs on the virtual machine or is queued. Only in `eligibility`. Wait until it has ended. Source: `recentTask`. */
  | 'TASK_RUNNING'
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

/** The types that implement `ManagedEntity`. */
export type EntityType =
  /** A cluster, or the compute resource around a standalone host. */
  | 'COMPUTE_RESOURCE'
  /** A datacenter. */
  | 'DATACENTER'
  /** A datastore. */
  | 'DATASTORE'
  /** A distributed switch. */
  | 'DISTRIBUTED_VIRTUAL_SWITCH'
  /** A folder. */
  | 'FOLDER'
  /** A host. */
  | 'HOST_SYSTEM'
  /** A network or a distributed port group. */
  | 'NETWORK'
  /** A resource pool or a vApp. */
  | 'RESOURCE_POOL'
  /** A datastore cluster. */
  | 'STORAGE_POD'
  /** A virtual machine or a template. */
  | 'VIRTUAL_MACHINE';

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
  /** The vSphere account lacks a privilege (extensions name the privilege and the object), or the gateway does not accept the request, for example because of its origin. */
  | 'FORBIDDEN'
  /** An internal error of the gateway. Find the details in its log by the requestId. */
  | 'INTERNAL_SERVER_ERROR'
  /** The requested object does not exist, or no longer exists. */
  | 'NOT_FOUND'
  /** The server has no such function, as an ESXi host has no tags and no custom attributes. */
  | 'NOT_SUPPORTED'
  /** The operation exceeded the time limit of the gateway. */
  | 'OPERATION_TIMEOUT'
  /** A change was sent, but it is unknown whether it was or will be applied; extensions.remedy states what to check. */
  | 'OUTCOME_UNKNOWN'
  /** The gateway is at a concurrency limit. Retry later. */
  | 'OVERLOADED'
  /** The operation exceeds a limit, such as the number of objects in a response. */
  | 'QUERY_TOO_COMPLEX'
  /** The caller’s role in the gateway does not allow the operation; extensions.requiredRole names the role that does. */
  | 'ROLE_REQUIRED'
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

/** The severity of an event. vim25: `EventEventSeverity`. */
export type EventSeverity =
  /** Something failed. */
  | 'ERROR'
  /** Something happened as intended. */
  | 'INFO'
  /** A user wrote it to the log. */
  | 'USER'
  /** Something needs attention. */
  | 'WARNING';

/** The firmware that a virtual machine boots with. vim25: `GuestOsDescriptorFirmwareType`. */
export type Firmware =
  /** BIOS, which cannot verify what it boots. */
  | 'BIOS'
  /** The compatibility support module, which boots like a BIOS. */
  | 'CSM'
  /** UEFI, which supports secure boot. */
  | 'EFI';

/** The connection between vCenter and a host. vim25: `HostSystemConnectionState`. */
export type HostConnectionState =
  /** vCenter is connected to the host. */
  | 'CONNECTED'
  /** A user disconnected the host from vCenter. */
  | 'DISCONNECTED'
  /** vCenter receives no heartbeats from the host. */
  | 'NOT_RESPONDING';

/** The hardware that a network adapter presents to the guest. A type that extends one of these has the same value. Source: the vim25 type of the device. */
export type NetworkAdapterType =
  /** Emulates an Intel 82545EM adapter. vim25: `VirtualE1000`. */
  | 'E1000'
  /** Emulates an Intel 82574L adapter. vim25: `VirtualE1000e`. */
  | 'E1000E'
  /** Any other type, such as one that only a newer vSphere version has. */
  | 'OTHER'
  /** Emulates an AMD PCnet32 adapter, for old guests. vim25: `VirtualPCNet32`. */
  | 'PCNET32'
  /** A virtual function of a physical adapter that the guest uses directly. vim25: `VirtualSriovEthernetCard`. */
  | 'SRIOV'
  /** A paravirtual adapter of the first or second generation. vim25: `VirtualVmxnet`, `VirtualVmxnet2`. */
  | 'VMXNET'
  /** A paravirtual adapter of the third generation. vim25: `VirtualVmxnet3`. */
  | 'VMXNET3'
  /** A VMXNET3 adapter with paravirtual remote direct memory access (RDMA). vim25: `VirtualVmxnet3Vrdma`. */
  | 'VMXNET3_VRDMA';

/** The kind of a network. Source: the vim25 type of the managed object. */
export type NetworkKind =
  /** A port group of a distributed switch. vim25: `DistributedVirtualPortgroup`. */
  | 'DISTRIBUTED_PORTGROUP'
  /** A network that is managed outside vSphere, such as by NSX. vim25: `OpaqueNetwork`. */
  | 'OPAQUE'
  /** A network of standard switches: the port groups with the same name on several hosts. vim25: `Network`. */
  | 'STANDARD';

/** The power state of a virtual machine. vim25: `VirtualMachinePowerState`. */
export type PowerState =
  /** The virtual machine is powered off. */
  | 'POWERED_OFF'
  /** The virtual machine is running. */
  | 'POWERED_ON'
  /** The virtual machine is paused, with its memory saved to disk. */
  | 'SUSPENDED';

/** Roles of callers in the gateway. Each has the rights of those before it. */
export type Role =
  /** May send every mutation. */
  | 'OPERATOR'
  /** May also send the mutation changePower. */
  | 'POWER'
  /** Runs queries and subscriptions. */
  | 'READER';

/** Where to search. */
export type SearchField =
  /** The notes about a virtual machine. Source: `config.annotation`. */
  | 'ANNOTATION'
  /** The host name of a guest. Source: `guest.hostName`. */
  | 'HOST_NAME'
  /** The IP addresses of guests and hosts. A complete address is found in all of them, in any notation; a part of one only in the primary addresses of guests. Source: `SearchIndex.FindAllByIp`, `guest.ipAddress`, `guest.net`. */
  | 'IP_ADDRESS'
  /** The MAC addresses of network cards and guests. They match only as a whole, with or without separators. Source: `config.hardware.device`, `guest.net`. */
  | 'MAC_ADDRESS'
  /** The managed object id, such as `vm-62`. It matches only as a whole. */
  | 'MOID'
  /** The display name. */
  | 'NAME'
  /** The inventory path, with escapes as vSphere writes them. Unless `in` names it, only a text with a slash is searched in paths. Source: `name` and `parent` of the object and its ancestors. */
  | 'PATH'
  /** The BIOS and instance UUIDs of virtual machines, and the hardware UUIDs of hosts. They match only as a whole. Source: `SearchIndex.FindAllByUuid`. */
  | 'UUID';

/** Relative priority when resources are short. vim25: `SharesLevel`. */
export type SharesLevel =
  /** The number in `shares`. */
  | 'CUSTOM'
  /** Twice the normal shares. */
  | 'HIGH'
  /** Half of the normal shares. */
  | 'LOW'
  /** The normal shares. */
  | 'NORMAL';

/** What kind of initiator started a task. vim25: the subtypes of `TaskReason`. */
export type TaskInitiatorKind =
  /** An action of an alarm. vim25: `TaskReasonAlarm`. */
  | 'ALARM'
  /** A scheduled task. vim25: `TaskReasonSchedule`. */
  | 'SCHEDULE'
  /** The vCenter itself. vim25: `TaskReasonSystem`. */
  | 'SYSTEM'
  /** A user or a service account. vim25: `TaskReasonUser`. */
  | 'USER';

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

/** Whether VMware Tools runs in the guest. vim25: `VirtualMachineToolsRunningStatus`. */
export type ToolsRunningStatus =
  /** VMware Tools is starting. */
  | 'EXECUTING_SCRIPTS'
  /** VMware Tools is not running. */
  | 'NOT_RUNNING'
  /** VMware Tools is running. */
  | 'RUNNING';

/** The version status of VMware Tools. vim25: `VirtualMachineToolsVersionStatus`. */
export type ToolsVersionStatus =
  /** The version has a severe known defect. Upgrade it immediately. */
  | 'BLACKLISTED'
  /** The version matches the version on the host. */
  | 'CURRENT'
  /** The version differs from the version on the host. */
  | 'NEED_UPGRADE'
  /** VMware Tools is not installed. */
  | 'NOT_INSTALLED'
  /** The version is supported, and newer than the version on the host. */
  | 'SUPPORTED_NEW'
  /** The version is supported, but a newer one is available. */
  | 'SUPPORTED_OLD'
  /** The version is too new for the host. */
  | 'TOO_NEW'
  /** The version is too old to work. */
  | 'TOO_OLD'
  /** The guest manages VMware Tools itself, as with open-vm-tools. */
  | 'UNMANAGED';

/** Identifies a virtual machine by exactly one of these keys. */
export type VirtualMachineBy =
  {   /** Global id. */
  id: string; instanceUuid?: never; moid?: never; name?: never; path?: never; uuid?: never; }
  |  { id?: never;   /** Instance UUID, unique within a vCenter. Source: `config.instanceUuid`. */
  instanceUuid: string; moid?: never; name?: never; path?: never; uuid?: never; }
  |  { id?: never; instanceUuid?: never;   /** Managed object id, such as `vm-62`, as govc and PowerCLI show it. */
  moid: string; name?: never; path?: never; uuid?: never; }
  |  { id?: never; instanceUuid?: never; moid?: never;   /** Exact display name. Several objects can share it. The lookup reads all names, so id, moid and path are cheaper. Only ids and moids are unique. */
  name: string; path?: never; uuid?: never; }
  |  { id?: never; instanceUuid?: never; moid?: never; name?: never;   /** Inventory path, such as "/Frankfurt/vm/web/web-01", with escapes (%2f, %5c, %25) as vSphere writes them. Several objects can share it. */
  path: string; uuid?: never; }
  |  { id?: never; instanceUuid?: never; moid?: never; name?: never; path?: never;   /** BIOS (SMBIOS) UUID. Several virtual machines can share it. Source: `config.uuid`. */
  uuid: string; };

/** What the VLAN of a port group consists of. Source: the vim25 type of the specification. */
export type VlanKind =
  /** One VLAN, or none. vim25: `VmwareDistributedVirtualSwitchVlanIdSpec`. */
  | 'ACCESS'
  /** A private VLAN. vim25: `VmwareDistributedVirtualSwitchPvlanSpec`. */
  | 'PRIVATE'
  /** Ranges of VLANs, whose tags reach the guests. vim25: `VmwareDistributedVirtualSwitchTrunkVlanSpec`, or the id 4095 of a standard port group. */
  | 'TRUNK';

export type AllocatedBlocksQueryVariables = Exact<{
  snapshot: string;
}>;


export type AllocatedBlocksQuery = { node:
    | { path: string, createdAt: string, virtualMachine: { name: string }, disks: Array<{ label: string | null, capacity: number | null, id: string, allocatedAreas: { totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null }
    | Record<PropertyKey, never>
   | null };

export type ChangesSinceASnapshotQueryVariables = Exact<{
  earlier: string;
  later: string;
}>;


export type ChangesSinceASnapshotQuery = { node:
    | { path: string, createdAt: string, virtualMachine: { name: string }, disks: Array<{ label: string | null, capacity: number | null, id: string, changedAreas: { sinceChangeId: string | null, changeId: string | null, totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null }
    | Record<PropertyKey, never>
   | null };

export type MachinesWithoutChangeTrackingQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesWithoutChangeTrackingQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, changeTracking: { supported: boolean | null, enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string, disk: { label: string | null } | null }> } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByLastBackupQueryVariables = Exact<{
  name?: string | null | undefined;
  begins?: string | null | undefined;
}>;


export type MachinesByLastBackupQuery = { backedUp: { totalCount: number | null, nodes: Array<{ name: string, customAttributes: Array<{ name: string | null, value: string }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, neverBackedUp: { nodes: Array<{ name: string, path: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type FailedBackupsQueryVariables = Exact<{
  seconds?: number | null | undefined;
}>;


export type FailedBackupsQuery = { tasks: { nodes: Array<{ entityName: string | null, queuedAt: string, startedBy: { userName: string | null } | null, error: { message: string } | null, entity:
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { powerState: PowerState | null, path: string | null, id: string }
       | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type Backup1EnableTrackingMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type Backup1EnableTrackingMutation = { setChangeTracking: { activated: boolean | null, task: { operation: string, state: TaskState } | null, virtualMachine: { changeTracking: { enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string }> } | null } | null } | null };

export type Backup2FullMapMutationVariables = Exact<{
  virtualMachine: string;
}>;


export type Backup2FullMapMutation = { createSnapshot: { task: { state: TaskState, completedAt: string | null }, snapshot: { id: string, disks: Array<{ changeId: string | null, key: number, uuid: string | null, capacity: number | null, id: string, allocatedAreas: { totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null } | null } | null };

export type Backup3ChangesSinceMutationVariables = Exact<{
  virtualMachine: string;
  changeId: string;
  disk: number;
}>;


export type Backup3ChangesSinceMutation = { createSnapshot: { task: { state: TaskState, completedAt: string | null }, snapshot: { id: string, disk: { changeId: string | null, key: number, uuid: string | null, capacity: number | null, changedAreas: { sinceChangeId: string | null, totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null } | null } | null };

export type Backup4CleanUpMutationVariables = Exact<{
  snapshot: string;
}>;


export type Backup4CleanUpMutation = { removeSnapshot: { removedSnapshotIds: Array<string> | null, task: { state: TaskState, completedAt: string | null }, virtualMachine: { name: string, snapshots: Array<{ id: string, path: string, description: string | null, createdAt: string }> | null } | null } | null };

export type HostsAndTheirLoadQueryVariables = Exact<{ [key: string]: never; }>;


export type HostsAndTheirLoadQuery = { computeResources: { totalCount: number | null, nodes: Array<{ name: string, path: string | null, isCluster: boolean, drsEnabled: boolean | null, haEnabled: boolean | null, totalCpu: number | null, totalMemory: number | null, hosts: Array<{ name: string, overallStatus: EntityStatus | null, inMaintenanceMode: boolean | null, totalCpu: number | null, cpuUsage: number | null, cpuUsagePercent: number | null, memory: number | null, memoryUsage: number | null, memoryUsagePercent: number | null, id: string, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, cpuUsage: number | null, memory: number | null, memoryUsage: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type DatastoresByFreeSpaceQueryVariables = Exact<{ [key: string]: never; }>;


export type DatastoresByFreeSpaceQuery = { datastores: { nodes: Array<{ name: string, type: string | null, accessible: boolean | null, capacity: number | null, freeSpace: number | null, freePercent: number | null, uncommitted: number | null, provisionedSpace: number | null, id: string, datacenter: { name: string } | null, hostMounts: Array<{ accessible: boolean | null, host: { name: string } | null }> | null, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, consolidationNeeded: boolean | null, storage: { committed: number | null, uncommitted: number | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CapacityByClusterQueryVariables = Exact<{ [key: string]: never; }>;


export type CapacityByClusterQuery = { hosts: { groups: Array<{ count: number, key: { cluster: { name: string } | null }, aggregate: { totalCpu: { sum: number | null } | null, cpuUsage: { sum: number | null } | null, memory: { sum: number | null } | null, memoryUsage: { sum: number | null } | null } }> | null } | null, virtualMachines: { groups: Array<{ count: number, key: { cluster: { name: string } | null }, aggregate: { cpuCount: { sum: number | null } | null, memory: { sum: number | null } | null, storageCommitted: { sum: number | null } | null } }> | null } | null };

export type FullestDatastoresQueryVariables = Exact<{ [key: string]: never; }>;


export type FullestDatastoresQuery = { datastores: { nodes: Array<{ name: string, freePercent: number | null, freeSpace: number | null, capacity: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type DatastoresAHostCannotReachQueryVariables = Exact<{ [key: string]: never; }>;


export type DatastoresAHostCannotReachQuery = { datastores: { totalCount: number | null, nodes: Array<{ name: string, datastoreCluster: { name: string } | null, hostMounts: Array<{ inaccessibleReason: string | null, host: { name: string } | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type FullestFileSystemsQueryVariables = Exact<{
  freePercent?: number | null | undefined;
}>;


export type FullestFileSystemsQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, guest: { fullName: string | null, fileSystems: Array<{ path: string | null, type: string | null, capacity: number | null, freeSpace: number | null, freePercent: number | null, disks: Array<{ label: string | null, capacity: number | null }> | null }> | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type TopConsumersQueryVariables = Exact<{
  first?: number | null | undefined;
}>;


export type TopConsumersQuery = { cpu: { nodes: Array<{ name: string, cpuUsage: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, memory: { nodes: Array<{ name: string, memoryUsage: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, storage: { nodes: Array<{ name: string, storage: { committed: number | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ReservationsAndContentionQueryVariables = Exact<{ [key: string]: never; }>;


export type ReservationsAndContentionQuery = { virtualMachines: { nodes: Array<{ name: string, cpuReadiness: number | null, cpuDemand: number | null, maxCpuUsage: number | null, balloonedMemory: number | null, swappedMemory: number | null, compressedMemory: number | null, cpuAllocation: { reservation: number | null, limit: number | null, sharesLevel: SharesLevel | null } | null, memoryAllocation: { reservation: number | null, limit: number | null, sharesLevel: SharesLevel | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type Capture1BeginABackupMutationVariables = Exact<{
  virtualMachine: string;
  idempotencyKey: string;
  tokens: Array<string> | string;
}>;


export type Capture1BeginABackupMutation = { captureChanges: { task: { state: TaskState } | null, capture: { leaseExpiresAt: string, snapshot: { id: string, moid: string }, disks: Array<{ token: string, basis: CaptureBasis, fullReason: CaptureFullReason | null, disk: { label: string | null, capacity: number | null }, areas: { totalCount: number | null, totalLength: number | null, density: Array<number> | null, nodes: Array<{ start: number, length: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, export: { path: string } | null }>, leftOut: Array<{ code: ChangeTrackingReasonCode, message: string }> } | null } | null };

export type Capture2EndTheBackupMutationVariables = Exact<{
  snapshot: string;
}>;


export type Capture2EndTheBackupMutation = { releaseCapture: { task: { state: TaskState } | null, virtualMachine: { name: string, consolidationNeeded: boolean | null } | null } | null };

export type TriggeredAlarmsQueryVariables = Exact<{ [key: string]: never; }>;


export type TriggeredAlarmsQuery = { triggeredAlarms: { totalCount: number | null, nodes: Array<{ name: string, status: EntityStatus, triggeredAt: string, acknowledgedBy: string | null, acknowledgedAt: string | null, acknowledged: boolean, entity:
        | { __typename: 'ComputeResource', name: string }
        | { __typename: 'Datacenter', name: string }
        | { __typename: 'Datastore', name: string }
        | { __typename: 'DistributedVirtualSwitch', name: string }
        | { __typename: 'Folder', name: string }
        | { __typename: 'HostSystem', name: string }
        | { __typename: 'Network', name: string }
        | { __typename: 'ResourcePool', name: string }
        | { __typename: 'StoragePod', name: string }
        | { __typename: 'VirtualMachine', name: string }
       | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, coverage: Array<{ isComplete: boolean }> } | null };

export type AlarmsToAcknowledgeQueryVariables = Exact<{ [key: string]: never; }>;


export type AlarmsToAcknowledgeQuery = { triggeredAlarms: { totalCount: number | null, groups: Array<{ count: number, key: { name: string | null, status: EntityStatus | null } }> | null, nodes: Array<{ name: string, status: EntityStatus, triggeredAt: string, description: string | null, id: string, entity:
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
       | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type RunningAndFailedTasksQueryVariables = Exact<{
  seconds?: number | null | undefined;
}>;


export type RunningAndFailedTasksQuery = { running: { nodes: Array<{ progress: number | null, startedAt: string | null, label: string | null, entityName: string | null, queuedAt: string, startedBy: { userName: string | null, name: string | null, kind: TaskInitiatorKind } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, failed: { nodes: Array<{ completedAt: string | null, label: string | null, entityName: string | null, queuedAt: string, error: { message: string, fault: string | null } | null, startedBy: { userName: string | null, name: string | null, kind: TaskInitiatorKind } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, coverage: Array<{ vcenter: string, isComplete: boolean }> } | null };

export type TaskSubjectFragment = { label: string | null, entityName: string | null };

export type TaskStartFragment = { queuedAt: string, startedBy: { userName: string | null, name: string | null, kind: TaskInitiatorKind } | null };

export type EventsOfMachineQueryVariables = Exact<{ [key: string]: never; }>;


export type EventsOfMachineQuery = { virtualMachine: { events: { nodes: Array<{ createdAt: string, userName: string, message: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type EventsOfUserQueryVariables = Exact<{ [key: string]: never; }>;


export type EventsOfUserQuery = { events: { nodes: Array<{ createdAt: string, message: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type WhoPoweredOffQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoPoweredOffQuery = { events: { nodes: Array<{ createdAt: string, type: string, userName: string, entityName: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type AllMachinesQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type AllMachinesQuery = { virtualMachines: { totalCount: number | null, groups: Array<{ count: number, key: { powerState: PowerState | null } }> | null, nodes: Array<{ name: string, powerState: PowerState | null, cpuCount: number | null, memory: number | null, id: string, host: { name: string } | null, guest: { fullName: string | null, ipAddresses: Array<string> | null } | null, storage: { committed: number | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type InventoryAtAGlanceQueryVariables = Exact<{ [key: string]: never; }>;


export type InventoryAtAGlanceQuery = { vcenters: Array<{ name: string, fullName: string | null, connected: boolean }> | null, datacenters: { totalCount: number | null, nodes: Array<{ name: string, id: string, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, path: string | null, powerState: PowerState | null, cpuCount: number | null, memory: number | null, host: { name: string } | null, datastores: Array<{ name: string, freeSpace: number | null }> | null, disks: Array<{ label: string | null, capacity: number | null }> | null, snapshots: Array<{ path: string, createdAt: string }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type OneVirtualMachineQueryVariables = Exact<{
  name?: string;
}>;


export type OneVirtualMachineQuery = { virtualMachine: { id: string, moid: string, name: string, path: string | null, powerState: PowerState | null, connectionState: ConnectionState | null, guest: { hostName: string | null, ipAddress: string | null, fullName: string | null, toolsRunning: boolean | null } | null, changeTracking: { supported: boolean | null, enabled: boolean | null, active: boolean | null, reasons: Array<{ code: ChangeTrackingReasonCode, message: string, disk: { label: string | null } | null }> } | null, disks: Array<{ key: number, label: string | null, capacity: number | null, changeId: string | null, backing: { type: string, fileName: string | null, thinProvisioned: boolean | null, datastore: { name: string } | null } | null }> | null, rootSnapshots: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean, children: Array<{ id: string, name: string, path: string, createdAt: string, isCurrent: boolean }> }> }> | null } | null };

export type SnapshotFactsFragment = { id: string, name: string, path: string, createdAt: string, isCurrent: boolean };

export type SearchQueryVariables = Exact<{
  text: string;
}>;


export type SearchQuery = { search: { totalCount: number | null, edges: Array<{ matches: Array<{ field: SearchField, value: string }>, node:
        | { __typename: 'ComputeResource', moid: string, name: string, path: string | null }
        | { __typename: 'Datacenter', moid: string, name: string, path: string | null }
        | { __typename: 'Datastore', moid: string, name: string, path: string | null }
        | { __typename: 'DistributedVirtualSwitch', moid: string, name: string, path: string | null }
        | { __typename: 'Folder', moid: string, name: string, path: string | null }
        | { __typename: 'HostSystem', overallStatus: EntityStatus | null, moid: string, name: string, path: string | null }
        | { __typename: 'Network', moid: string, name: string, path: string | null }
        | { __typename: 'ResourcePool', moid: string, name: string, path: string | null }
        | { __typename: 'StoragePod', moid: string, name: string, path: string | null }
        | { __typename: 'VirtualMachine', powerState: PowerState | null, moid: string, name: string, path: string | null, host: { name: string } | null }
       }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByPowerStateAndNameQueryVariables = Exact<{
  name?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type MachinesByPowerStateAndNameQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, powerState: PowerState | null, host: { name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByToolsQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesByToolsQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, guest: { toolsRunningStatus: ToolsRunningStatus | null, toolsVersionStatus: ToolsVersionStatus | null, toolsVersion: string | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByLocationQueryVariables = Exact<{
  host?: string | null | undefined;
  cluster?: string | null | undefined;
  datastore?: string | null | undefined;
  network?: string | null | undefined;
  folder?: string | null | undefined;
}>;


export type MachinesByLocationQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ path: string | null, host: { name: string } | null, datastores: Array<{ name: string }> | null, networks: Array<{ name: string }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByAnnotationQueryVariables = Exact<{
  word?: string | null | undefined;
}>;


export type MachinesByAnnotationQuery = { virtualMachines: { nodes: Array<{ name: string, annotation: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByTagQueryVariables = Exact<{
  category?: string | null | undefined;
  tag?: string | null | undefined;
  without?: string | null | undefined;
}>;


export type MachinesByTagQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, tags: Array<{ name: string, category: { name: string } }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, coverage: Array<{ isComplete: boolean }> } | null };

export type MachinesByHostQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesByHostQuery = { hosts: { nodes: Array<{ name: string, id: string, virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, powerState: PowerState | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesWithoutSecureBootQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesWithoutSecureBootQuery = { virtualMachines: { totalCount: number | null, coverage: Array<{ undecidedCount: number }>, nodes: Array<{ name: string, firmware: Firmware | null, secureBoot: boolean | null, vtpm: boolean | null, encrypted: boolean | null, hardwareVersion: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesWithoutSystemMachinesQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesWithoutSystemMachinesQuery = { ordinary: { totalCount: number | null, nodes: Array<{ name: string, vmPathName: string | null, createdAt: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, managed: { totalCount: number | null, nodes: Array<{ name: string, managedBy: { extensionKey: string, type: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CountsQueryVariables = Exact<{ [key: string]: never; }>;


export type CountsQuery = { virtualMachines: { totalCount: number | null, byOperatingSystem: Array<{ count: number, key: { configuredGuestFullName: string | null } }> | null, byTools: Array<{ count: number, key: { guestToolsVersion: string | null, guestToolsVersionStatus: ToolsVersionStatus | null } }> | null, byHardwareVersion: Array<{ count: number, key: { hardwareVersion: string | null } }> | null, byHost: Array<{ count: number, key: { host: { name: string } | null } }> | null } | null };

export type InventoryLiveSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type InventoryLiveSubscription = { inventoryChanges: { initial: boolean, changes: Array<{ kind: ChangeKind, type: EntityType, entityId: string, entity:
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { name: string }
        | { inMaintenanceMode: boolean | null, name: string, hostState: HostConnectionState | null }
        | { name: string }
        | { name: string }
        | { name: string }
        | { powerState: PowerState | null, name: string, currentSnapshot: { path: string, createdAt: string } | null, host: { name: string } | null }
       | null }>, coverage: Array<{ vcenter: string, isComplete: boolean }> } };

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

export type EventsLiveSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type EventsLiveSubscription = { events: { gap: boolean, events: Array<{ createdAt: string, severity: EventSeverity | null, userName: string, entityName: string | null, message: string | null }>, coverage: Array<{ vcenter: string, isComplete: boolean }> } };

export type MachinesByIpAddressQueryVariables = Exact<{
  address?: string | null | undefined;
}>;


export type MachinesByIpAddressQuery = { virtualMachines: { nodes: Array<{ name: string, guest: { hostName: string | null, ipAddresses: Array<string> | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesByMacAddressQueryVariables = Exact<{
  prefix?: string | null | undefined;
}>;


export type MachinesByMacAddressQuery = { virtualMachines: { nodes: Array<{ name: string, powerState: PowerState | null, networkAdapters: Array<{ label: string | null, macAddress: string | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type NetworkAdaptersQueryVariables = Exact<{ [key: string]: never; }>;


export type NetworkAdaptersQuery = { virtualMachines: { nodes: Array<{ name: string, networkAdapters: Array<{ label: string | null, type: NetworkAdapterType, macAddress: string | null, connected: boolean | null, startConnected: boolean | null, network: { name: string, kind: NetworkKind } | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MachinesOnAVlanQueryVariables = Exact<{
  vlan?: number | null | undefined;
}>;


export type MachinesOnAVlanQuery = { virtualMachines: { totalCount: number | null, nodes: Array<{ name: string, host: { name: string } | null, networkAdapters: Array<{ label: string | null, network: { name: string, switch: { name: string } | null } | null, vlan: { kind: VlanKind, vlanId: number | null, ranges: Array<string> | null } | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ShutDownMachinesMutationVariables = Exact<{
  virtualMachines: Array<VirtualMachineBy> | VirtualMachineBy;
}>;


export type ShutDownMachinesMutation = { changePower: { results: Array<{ virtualMachine: { name: string, powerState: PowerState | null, pendingQuestion: string | null } | null, error: { code: ErrorCode, message: string, remedy: string | null, retryable: boolean } | null }> } | null };

export type WhatMayBeDoneQueryVariables = Exact<{
  name?: string | null | undefined;
}>;


export type WhatMayBeDoneQuery = { viewer: { name: string | null, role: Role } | null, virtualMachine: { path: string | null, powerState: PowerState | null, can: Array<{ action: Action, allowed: boolean | null, missingPrivileges: Array<string>, requiredRole: Role | null, blockedByState: boolean | null }> | null } | null };

export type OldSnapshotsQueryVariables = Exact<{
  seconds?: number | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type OldSnapshotsQuery = { snapshots: { totalCount: number | null, aggregate: { size: { sum: number | null } | null } | null, nodes: Array<{ name: string, ageSeconds: number, size: number | null, createdAt: string, path: string, id: string, virtualMachine: { name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type SnapshotTreeQueryVariables = Exact<{
  name?: string;
}>;


export type SnapshotTreeQuery = { virtualMachine: { name: string, rootSnapshots: Array<{ id: string, name: string, createdAt: string, ageSeconds: number, size: number | null, createdBy: string | null, isCurrent: boolean, children: Array<{ id: string, name: string, createdAt: string, ageSeconds: number, size: number | null, createdBy: string | null, isCurrent: boolean, children: Array<{ id: string, name: string, createdAt: string, ageSeconds: number, size: number | null, createdBy: string | null, isCurrent: boolean, children: Array<{ id: string, name: string, createdAt: string, ageSeconds: number, size: number | null, createdBy: string | null, isCurrent: boolean }> }> }> }> | null } | null };

export type SnapshotNodeFragment = { id: string, name: string, createdAt: string, ageSeconds: number, size: number | null, createdBy: string | null, isCurrent: boolean };

export type WhoCreatedSnapshotsQueryVariables = Exact<{
  name?: string | null | undefined;
}>;


export type WhoCreatedSnapshotsQuery = { virtualMachine: { name: string, snapshots: Array<{ path: string, createdAt: string, createdBy: string | null }> | null, recentTasks: Array<{ label: string | null, state: TaskState, startedBy: { kind: TaskInitiatorKind, userName: string | null } | null }> | null } | null };

export type MachinesToConsolidateQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesToConsolidateQuery = { virtualMachines: { nodes: Array<{ name: string, consolidationNeeded: boolean | null, disks: Array<{ label: string | null, backing: { fileName: string | null } | null }> | null, storage: { committed: number | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

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
export const TaskSubjectFragmentDoc = new TypedDocumentString(`
    fragment TaskSubject on Task {
  label
  entityName
}
    `, {"fragmentName":"TaskSubject"}) as unknown as TypedDocumentString<TaskSubjectFragment, unknown>;
export const TaskStartFragmentDoc = new TypedDocumentString(`
    fragment TaskStart on Task {
  startedBy {
    userName
    name
    kind
  }
  queuedAt
}
    `, {"fragmentName":"TaskStart"}) as unknown as TypedDocumentString<TaskStartFragment, unknown>;
export const SnapshotFactsFragmentDoc = new TypedDocumentString(`
    fragment SnapshotFacts on Snapshot {
  id
  name
  path
  createdAt
  isCurrent
}
    `, {"fragmentName":"SnapshotFacts"}) as unknown as TypedDocumentString<SnapshotFactsFragment, unknown>;
export const SnapshotNodeFragmentDoc = new TypedDocumentString(`
    fragment SnapshotNode on Snapshot {
  id
  name
  createdAt
  ageSeconds
  size
  createdBy
  isCurrent
}
    `, {"fragmentName":"SnapshotNode"}) as unknown as TypedDocumentString<SnapshotNodeFragment, unknown>;
export const AllocatedBlocksDocument = new TypedDocumentString(`
    query AllocatedBlocks($snapshot: ID!) {
  node(id: $snapshot) {
    ... on Snapshot {
      path
      createdAt
      virtualMachine {
        name
      }
      disks {
        label
        capacity
        id
        allocatedAreas(first: 2000) {
          totalCount
          totalLength
          density(buckets: 128)
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
    `) as unknown as TypedDocumentString<AllocatedBlocksQuery, AllocatedBlocksQueryVariables>;
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
        id
        changedAreas(since: {snapshot: $earlier}, first: 2000) {
          sinceChangeId
          changeId
          totalCount
          totalLength
          density(buckets: 128)
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
export const MachinesWithoutChangeTrackingDocument = new TypedDocumentString(`
    query MachinesWithoutChangeTracking {
  virtualMachines(
    filter: {template: {eq: false}, changeTracking: {reasons: {some: {}}}}
  ) {
    totalCount
    nodes {
      name
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
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesWithoutChangeTrackingQuery, MachinesWithoutChangeTrackingQueryVariables>;
export const MachinesByLastBackupDocument = new TypedDocumentString(`
    query MachinesByLastBackup($name: String = "Last Backup", $begins: String = "20") {
  backedUp: virtualMachines(
    filter: {customAttributes: {some: {name: {eq: $name}, value: {startsWith: $begins}}}}
  ) {
    totalCount
    nodes {
      name
      customAttributes {
        name
        value
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  neverBackedUp: virtualMachines(
    filter: {customAttributes: {none: {name: {eq: $name}}}}
  ) {
    nodes {
      name
      path
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByLastBackupQuery, MachinesByLastBackupQueryVariables>;
export const FailedBackupsDocument = new TypedDocumentString(`
    query FailedBackups($seconds: Int = 43200) {
  tasks(
    filter: {operations: ["VirtualMachine.createSnapshot", "VirtualMachine.createSnapshotEx"], states: [ERROR], lastSeconds: $seconds}
  ) {
    nodes {
      entityName
      queuedAt
      startedBy {
        userName
      }
      error {
        message
      }
      entity {
        ... on VirtualMachine {
          powerState
          path
        }
        id
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<FailedBackupsQuery, FailedBackupsQueryVariables>;
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
        id
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
          density(buckets: 128)
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
        id
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
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
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
      hostMounts {
        accessible
        host {
          name
        }
      }
      id
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
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<DatastoresByFreeSpaceQuery, DatastoresByFreeSpaceQueryVariables>;
export const CapacityByClusterDocument = new TypedDocumentString(`
    query CapacityByCluster {
  hosts(first: 0) {
    groups(by: [CLUSTER]) {
      key {
        cluster {
          name
        }
      }
      count
      aggregate {
        totalCpu {
          sum
        }
        cpuUsage {
          sum
        }
        memory {
          sum
        }
        memoryUsage {
          sum
        }
      }
    }
  }
  virtualMachines(first: 0, filter: {template: {eq: false}}) {
    groups(by: [CLUSTER]) {
      key {
        cluster {
          name
        }
      }
      count
      aggregate {
        cpuCount {
          sum
        }
        memory {
          sum
        }
        storageCommitted {
          sum
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CapacityByClusterQuery, CapacityByClusterQueryVariables>;
export const FullestDatastoresDocument = new TypedDocumentString(`
    query FullestDatastores {
  datastores(first: 20, orderBy: [{field: FREE_PERCENT}, {field: FREE_SPACE}]) {
    nodes {
      name
      freePercent
      freeSpace
      capacity
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<FullestDatastoresQuery, FullestDatastoresQueryVariables>;
export const DatastoresAHostCannotReachDocument = new TypedDocumentString(`
    query DatastoresAHostCannotReach {
  datastores(first: 100, filter: {hostMounts: {some: {accessible: {eq: false}}}}) {
    totalCount
    nodes {
      name
      datastoreCluster {
        name
      }
      hostMounts(filter: {accessible: {eq: false}}) {
        inaccessibleReason
        host {
          name
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<DatastoresAHostCannotReachQuery, DatastoresAHostCannotReachQueryVariables>;
export const FullestFileSystemsDocument = new TypedDocumentString(`
    query FullestFileSystems($freePercent: Float = 10) {
  virtualMachines(
    filter: {guest: {fileSystems: {some: {freePercent: {lt: $freePercent}}}}}
  ) {
    totalCount
    nodes {
      name
      guest {
        fullName
        fileSystems {
          path
          type
          capacity
          freeSpace
          freePercent
          disks {
            label
            capacity
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<FullestFileSystemsQuery, FullestFileSystemsQueryVariables>;
export const TopConsumersDocument = new TypedDocumentString(`
    query TopConsumers($first: Int = 5) {
  cpu: virtualMachines(
    first: $first
    orderBy: [{field: CPU_USAGE, direction: DESC}]
  ) {
    nodes {
      name
      cpuUsage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  memory: virtualMachines(
    first: $first
    orderBy: [{field: MEMORY_USAGE, direction: DESC}]
  ) {
    nodes {
      name
      memoryUsage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  storage: virtualMachines(
    first: $first
    orderBy: [{field: STORAGE_COMMITTED, direction: DESC}]
  ) {
    nodes {
      name
      storage {
        committed
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<TopConsumersQuery, TopConsumersQueryVariables>;
export const ReservationsAndContentionDocument = new TypedDocumentString(`
    query ReservationsAndContention {
  virtualMachines(
    filter: {or: [{cpuAllocation: {unlimited: {eq: false}}}, {cpuAllocation: {reservation: {gt: 0}}}, {memoryAllocation: {unlimited: {eq: false}}}, {memoryAllocation: {reservation: {gt: 0}}}]}
    orderBy: [{field: CPU_READINESS, direction: DESC}]
  ) {
    nodes {
      name
      cpuReadiness
      cpuDemand
      maxCpuUsage
      balloonedMemory
      swappedMemory
      compressedMemory
      cpuAllocation {
        reservation
        limit
        sharesLevel
      }
      memoryAllocation {
        reservation
        limit
        sharesLevel
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ReservationsAndContentionQuery, ReservationsAndContentionQueryVariables>;
export const Capture1BeginABackupDocument = new TypedDocumentString(`
    mutation Capture1BeginABackup($virtualMachine: String!, $idempotencyKey: String!, $tokens: [String!]!) {
  captureChanges(
    input: {virtualMachine: {name: $virtualMachine}, idempotencyKey: $idempotencyKey, tokens: $tokens}
  ) {
    task {
      state
    }
    capture {
      leaseExpiresAt
      snapshot {
        id
        moid
      }
      disks {
        disk {
          label
          capacity
        }
        token
        basis
        fullReason
        areas(first: 20) {
          totalCount
          totalLength
          density(buckets: 128)
          nodes {
            start
            length
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
        export {
          path
        }
      }
      leftOut {
        code
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<Capture1BeginABackupMutation, Capture1BeginABackupMutationVariables>;
export const Capture2EndTheBackupDocument = new TypedDocumentString(`
    mutation Capture2EndTheBackup($snapshot: ID!) {
  releaseCapture(input: {snapshot: $snapshot}) {
    task {
      state
    }
    virtualMachine {
      name
      consolidationNeeded
    }
  }
}
    `) as unknown as TypedDocumentString<Capture2EndTheBackupMutation, Capture2EndTheBackupMutationVariables>;
export const TriggeredAlarmsDocument = new TypedDocumentString(`
    query TriggeredAlarms {
  triggeredAlarms {
    totalCount
    nodes {
      name
      status
      entity {
        name
        __typename
      }
      triggeredAt
      acknowledgedBy
      acknowledgedAt
      acknowledged
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    coverage {
      isComplete
    }
  }
}
    `) as unknown as TypedDocumentString<TriggeredAlarmsQuery, TriggeredAlarmsQueryVariables>;
export const AlarmsToAcknowledgeDocument = new TypedDocumentString(`
    query AlarmsToAcknowledge {
  triggeredAlarms(
    filter: {acknowledged: {eq: false}}
    orderBy: [{field: STATUS, direction: DESC}, {field: TRIGGERED_AT}]
  ) {
    totalCount
    groups(by: [NAME, STATUS]) {
      key {
        name
        status
      }
      count
    }
    nodes {
      name
      status
      entity {
        name
      }
      triggeredAt
      description
      id
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<AlarmsToAcknowledgeQuery, AlarmsToAcknowledgeQueryVariables>;
export const RunningAndFailedTasksDocument = new TypedDocumentString(`
    query RunningAndFailedTasks($seconds: Int = 86400) {
  running: tasks(filter: {states: [QUEUED, RUNNING]}) {
    nodes {
      ...TaskSubject
      progress
      ...TaskStart
      startedAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  failed: tasks(filter: {states: [ERROR], lastSeconds: $seconds}) {
    nodes {
      ...TaskSubject
      error {
        message
        fault
      }
      ...TaskStart
      completedAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    coverage {
      vcenter
      isComplete
    }
  }
}
    fragment TaskSubject on Task {
  label
  entityName
}
fragment TaskStart on Task {
  startedBy {
    userName
    name
    kind
  }
  queuedAt
}`) as unknown as TypedDocumentString<RunningAndFailedTasksQuery, RunningAndFailedTasksQueryVariables>;
export const EventsOfMachineDocument = new TypedDocumentString(`
    query EventsOfMachine {
  virtualMachine(by: {name: "web-02"}) {
    events {
      nodes {
        createdAt
        userName
        message
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EventsOfMachineQuery, EventsOfMachineQueryVariables>;
export const EventsOfUserDocument = new TypedDocumentString(`
    query EventsOfUser {
  events(filter: {users: "CORP\\\\ann", lastSeconds: 3600}) {
    nodes {
      createdAt
      message
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<EventsOfUserQuery, EventsOfUserQueryVariables>;
export const WhoPoweredOffDocument = new TypedDocumentString(`
    query WhoPoweredOff {
  events(filter: {types: ["VmPoweredOffEvent", "VmGuestShutdownEvent"]}) {
    nodes {
      createdAt
      type
      userName
      entityName
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<WhoPoweredOffQuery, WhoPoweredOffQueryVariables>;
export const AllMachinesDocument = new TypedDocumentString(`
    query AllMachines($after: String) {
  virtualMachines(
    first: 50
    after: $after
    orderBy: [{field: POWER_STATE}, {field: NAME}]
  ) {
    totalCount
    groups(by: [POWER_STATE]) {
      key {
        powerState
      }
      count
    }
    nodes {
      name
      powerState
      cpuCount
      memory
      host {
        name
      }
      guest {
        fullName
        ipAddresses
      }
      storage {
        committed
      }
      id
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<AllMachinesQuery, AllMachinesQueryVariables>;
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
      id
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
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
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
export const SearchDocument = new TypedDocumentString(`
    query Search($text: String!) {
  search(text: $text, first: 20) {
    totalCount
    edges {
      matches {
        field
        value
      }
      node {
        __typename
        moid
        name
        path
        ... on VirtualMachine {
          powerState
          host {
            name
          }
        }
        ... on HostSystem {
          overallStatus
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<SearchQuery, SearchQueryVariables>;
export const MachinesByPowerStateAndNameDocument = new TypedDocumentString(`
    query MachinesByPowerStateAndName($name: String = "web", $after: String) {
  virtualMachines(
    first: 50
    after: $after
    filter: {powerState: {eq: POWERED_ON}, name: {contains: $name}}
    orderBy: [{field: HOST_NAME}, {field: NAME, direction: DESC}]
  ) {
    totalCount
    nodes {
      name
      powerState
      host {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByPowerStateAndNameQuery, MachinesByPowerStateAndNameQueryVariables>;
export const MachinesByToolsDocument = new TypedDocumentString(`
    query MachinesByTools {
  virtualMachines(
    filter: {powerState: {eq: POWERED_ON}, or: [{guest: {toolsRunningStatus: {ne: RUNNING}}}, {guest: {toolsVersionStatus: {ne: CURRENT}}}, {guest: {toolsVersion: {in: ["10346", "11333"]}}}]}
    orderBy: [{field: GUEST_TOOLS_VERSION}, {field: NAME}]
  ) {
    totalCount
    nodes {
      name
      guest {
        toolsRunningStatus
        toolsVersionStatus
        toolsVersion
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByToolsQuery, MachinesByToolsQueryVariables>;
export const MachinesByLocationDocument = new TypedDocumentString(`
    query MachinesByLocation($host: String = "esx-fra-*", $cluster: String = "fra-cluster-01", $datastore: String = "vmfs-fra-ssd", $network: String = "production-110", $folder: String = "/Frankfurt/vm/Production/") {
  virtualMachines(
    filter: {host: {name: {glob: $host}}, cluster: {name: {eq: $cluster}}, datastores: {some: {name: {eq: $datastore}}}, networks: {some: {name: {eq: $network}}}, path: {startsWith: $folder}}
  ) {
    totalCount
    nodes {
      path
      host {
        name
      }
      datastores {
        name
      }
      networks {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByLocationQuery, MachinesByLocationQueryVariables>;
export const MachinesByAnnotationDocument = new TypedDocumentString(`
    query MachinesByAnnotation($word: String = "SHOP") {
  virtualMachines(filter: {annotation: {contains: $word}}) {
    nodes {
      name
      annotation
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByAnnotationQuery, MachinesByAnnotationQueryVariables>;
export const MachinesByTagDocument = new TypedDocumentString(`
    query MachinesByTag($category: String = "environment", $tag: String = "production", $without: String = "backup") {
  virtualMachines(
    filter: {tags: {some: {category: {name: {eq: $category}}, name: {eq: $tag}}, none: {category: {name: {eq: $without}}}}}
  ) {
    totalCount
    nodes {
      name
      tags {
        name
        category {
          name
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    coverage {
      isComplete
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByTagQuery, MachinesByTagQueryVariables>;
export const MachinesByHostDocument = new TypedDocumentString(`
    query MachinesByHost {
  hosts(first: 100) {
    nodes {
      name
      id
      virtualMachines(first: 100) {
        totalCount
        nodes {
          name
          powerState
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByHostQuery, MachinesByHostQueryVariables>;
export const MachinesWithoutSecureBootDocument = new TypedDocumentString(`
    query MachinesWithoutSecureBoot {
  virtualMachines(
    filter: {template: {eq: false}, secureBoot: {ne: true}, not: {managedBy: {}}}
    orderBy: [{field: FIRMWARE}, {field: NAME}]
  ) {
    totalCount
    coverage {
      undecidedCount
    }
    nodes {
      name
      firmware
      secureBoot
      vtpm
      encrypted
      hardwareVersion
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesWithoutSecureBootQuery, MachinesWithoutSecureBootQueryVariables>;
export const MachinesWithoutSystemMachinesDocument = new TypedDocumentString(`
    query MachinesWithoutSystemMachines {
  ordinary: virtualMachines(filter: {not: {managedBy: {}}}) {
    totalCount
    nodes {
      name
      vmPathName
      createdAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  managed: virtualMachines(filter: {managedBy: {}}) {
    totalCount
    nodes {
      name
      managedBy {
        extensionKey
        type
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesWithoutSystemMachinesQuery, MachinesWithoutSystemMachinesQueryVariables>;
export const CountsDocument = new TypedDocumentString(`
    query Counts {
  virtualMachines(first: 0) {
    totalCount
    byOperatingSystem: groups(by: [CONFIGURED_GUEST_FULL_NAME]) {
      key {
        configuredGuestFullName
      }
      count
    }
    byTools: groups(by: [GUEST_TOOLS_VERSION, GUEST_TOOLS_VERSION_STATUS]) {
      key {
        guestToolsVersion
        guestToolsVersionStatus
      }
      count
    }
    byHardwareVersion: groups(by: [HARDWARE_VERSION]) {
      key {
        hardwareVersion
      }
      count
    }
    byHost: groups(by: [HOST]) {
      key {
        host {
          name
        }
      }
      count
    }
  }
}
    `) as unknown as TypedDocumentString<CountsQuery, CountsQueryVariables>;
export const InventoryLiveDocument = new TypedDocumentString(`
    subscription InventoryLive {
  inventoryChanges(
    filter: {virtualMachine: {name: {startsWith: "web-"}}, hostSystem: {}}
  ) {
    initial
    changes {
      kind
      type
      entityId
      entity {
        name
        ... on VirtualMachine {
          powerState
          currentSnapshot {
            path
            createdAt
          }
          host {
            name
          }
        }
        ... on HostSystem {
          hostState: connectionState
          inMaintenanceMode
        }
      }
    }
    coverage {
      vcenter
      isComplete
    }
  }
}
    `) as unknown as TypedDocumentString<InventoryLiveSubscription, InventoryLiveSubscriptionVariables>;
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
export const EventsLiveDocument = new TypedDocumentString(`
    subscription EventsLive {
  events {
    events {
      createdAt
      severity
      userName
      entityName
      message
    }
    gap
    coverage {
      vcenter
      isComplete
    }
  }
}
    `) as unknown as TypedDocumentString<EventsLiveSubscription, EventsLiveSubscriptionVariables>;
export const MachinesByIpAddressDocument = new TypedDocumentString(`
    query MachinesByIpAddress($address: String = "10.11.") {
  virtualMachines(
    filter: {powerState: {eq: POWERED_ON}, guest: {ipAddresses: {some: {startsWith: $address}}}}
  ) {
    nodes {
      name
      guest {
        hostName
        ipAddresses
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByIpAddressQuery, MachinesByIpAddressQueryVariables>;
export const MachinesByMacAddressDocument = new TypedDocumentString(`
    query MachinesByMacAddress($prefix: String = "00:50:56:3f:") {
  virtualMachines(
    filter: {networkAdapters: {some: {macAddress: {startsWith: $prefix}}}}
  ) {
    nodes {
      name
      powerState
      networkAdapters(filter: {macAddress: {startsWith: $prefix}}) {
        label
        macAddress
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesByMacAddressQuery, MachinesByMacAddressQueryVariables>;
export const NetworkAdaptersDocument = new TypedDocumentString(`
    query NetworkAdapters {
  virtualMachines(
    filter: {powerState: {eq: POWERED_ON}, networkAdapters: {some: {connected: {eq: false}}}}
  ) {
    nodes {
      name
      networkAdapters {
        label
        type
        macAddress
        connected
        startConnected
        network {
          name
          kind
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<NetworkAdaptersQuery, NetworkAdaptersQueryVariables>;
export const MachinesOnAVlanDocument = new TypedDocumentString(`
    query MachinesOnAVlan($vlan: Int = 20) {
  virtualMachines(
    first: 100
    filter: {networkAdapters: {some: {vlan: {vlanId: {eq: $vlan}}}}}
  ) {
    totalCount
    nodes {
      name
      host {
        name
      }
      networkAdapters {
        label
        network {
          name
          switch {
            name
          }
        }
        vlan {
          kind
          vlanId
          ranges
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesOnAVlanQuery, MachinesOnAVlanQueryVariables>;
export const ShutDownMachinesDocument = new TypedDocumentString(`
    mutation ShutDownMachines($virtualMachines: [VirtualMachineBy!]!) {
  changePower(
    input: {virtualMachines: $virtualMachines, action: SHUTDOWN_GUEST, ifPowerState: POWERED_ON, waitSeconds: 60}
  ) {
    results {
      virtualMachine {
        name
        powerState
        pendingQuestion
      }
      error {
        code
        message
        remedy
        retryable
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ShutDownMachinesMutation, ShutDownMachinesMutationVariables>;
export const WhatMayBeDoneDocument = new TypedDocumentString(`
    query WhatMayBeDone($name: String = "web-01") {
  viewer {
    name
    role
  }
  virtualMachine(by: {name: $name}) {
    path
    powerState
    can {
      action
      allowed
      missingPrivileges
      requiredRole
      blockedByState
    }
  }
}
    `) as unknown as TypedDocumentString<WhatMayBeDoneQuery, WhatMayBeDoneQueryVariables>;
export const OldSnapshotsDocument = new TypedDocumentString(`
    query OldSnapshots($seconds: Int = 604800, $first: Int = 100, $after: String) {
  snapshots(
    first: $first
    after: $after
    filter: {ageSeconds: {gt: $seconds}}
    orderBy: [{field: SIZE, direction: DESC}, {field: CREATED_AT}]
  ) {
    totalCount
    aggregate {
      size {
        sum
      }
    }
    nodes {
      virtualMachine {
        name
      }
      name
      ageSeconds
      size
      createdAt
      path
      id
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<OldSnapshotsQuery, OldSnapshotsQueryVariables>;
export const SnapshotTreeDocument = new TypedDocumentString(`
    query SnapshotTree($name: String! = "db-01") {
  virtualMachine(by: {name: $name}) {
    name
    rootSnapshots {
      ...SnapshotNode
      children {
        ...SnapshotNode
        children {
          ...SnapshotNode
          children {
            ...SnapshotNode
          }
        }
      }
    }
  }
}
    fragment SnapshotNode on Snapshot {
  id
  name
  createdAt
  ageSeconds
  size
  createdBy
  isCurrent
}`) as unknown as TypedDocumentString<SnapshotTreeQuery, SnapshotTreeQueryVariables>;
export const WhoCreatedSnapshotsDocument = new TypedDocumentString(`
    query WhoCreatedSnapshots($name: String = "db-01") {
  virtualMachine(by: {name: $name}) {
    name
    snapshots {
      path
      createdAt
      createdBy
    }
    recentTasks {
      label
      state
      startedBy {
        kind
        userName
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhoCreatedSnapshotsQuery, WhoCreatedSnapshotsQueryVariables>;
export const MachinesToConsolidateDocument = new TypedDocumentString(`
    query MachinesToConsolidate {
  virtualMachines(
    filter: {or: [{consolidationNeeded: {eq: true}}, {snapshots: {none: {}}, disks: {some: {backing: {fileName: {glob: "*-[0-9][0-9][0-9][0-9][0-9][0-9].vmdk"}}}}}]}
  ) {
    nodes {
      name
      consolidationNeeded
      disks {
        label
        backing {
          fileName
        }
      }
      storage {
        committed
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MachinesToConsolidateQuery, MachinesToConsolidateQueryVariables>;