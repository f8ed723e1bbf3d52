// Declares the vim25 methods that the gateway calls or the simulator implements: the type that has the method, its arguments in
// WSDL order, and its result. Fetch, CheckForUpdates and WaitForUpdates serve older clients of the simulator.
// Source: the vSphere Web Services API reference.

export const methods = {
  RetrieveServiceContent: { on: 'ServiceInstance', params: {}, returns: 'ServiceContent' },
  CurrentTime: { on: 'ServiceInstance', params: {}, returns: 'dateTime' },

  Login: {
    on: 'SessionManager',
    params: { userName: 'string', password: 'string', locale: 'string?' },
    returns: 'UserSession',
  },
  Logout: { on: 'SessionManager', params: {}, returns: 'void' },
  SessionIsActive: {
    on: 'SessionManager',
    params: { sessionID: 'string', userName: 'string' },
    returns: 'boolean',
  },
  TerminateSession: { on: 'SessionManager', params: { sessionId: 'string*' }, returns: 'void' },

  RetrievePropertiesEx: {
    on: 'PropertyCollector',
    params: { specSet: 'PropertyFilterSpec*', options: 'RetrieveOptions' },
    returns: 'RetrieveResult?',
  },
  ContinueRetrievePropertiesEx: {
    on: 'PropertyCollector',
    params: { token: 'string' },
    returns: 'RetrieveResult',
  },
  CancelRetrievePropertiesEx: { on: 'PropertyCollector', params: { token: 'string' }, returns: 'void' },
  RetrieveProperties: {
    on: 'PropertyCollector',
    params: { specSet: 'PropertyFilterSpec*' },
    returns: 'ObjectContent*',
  },
  CreatePropertyCollector: { on: 'PropertyCollector', params: {}, returns: 'ManagedObjectReference' },
  DestroyPropertyCollector: { on: 'PropertyCollector', params: {}, returns: 'void' },
  CreateFilter: {
    on: 'PropertyCollector',
    params: { spec: 'PropertyFilterSpec', partialUpdates: 'boolean' },
    returns: 'ManagedObjectReference',
  },
  DestroyPropertyFilter: { on: 'PropertyFilter', params: {}, returns: 'void' },
  WaitForUpdatesEx: {
    on: 'PropertyCollector',
    params: { version: 'string?', options: 'WaitOptions?' },
    returns: 'UpdateSet?',
  },
  WaitForUpdates: { on: 'PropertyCollector', params: { version: 'string?' }, returns: 'UpdateSet' },
  CheckForUpdates: { on: 'PropertyCollector', params: { version: 'string?' }, returns: 'UpdateSet?' },
  CancelWaitForUpdates: { on: 'PropertyCollector', params: {}, returns: 'void' },
  /** Undocumented. pyVmomi uses it to read properties. It exists on every managed object. */
  Fetch: { on: 'ManagedObject', params: { prop: 'string' }, returns: 'anyType?' },

  CreateContainerView: {
    on: 'ViewManager',
    params: { container: 'ManagedObjectReference', type: 'string*', recursive: 'boolean' },
    returns: 'ManagedObjectReference',
  },
  CreateListView: {
    on: 'ViewManager',
    params: { obj: 'ManagedObjectReference*' },
    returns: 'ManagedObjectReference',
  },
  ModifyListView: {
    on: 'ListView',
    params: { add: 'ManagedObjectReference*', remove: 'ManagedObjectReference*' },
    returns: 'ManagedObjectReference*',
  },
  ResetListView: {
    on: 'ListView',
    params: { obj: 'ManagedObjectReference*' },
    returns: 'ManagedObjectReference*',
  },
  DestroyView: { on: 'View', params: {}, returns: 'void' },

  FindByInventoryPath: {
    on: 'SearchIndex',
    params: { inventoryPath: 'string' },
    returns: 'ManagedObjectReference?',
  },
  FindByUuid: {
    on: 'SearchIndex',
    params: {
      datacenter: 'ManagedObjectReference?',
      uuid: 'string',
      vmSearch: 'boolean',
      instanceUuid: 'boolean?',
    },
    returns: 'ManagedObjectReference?',
  },
  FindAllByUuid: {
    on: 'SearchIndex',
    params: {
      datacenter: 'ManagedObjectReference?',
      uuid: 'string',
      vmSearch: 'boolean',
      instanceUuid: 'boolean?',
    },
    returns: 'ManagedObjectReference*',
  },
  FindAllByIp: {
    on: 'SearchIndex',
    params: { datacenter: 'ManagedObjectReference?', ip: 'string', vmSearch: 'boolean' },
    returns: 'ManagedObjectReference*',
  },
  FindAllByDnsName: {
    on: 'SearchIndex',
    params: { datacenter: 'ManagedObjectReference?', dnsName: 'string', vmSearch: 'boolean' },
    returns: 'ManagedObjectReference*',
  },
  FindChild: {
    on: 'SearchIndex',
    params: { entity: 'ManagedObjectReference', name: 'string' },
    returns: 'ManagedObjectReference?',
  },

  CreateSnapshot_Task: {
    on: 'VirtualMachine',
    params: { name: 'string', description: 'string?', memory: 'boolean', quiesce: 'boolean' },
    returns: 'ManagedObjectReference',
  },
  CreateSnapshotEx_Task: {
    on: 'VirtualMachine',
    params: {
      name: 'string',
      description: 'string?',
      memory: 'boolean',
      quiesceSpec: 'VirtualMachineGuestQuiesceSpec?',
    },
    returns: 'ManagedObjectReference',
  },
  RemoveAllSnapshots_Task: {
    on: 'VirtualMachine',
    params: { consolidate: 'boolean?' },
    returns: 'ManagedObjectReference',
  },
  RevertToCurrentSnapshot_Task: {
    on: 'VirtualMachine',
    params: { host: 'ManagedObjectReference?', suppressPowerOn: 'boolean?' },
    returns: 'ManagedObjectReference',
  },
  ConsolidateVMDisks_Task: { on: 'VirtualMachine', params: {}, returns: 'ManagedObjectReference' },
  ReconfigVM_Task: {
    on: 'VirtualMachine',
    params: { spec: 'VirtualMachineConfigSpec' },
    returns: 'ManagedObjectReference',
  },
  PowerOnVM_Task: {
    on: 'VirtualMachine',
    params: { host: 'ManagedObjectReference?' },
    returns: 'ManagedObjectReference',
  },
  PowerOffVM_Task: { on: 'VirtualMachine', params: {}, returns: 'ManagedObjectReference' },
  SuspendVM_Task: { on: 'VirtualMachine', params: {}, returns: 'ManagedObjectReference' },
  ResetVM_Task: { on: 'VirtualMachine', params: {}, returns: 'ManagedObjectReference' },
  PowerOnMultiVM_Task: {
    on: 'Datacenter',
    params: { vm: 'ManagedObjectReference*', option: 'OptionValue*' },
    returns: 'ManagedObjectReference',
  },
  QueryChangedDiskAreas: {
    on: 'VirtualMachine',
    params: {
      snapshot: 'ManagedObjectReference?',
      deviceKey: 'int',
      startOffset: 'long',
      changeId: 'string',
    },
    returns: 'DiskChangeInfo',
  },

  RemoveSnapshot_Task: {
    on: 'VirtualMachineSnapshot',
    params: { removeChildren: 'boolean', consolidate: 'boolean?' },
    returns: 'ManagedObjectReference',
  },
  RevertToSnapshot_Task: {
    on: 'VirtualMachineSnapshot',
    params: { host: 'ManagedObjectReference?', suppressPowerOn: 'boolean?' },
    returns: 'ManagedObjectReference',
  },
  ShutdownGuest: { on: 'VirtualMachine', params: {}, returns: 'void' },
  RebootGuest: { on: 'VirtualMachine', params: {}, returns: 'void' },
  StandbyGuest: { on: 'VirtualMachine', params: {}, returns: 'void' },
  TerminateVM: { on: 'VirtualMachine', params: {}, returns: 'void' },
  AnswerVM: {
    on: 'VirtualMachine',
    params: { questionId: 'string', answerChoice: 'string' },
    returns: 'void',
  },

  RenameSnapshot: {
    on: 'VirtualMachineSnapshot',
    params: { name: 'string?', description: 'string?' },
    returns: 'void',
  },

  CancelTask: { on: 'Task', params: {}, returns: 'void' },

  CreateCollectorForTasks: {
    on: 'TaskManager',
    params: { filter: 'TaskFilterSpec' },
    returns: 'ManagedObjectReference',
  },
  CreateCollectorWithInfoFilterForTasks: {
    on: 'TaskManager',
    params: { filter: 'TaskFilterSpec', infoFilter: 'TaskInfoFilterSpec?' },
    returns: 'ManagedObjectReference',
  },
  ReadNextTasks: { on: 'TaskHistoryCollector', params: { maxCount: 'int' }, returns: 'TaskInfo*' },
  ReadPreviousTasks: { on: 'TaskHistoryCollector', params: { maxCount: 'int' }, returns: 'TaskInfo*' },

  CreateCollectorForEvents: {
    on: 'EventManager',
    params: { filter: 'EventFilterSpec' },
    returns: 'ManagedObjectReference',
  },
  QueryEvents: { on: 'EventManager', params: { filter: 'EventFilterSpec' }, returns: 'Event*' },
  PostEvent: {
    on: 'EventManager',
    params: { eventToPost: 'Event', taskInfo: 'TaskInfo?' },
    returns: 'void',
  },
  LogUserEvent: {
    on: 'EventManager',
    params: { entity: 'ManagedObjectReference', msg: 'string' },
    returns: 'void',
  },
  ReadNextEvents: { on: 'EventHistoryCollector', params: { maxCount: 'int' }, returns: 'Event*' },
  ReadPreviousEvents: { on: 'EventHistoryCollector', params: { maxCount: 'int' }, returns: 'Event*' },
  SetCollectorPageSize: { on: 'HistoryCollector', params: { maxCount: 'int' }, returns: 'void' },
  RewindCollector: { on: 'HistoryCollector', params: {}, returns: 'void' },
  ResetCollector: { on: 'HistoryCollector', params: {}, returns: 'void' },
  DestroyCollector: { on: 'HistoryCollector', params: {}, returns: 'void' },

  AddAuthorizationRole: {
    on: 'AuthorizationManager',
    params: { name: 'string', privIds: 'string*' },
    returns: 'int',
  },
  UpdateAuthorizationRole: {
    on: 'AuthorizationManager',
    params: { roleId: 'int', newName: 'string', privIds: 'string*' },
    returns: 'void',
  },
  RemoveAuthorizationRole: {
    on: 'AuthorizationManager',
    params: { roleId: 'int', failIfUsed: 'boolean' },
    returns: 'void',
  },
  RetrieveRolePermissions: {
    on: 'AuthorizationManager',
    params: { roleId: 'int' },
    returns: 'Permission*',
  },
  RetrieveEntityPermissions: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference', inherited: 'boolean' },
    returns: 'Permission*',
  },
  RetrieveAllPermissions: { on: 'AuthorizationManager', params: {}, returns: 'Permission*' },
  SetEntityPermissions: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference', permission: 'Permission*' },
    returns: 'void',
  },
  ResetEntityPermissions: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference', permission: 'Permission*' },
    returns: 'void',
  },
  RemoveEntityPermission: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference', user: 'string', isGroup: 'boolean' },
    returns: 'void',
  },
  HasPrivilegeOnEntity: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference', sessionId: 'string', privId: 'string*' },
    returns: 'boolean*',
  },
  HasPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    params: { entity: 'ManagedObjectReference*', sessionId: 'string', privId: 'string*' },
    returns: 'EntityPrivilege*',
  },
  HasUserPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    params: { entities: 'ManagedObjectReference*', userName: 'string', privId: 'string*' },
    returns: 'EntityPrivilege*',
  },
  FetchUserPrivilegeOnEntities: {
    on: 'AuthorizationManager',
    params: { entities: 'ManagedObjectReference*', userName: 'string' },
    returns: 'UserPrivilegeResult*',
  },

  SetField: {
    on: 'CustomFieldsManager',
    params: { entity: 'ManagedObjectReference', key: 'int', value: 'string' },
    returns: 'void',
  },
  AddCustomFieldDef: {
    on: 'CustomFieldsManager',
    params: {
      name: 'string',
      moType: 'string?',
      fieldDefPolicy: 'PrivilegePolicyDef?',
      fieldPolicy: 'PrivilegePolicyDef?',
    },
    returns: 'CustomFieldDef',
  },
  RenameCustomFieldDef: {
    on: 'CustomFieldsManager',
    params: { key: 'int', name: 'string' },
    returns: 'void',
  },
  RemoveCustomFieldDef: { on: 'CustomFieldsManager', params: { key: 'int' }, returns: 'void' },

  GetAlarm: {
    on: 'AlarmManager',
    params: { entity: 'ManagedObjectReference?' },
    returns: 'ManagedObjectReference*',
  },
  GetAlarmState: {
    on: 'AlarmManager',
    params: { entity: 'ManagedObjectReference' },
    returns: 'AlarmState*',
  },
  AcknowledgeAlarm: {
    on: 'AlarmManager',
    params: { alarm: 'ManagedObjectReference', entity: 'ManagedObjectReference' },
    returns: 'void',
  },
  ClearTriggeredAlarms: { on: 'AlarmManager', params: { filter: 'AlarmFilterSpec' }, returns: 'void' },
} as const
