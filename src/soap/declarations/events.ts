// Declares the vim25 events that the gateway reads or the simulator records, with the types that they consist of. An event class
// that is not declared is decoded as an Event of that type name, with the fields of Event only.
// Source: the vSphere Web Services API reference.

export const events = {
  Event: {
    fields: {
      key: 'int',
      chainId: 'int',
      createdTime: 'dateTime',
      userName: 'string',
      datacenter: 'DatacenterEventArgument?',
      computeResource: 'ComputeResourceEventArgument?',
      host: 'HostEventArgument?',
      vm: 'VmEventArgument?',
      ds: 'DatastoreEventArgument?',
      net: 'NetworkEventArgument?',
      dvs: 'DvsEventArgument?',
      fullFormattedMessage: 'string?',
      changeTag: 'string?',
    },
  },

  // The objects that an event refers to, with their names at that time
  EventArgument: { fields: {} },
  EntityEventArgument: { extends: 'EventArgument', fields: { name: 'string' } },
  DatacenterEventArgument: {
    extends: 'EntityEventArgument',
    fields: { datacenter: 'ManagedObjectReference' },
  },
  ComputeResourceEventArgument: {
    extends: 'EntityEventArgument',
    fields: { computeResource: 'ManagedObjectReference' },
  },
  HostEventArgument: { extends: 'EntityEventArgument', fields: { host: 'ManagedObjectReference' } },
  VmEventArgument: { extends: 'EntityEventArgument', fields: { vm: 'ManagedObjectReference' } },
  DatastoreEventArgument: { extends: 'EntityEventArgument', fields: { datastore: 'ManagedObjectReference' } },
  NetworkEventArgument: { extends: 'EntityEventArgument', fields: { network: 'ManagedObjectReference' } },
  DvsEventArgument: { extends: 'EntityEventArgument', fields: { dvs: 'ManagedObjectReference' } },
  ManagedEntityEventArgument: {
    extends: 'EntityEventArgument',
    fields: { entity: 'ManagedObjectReference' },
  },
  AlarmEventArgument: { extends: 'EntityEventArgument', fields: { alarm: 'ManagedObjectReference' } },
  ChangesInfoEventArgument: { fields: { modified: 'string?', added: 'string?', deleted: 'string?' } },

  // Events of any kind
  EventEx: {
    extends: 'Event',
    fields: {
      eventTypeId: 'string',
      severity: 'string?',
      message: 'string?',
      arguments: 'KeyAnyValue*',
      objectId: 'string?',
      objectType: 'string?',
      objectName: 'string?',
      fault: 'LocalizedMethodFault?',
    },
  },
  GeneralEvent: { extends: 'Event', fields: { message: 'string' } },
  ExtendedEvent: {
    extends: 'GeneralEvent',
    fields: {
      eventTypeId: 'string',
      managedObject: 'ManagedObjectReference',
      data: 'ExtendedEventPair*',
    },
  },
  ExtendedEventPair: { fields: { key: 'string', value: 'string' } },
  GeneralUserEvent: { extends: 'GeneralEvent', fields: { entity: 'ManagedEntityEventArgument?' } },
  TaskEvent: { extends: 'Event', fields: { info: 'TaskInfo' } },

  // Sessions
  SessionEvent: { extends: 'Event', fields: {} },
  UserLoginSessionEvent: {
    extends: 'SessionEvent',
    fields: { ipAddress: 'string', userAgent: 'string?', locale: 'string', sessionId: 'string' },
  },
  UserLogoutSessionEvent: {
    extends: 'SessionEvent',
    fields: {
      ipAddress: 'string?',
      userAgent: 'string?',
      callCount: 'long?',
      sessionId: 'string?',
      loginTime: 'dateTime?',
    },
  },
  BadUsernameSessionEvent: { extends: 'SessionEvent', fields: { ipAddress: 'string' } },

  // Virtual machines
  VmEvent: { extends: 'Event', fields: { template: 'boolean' } },
  VmBeingCreatedEvent: { extends: 'VmEvent', fields: { configSpec: 'VirtualMachineConfigSpec?' } },
  VmCreatedEvent: { extends: 'VmEvent', fields: {} },
  VmRemovedEvent: { extends: 'VmEvent', fields: {} },
  VmRenamedEvent: { extends: 'VmEvent', fields: { oldName: 'string', newName: 'string' } },
  VmReconfiguredEvent: {
    extends: 'VmEvent',
    fields: { configSpec: 'VirtualMachineConfigSpec', configChanges: 'ChangesInfoEventArgument?' },
  },
  VmStartingEvent: { extends: 'VmEvent', fields: {} },
  VmPoweredOnEvent: { extends: 'VmEvent', fields: {} },
  VmStoppingEvent: { extends: 'VmEvent', fields: {} },
  VmPoweredOffEvent: { extends: 'VmEvent', fields: {} },
  VmSuspendingEvent: { extends: 'VmEvent', fields: {} },
  VmSuspendedEvent: { extends: 'VmEvent', fields: {} },
  VmResumingEvent: { extends: 'VmEvent', fields: {} },
  VmResettingEvent: { extends: 'VmEvent', fields: {} },
  VmGuestShutdownEvent: { extends: 'VmEvent', fields: {} },
  VmGuestRebootEvent: { extends: 'VmEvent', fields: {} },
  VmGuestStandbyEvent: { extends: 'VmEvent', fields: {} },
  VmFailedToPowerOnEvent: { extends: 'VmEvent', fields: { reason: 'LocalizedMethodFault' } },
  VmFailedToPowerOffEvent: { extends: 'VmEvent', fields: { reason: 'LocalizedMethodFault' } },
  VmMigratedEvent: {
    extends: 'VmEvent',
    fields: {
      sourceHost: 'HostEventArgument',
      sourceDatacenter: 'DatacenterEventArgument?',
      sourceDatastore: 'DatastoreEventArgument?',
    },
  },
  DrsVmMigratedEvent: { extends: 'VmMigratedEvent', fields: {} },

  // Hosts
  HostEvent: { extends: 'Event', fields: {} },
  HostConnectedEvent: { extends: 'HostEvent', fields: {} },
  HostConnectionLostEvent: { extends: 'HostEvent', fields: {} },

  // Custom attributes
  CustomFieldEvent: { extends: 'Event', fields: {} },
  CustomFieldValueChangedEvent: {
    extends: 'CustomFieldEvent',
    fields: {
      entity: 'ManagedEntityEventArgument',
      fieldKey: 'int',
      name: 'string',
      value: 'string',
      prevState: 'string?',
    },
  },

  // Alarms
  AlarmEvent: { extends: 'Event', fields: { alarm: 'AlarmEventArgument' } },
  AlarmStatusChangedEvent: {
    extends: 'AlarmEvent',
    fields: {
      source: 'ManagedEntityEventArgument',
      entity: 'ManagedEntityEventArgument',
      from: 'string',
      to: 'string',
    },
  },
  AlarmAcknowledgedEvent: {
    extends: 'AlarmEvent',
    fields: { source: 'ManagedEntityEventArgument', entity: 'ManagedEntityEventArgument' },
  },
  AlarmClearedEvent: {
    extends: 'AlarmEvent',
    fields: {
      source: 'ManagedEntityEventArgument',
      entity: 'ManagedEntityEventArgument',
      from: 'string',
    },
  },

  // Criteria of collectors
  EventFilterSpec: {
    fields: {
      entity: 'EventFilterSpecByEntity?',
      time: 'EventFilterSpecByTime?',
      userName: 'EventFilterSpecByUsername?',
      eventChainId: 'int?',
      alarm: 'ManagedObjectReference?',
      scheduledTask: 'ManagedObjectReference?',
      disableFullMessage: 'boolean?',
      category: 'string*',
      type: 'string*',
      tag: 'string*',
      eventTypeId: 'string*',
      maxCount: 'int?',
    },
  },
  EventFilterSpecByEntity: {
    fields: { entity: 'ManagedObjectReference', recursion: 'EventFilterSpecRecursionOption' },
  },
  EventFilterSpecByTime: { fields: { beginTime: 'dateTime?', endTime: 'dateTime?' } },
  EventFilterSpecByUsername: { fields: { systemUser: 'boolean', userList: 'string*' } },

  // What the event manager knows of each class
  EventDescription: {
    fields: {
      category: 'ElementDescription*',
      eventInfo: 'EventDescriptionEventDetail*',
      enumeratedTypes: 'EnumDescription*',
    },
  },
  EventDescriptionEventDetail: {
    fields: {
      key: 'string',
      description: 'string?',
      category: 'string',
      formatOnDatacenter: 'string',
      formatOnComputeResource: 'string',
      formatOnHost: 'string',
      formatOnVm: 'string',
      fullFormat: 'string',
      longDescription: 'string?',
    },
  },
  EnumDescription: { fields: { key: 'string', tags: 'ElementDescription*' } },
} as const
