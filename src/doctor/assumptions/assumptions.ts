// What the gateway assumes of real servers without proof: each assumption, how it is probed, and the probe. A probe only reads.
// Assumptions that only a change would prove are listed with the reason.

import {
  observeEventTypes,
  observePreviousEvents,
  observeRoles,
  observeTaskResults,
  observeUnknownPrivilege,
} from './observe-history.ts'
import {
  observeChangeIds,
  observeCreateDates,
  observeDisconnectedHosts,
  observeEmptyValues,
  observeHostAlarms,
  observeInstanceUuid,
  observeSnapshotMoids,
  observeUserName,
} from './observe-inventory.ts'
import {
  observeDeclaredTypes,
  observeEmptyRetrieval,
  observeMissingKey,
  observeMissingObject,
  observeOmittedObject,
  observePages,
  observeRestGeneration,
  observeUnauthenticated,
  observeUnknownProperty,
  observeUntagged,
} from './observe-protocol.ts'
import type { Assumption } from './probe.ts'

export const assumptions: readonly Assumption[] = [
  {
    id: 'unauthenticated-read',
    assumed:
      'A retrieval without a login succeeds, with NotAuthenticated as the reason of each missing property.',
    probe: 'Reads the name of the root folder on a connection that is not logged in.',
    needsLogin: false,
    observe: observeUnauthenticated,
  },
  {
    id: 'unknown-property',
    assumed: 'A retrieval of a property that does not exist fails as a whole, with InvalidProperty.',
    probe: 'Reads a property with an invented name from the root folder.',
    observe: observeUnknownProperty,
  },
  {
    id: 'declared-type-paths',
    assumed: 'A path may only name fields of declared types; a field of a subtype is InvalidProperty.',
    probe: 'Reads such a path from one port group, one datastore and one cluster.',
    observe: observeDeclaredTypes,
  },
  {
    id: 'missing-key',
    assumed: 'A path with a key that does not exist is omitted, without a fault.',
    probe: 'Reads an invented key of the extra configuration of one virtual machine.',
    observe: observeMissingKey,
  },
  {
    id: 'missing-object',
    assumed:
      'A reference to an object that does not exist fails the whole retrieval with ManagedObjectNotFound.',
    probe: 'Reads the name of an invented virtual machine.',
    observe: observeMissingObject,
  },
  {
    id: 'omitted-object',
    assumed: 'With reportMissingObjectsInResults, an object that does not exist is only omitted.',
    probe: 'Reads the name of the root folder and of an invented virtual machine.',
    observe: observeOmittedObject,
  },
  {
    id: 'empty-retrieval',
    assumed: 'A retrieval that finds nothing has no result at all.',
    probe: 'Reads only an invented virtual machine, with reportMissingObjectsInResults.',
    observe: observeEmptyRetrieval,
  },
  {
    id: 'pages',
    assumed: 'A retrieval with maxObjects returns a token, with which it continues.',
    probe: 'Reads a property of up to three objects in pages of one.',
    observe: observePages,
  },
  {
    id: 'user-name',
    assumed: 'The user name of a session is DOMAIN\\name, whatever form was used to log in.',
    probe: 'Compares the form of the user name of this session with that of the setting.',
    observe: observeUserName,
  },
  {
    id: 'instance-uuid',
    assumed: 'A vCenter reports an instanceUuid, and an ESXi host does not.',
    probe: 'Checks whether the service content has one.',
    observe: observeInstanceUuid,
  },
  {
    id: 'effective-role',
    assumed: 'effectiveRole lists the roles of the session on an object, and roleList describes them.',
    probe: 'Reads the roles on the root folder, and the list, also as a read-only account.',
    observe: observeRoles,
  },
  {
    id: 'unknown-privilege',
    assumed: 'A privilege that the server does not know is not granted, without a fault.',
    probe: 'Checks an invented privilege on the root folder.',
    observe: observeUnknownPrivilege,
  },
  {
    id: 'event-type-id',
    assumed: 'eventTypeId of an event is a short name or an id of its product, and does not begin with vim.',
    probe: 'Reads the latest 100 events.',
    observe: observeEventTypes,
  },
  {
    id: 'previous-events',
    assumed: 'After a reset, ReadPreviousEvents continues before the latest page.',
    probe: 'Reads the latest ten events, and the ten before.',
    observe: observePreviousEvents,
  },
  {
    id: 'task-results',
    assumed: 'The history of tasks keeps the result of a task that created a snapshot.',
    probe: 'Looks for such tasks among the latest ones that succeeded.',
    observe: observeTaskResults,
  },
  {
    id: 'disconnected-host',
    assumed: 'The hardware of a host that is disconnected is unset.',
    probe: 'Reads it from up to 200 hosts.',
    observe: observeDisconnectedHosts,
  },
  {
    id: 'create-date',
    assumed: 'createDate is unset on virtual machines that are older than version 6.7 of the vCenter.',
    probe: 'Reads it from up to 200 virtual machines.',
    observe: observeCreateDates,
  },
  {
    id: 'empty-custom-value',
    assumed: 'Setting a custom attribute to an empty string leaves an entry with an empty value.',
    probe: 'Looks for such entries on up to 200 virtual machines.',
    observe: observeEmptyValues,
  },
  {
    id: 'change-id-form',
    assumed: 'A changeId is an identifier of 16 bytes in hexadecimal, a slash, and a number.',
    probe: 'Compares the changeIds of all disks that were read.',
    observe: observeChangeIds,
  },
  {
    id: 'untagged-object',
    assumed: 'An object without tags is absent from the response of vAPI, or has an empty list.',
    probe: 'Reads the tags of up to 20 virtual machines.',
    observe: observeUntagged,
  },
  {
    id: 'rest-generation',
    assumed: 'A vCenter that serves /api still serves /rest.',
    probe: 'Sends one request without credentials to /rest, which has to be rejected as unauthenticated.',
    observe: observeRestGeneration,
  },
  {
    id: 'esxi-snapshot-moid',
    assumed:
      'On an ESXi host, the moid of a snapshot is that of its virtual machine, -snapshot- and a number.',
    probe: 'Compares the snapshots of up to 200 virtual machines.',
    observe: observeSnapshotMoids,
  },
  {
    id: 'esxi-alarms',
    assumed: 'On an ESXi host, the list of triggered alarms is always empty.',
    probe: 'Reads it from the root folder.',
    observe: observeHostAlarms,
  },
  {
    id: 'boot-time-after-reboot',
    assumed: 'A reboot of the guest does not change bootTime.',
    notProbed: 'A guest would have to be rebooted.',
  },
  {
    id: 'custom-value-response',
    assumed: 'The response to setCustomValue has any casing of its name.',
    notProbed: 'A value would have to be set.',
  },
  {
    id: 'own-task-cancel',
    assumed: 'Cancelling a task of the own account needs the privilege Global.CancelTask.',
    notProbed: 'A task would have to be cancelled.',
  },
  {
    id: 'tag-list-limit',
    assumed: 'Lists of categories and tags are complete, without pages.',
    notProbed: 'A limit would only show if the number of tags were known otherwise.',
  },
  {
    id: 'tag-batch-limit',
    assumed: 'Tags of 2,000 objects can be read with one call.',
    notProbed: 'It would be the largest call of this program, only to find a limit.',
  },
  {
    id: 'privilege-batch-limit',
    assumed: 'Privileges on a page of objects can be checked with one call.',
    notProbed: 'It would be a large call only to find a limit.',
  },
  {
    id: 'other-user-privileges',
    assumed: 'Checking the privileges of other users needs more than System.View.',
    notProbed: 'The report would need the name of another user.',
  },
  {
    id: 'event-query-limit',
    assumed: 'QueryEvents is limited, so events are read through a collector.',
    notProbed: 'It would read the whole event history.',
  },
  {
    id: 'history-page-updates',
    assumed: 'Updates of latestPage assign the whole page.',
    notProbed: 'It needs new events while doctor waits.',
  },
  {
    id: 'waiting-keeps-session',
    assumed: 'A pending WaitForUpdatesEx may not keep a session from its idle timeout.',
    notProbed: 'It would take as long as the idle timeout.',
  },
  {
    id: 'changed-area-order',
    assumed: 'Changed areas may overlap, be unsorted, and reach beyond the end of the disk.',
    notProbed: 'It would read a disk on its host. Query changedAreas to see them.',
  },
  {
    id: 'free-licence-changes',
    assumed: 'Changes on an ESXi host with the free licence fail with RestrictedVersion.',
    notProbed: 'Something would have to be changed.',
  },
  {
    id: 'host-clock',
    assumed: 'Clocks of hosts differ from that of vCenter by seconds to minutes.',
    notProbed: 'Reading the clock of a host needs a privilege that the gateway does not need.',
  },
  {
    id: 'identity-of-copies',
    assumed:
      'A copy of a vCenter has the same instanceUuid, and a move to another vCenter may keep that of a machine.',
    notProbed: 'It needs a copy, or a move between two vCenters.',
  },
]
