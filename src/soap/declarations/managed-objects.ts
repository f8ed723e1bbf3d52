// Declares the vim25 managed objects that the gateway uses and the types of their properties. The property collector accepts
// these names and dotted paths into them (`config.hardware.device`); `typeAtPath` of type-registry.ts returns the type at a path.
// Source: the vSphere Web Services API reference.

export const managedObjects = {
  ServiceInstance: {
    properties: { serverClock: 'dateTime', capability: 'anyType', content: 'ServiceContent' },
  },
  SessionManager: {
    properties: {
      sessionList: 'UserSession*',
      currentSession: 'UserSession?',
      message: 'string?',
      messageLocaleList: 'string*',
      supportedLocaleList: 'string*',
      defaultLocale: 'string',
    },
  },
  TaskManager: {
    properties: {
      recentTask: 'ManagedObjectReference*',
      description: 'TaskDescription',
      maxCollector: 'int',
    },
  },
  EventManager: {
    properties: { description: 'EventDescription', latestEvent: 'Event?', maxCollector: 'int' },
  },
  HistoryCollector: { properties: { filter: 'anyType' } },
  EventHistoryCollector: { extends: 'HistoryCollector', properties: { latestPage: 'Event*' } },
  TaskHistoryCollector: { extends: 'HistoryCollector', properties: { latestPage: 'TaskInfo*' } },
  ViewManager: { properties: { viewList: 'ManagedObjectReference*' } },
  PropertyCollector: { properties: { filter: 'ManagedObjectReference*' } },
  PropertyFilter: { properties: { spec: 'PropertyFilterSpec', partialUpdates: 'boolean' } },
  SearchIndex: { properties: {} },
  AuthorizationManager: {
    properties: {
      privilegeList: 'AuthorizationPrivilege*',
      roleList: 'AuthorizationRole*',
      description: 'AuthorizationDescription',
    },
  },
  LicenseManager: { properties: { licensedEdition: 'string' } },
  CustomFieldsManager: { properties: { field: 'CustomFieldDef*' } },
  AlarmManager: { properties: { defaultExpression: 'AlarmExpression*' } },

  View: { properties: {} },
  ManagedObjectView: { extends: 'View', properties: { view: 'ManagedObjectReference*' } },
  ContainerView: {
    extends: 'ManagedObjectView',
    properties: { container: 'ManagedObjectReference', type: 'string*', recursive: 'boolean' },
  },
  ListView: { extends: 'ManagedObjectView', properties: {} },

  ExtensibleManagedObject: { properties: { value: 'CustomFieldValue*', availableField: 'CustomFieldDef*' } },
  ManagedEntity: {
    extends: 'ExtensibleManagedObject',
    properties: {
      parent: 'ManagedObjectReference?',
      customValue: 'CustomFieldValue*',
      overallStatus: 'ManagedEntityStatus',
      configStatus: 'ManagedEntityStatus',
      effectiveRole: 'int*',
      permission: 'Permission*',
      name: 'string',
      disabledMethod: 'string*',
      recentTask: 'ManagedObjectReference*',
      alarmActionsEnabled: 'boolean?',
      declaredAlarmState: 'AlarmState*',
      triggeredAlarmState: 'AlarmState*',
      tag: 'Tag*',
    },
  },
  Folder: {
    extends: 'ManagedEntity',
    properties: { childType: 'string*', childEntity: 'ManagedObjectReference*' },
  },
  StoragePod: {
    extends: 'Folder',
    properties: { summary: 'StoragePodSummary?', podStorageDrsEntry: 'PodStorageDrsEntry?' },
  },
  Datacenter: {
    extends: 'ManagedEntity',
    properties: {
      vmFolder: 'ManagedObjectReference',
      hostFolder: 'ManagedObjectReference',
      datastoreFolder: 'ManagedObjectReference',
      networkFolder: 'ManagedObjectReference',
      datastore: 'ManagedObjectReference*',
      network: 'ManagedObjectReference*',
      configuration: 'DatacenterConfigInfo',
    },
  },
  ComputeResource: {
    extends: 'ManagedEntity',
    properties: {
      resourcePool: 'ManagedObjectReference?',
      host: 'ManagedObjectReference*',
      datastore: 'ManagedObjectReference*',
      network: 'ManagedObjectReference*',
      summary: 'ComputeResourceSummary',
      environmentBrowser: 'ManagedObjectReference?',
      configurationEx: 'ComputeResourceConfigInfo',
    },
  },
  ClusterComputeResource: {
    extends: 'ComputeResource',
    properties: { configuration: 'ClusterConfigInfo', summaryEx: 'ClusterComputeResourceSummary?' },
  },
  HostSystem: {
    extends: 'ManagedEntity',
    properties: {
      runtime: 'HostRuntimeInfo',
      summary: 'HostListSummary',
      hardware: 'HostHardwareInfo?',
      config: 'HostConfigInfo?',
      vm: 'ManagedObjectReference*',
      datastore: 'ManagedObjectReference*',
      network: 'ManagedObjectReference*',
      datastoreBrowser: 'ManagedObjectReference',
    },
  },
  ResourcePool: {
    extends: 'ManagedEntity',
    properties: {
      summary: 'ResourcePoolSummary',
      runtime: 'ResourcePoolRuntimeInfo',
      owner: 'ManagedObjectReference',
      resourcePool: 'ManagedObjectReference*',
      vm: 'ManagedObjectReference*',
      config: 'ResourceConfigSpec',
    },
  },
  VirtualApp: {
    extends: 'ResourcePool',
    properties: {
      parentFolder: 'ManagedObjectReference?',
      datastore: 'ManagedObjectReference*',
      network: 'ManagedObjectReference*',
      parentVApp: 'ManagedObjectReference?',
    },
  },
  Datastore: {
    extends: 'ManagedEntity',
    properties: {
      info: 'DatastoreInfo',
      summary: 'DatastoreSummary',
      host: 'DatastoreHostMount*',
      vm: 'ManagedObjectReference*',
      browser: 'ManagedObjectReference',
      capability: 'DatastoreCapability',
    },
  },
  Network: {
    extends: 'ManagedEntity',
    properties: { summary: 'NetworkSummary', host: 'ManagedObjectReference*', vm: 'ManagedObjectReference*' },
  },
  OpaqueNetwork: { extends: 'Network', properties: {} },
  DistributedVirtualPortgroup: {
    extends: 'Network',
    properties: { key: 'string', config: 'DVPortgroupConfigInfo' },
  },
  DistributedVirtualSwitch: {
    extends: 'ManagedEntity',
    properties: {
      uuid: 'string',
      summary: 'DVSSummary',
      config: 'DVSConfigInfo',
      portgroup: 'ManagedObjectReference*',
    },
  },
  VmwareDistributedVirtualSwitch: { extends: 'DistributedVirtualSwitch', properties: {} },
  VirtualMachine: {
    extends: 'ManagedEntity',
    properties: {
      capability: 'VirtualMachineCapability',
      config: 'VirtualMachineConfigInfo?',
      layoutEx: 'VirtualMachineFileLayoutEx?',
      storage: 'VirtualMachineStorageInfo?',
      environmentBrowser: 'ManagedObjectReference',
      resourcePool: 'ManagedObjectReference?',
      parentVApp: 'ManagedObjectReference?',
      runtime: 'VirtualMachineRuntimeInfo',
      guest: 'GuestInfo?',
      summary: 'VirtualMachineSummary',
      datastore: 'ManagedObjectReference*',
      network: 'ManagedObjectReference*',
      snapshot: 'VirtualMachineSnapshotInfo?',
      rootSnapshot: 'ManagedObjectReference*',
      guestHeartbeatStatus: 'ManagedEntityStatus',
    },
  },
  VirtualMachineSnapshot: {
    extends: 'ExtensibleManagedObject',
    properties: {
      config: 'VirtualMachineConfigInfo',
      childSnapshot: 'ManagedObjectReference*',
      vm: 'ManagedObjectReference',
    },
  },
  Task: { extends: 'ExtensibleManagedObject', properties: { info: 'TaskInfo' } },
  Alarm: { extends: 'ExtensibleManagedObject', properties: { info: 'AlarmInfo' } },
} as const
