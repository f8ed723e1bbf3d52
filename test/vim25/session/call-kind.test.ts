// Tests which methods write and which are queued.

import { describe, expect, it } from 'vitest'
import { methods } from '../../../src/soap/declarations/methods.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { kindOf } from '../../../src/vim25/session/call-kind.ts'

describe('the kind of a method', () => {
  const names = Object.keys(methods) as MethodName[]
  const of = (kind: string) => names.filter((name) => kindOf(name) === kind).sort()

  it('says which methods write', () => {
    expect(of('write')).toEqual(
      [
        ...names.filter((name) => name.endsWith('_Task')),
        'ShutdownGuest',
        'RebootGuest',
        'StandbyGuest',
        'TerminateVM',
        'AnswerVM',
        'RenameSnapshot',
        'CancelTask',
        'PostEvent',
        'LogUserEvent',
        'SetField',
        'AddCustomFieldDef',
        'RenameCustomFieldDef',
        'RemoveCustomFieldDef',
        'AcknowledgeAlarm',
        'ClearTriggeredAlarms',
        'AddAuthorizationRole',
        'UpdateAuthorizationRole',
        'RemoveAuthorizationRole',
        'SetEntityPermissions',
        'ResetEntityPermissions',
        'RemoveEntityPermission',
      ].sort(),
    )
  })

  it('says which methods are queued', () => {
    expect(of('read')).toEqual(
      [
        'RetrievePropertiesEx',
        'ContinueRetrievePropertiesEx',
        'RetrieveProperties',
        'Fetch',
        'FindByInventoryPath',
        'FindByUuid',
        'FindAllByUuid',
        'FindAllByIp',
        'FindAllByDnsName',
        'FindChild',
        'QueryChangedDiskAreas',
        'QueryEvents',
        'ReadNextEvents',
        'ReadPreviousEvents',
        'ReadNextTasks',
        'ReadPreviousTasks',
        'GetAlarm',
        'GetAlarmState',
        'HasPrivilegeOnEntity',
        'HasPrivilegeOnEntities',
        'HasUserPrivilegeOnEntities',
        'FetchUserPrivilegeOnEntities',
        'RetrieveAllPermissions',
        'RetrieveEntityPermissions',
        'RetrieveRolePermissions',
      ].sort(),
    )
  })
})
