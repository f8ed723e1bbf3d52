// Declares the vim25 enumerations that the gateway uses. A value that is not listed is kept as a string, because newer servers
// add values.

export const enums = {
  DatastoreSummaryMaintenanceModeState: ['normal', 'enteringMaintenance', 'inMaintenance'],
  HostSystemConnectionState: ['connected', 'notResponding', 'disconnected'],
  HostSystemPowerState: ['poweredOn', 'poweredOff', 'standBy', 'unknown'],
  ManagedEntityStatus: ['gray', 'green', 'yellow', 'red'],
  ObjectUpdateKind: ['modify', 'enter', 'leave'],
  PropertyChangeOp: ['add', 'remove', 'assign', 'indirectRemove'],
  SharesLevel: ['low', 'normal', 'high', 'custom'],
  TaskInfoState: ['queued', 'running', 'success', 'error'],
  VirtualDeviceConfigSpecFileOperation: ['create', 'destroy', 'replace'],
  VirtualDeviceConfigSpecOperation: ['add', 'remove', 'edit'],
  VirtualEthernetCardMacType: ['manual', 'generated', 'assigned'],
  VirtualMachineConnectionState: ['connected', 'disconnected', 'orphaned', 'inaccessible', 'invalid'],
  VirtualMachineFaultToleranceState: [
    'notConfigured',
    'disabled',
    'enabled',
    'needSecondary',
    'starting',
    'running',
  ],
  VirtualMachinePowerState: ['poweredOff', 'poweredOn', 'suspended'],
  VirtualMachineToolsRunningStatus: [
    'guestToolsNotRunning',
    'guestToolsRunning',
    'guestToolsExecutingScripts',
  ],
  VirtualMachineToolsStatus: ['toolsNotInstalled', 'toolsNotRunning', 'toolsOld', 'toolsOk'],
  VirtualMachineToolsVersionStatus: [
    'guestToolsNotInstalled',
    'guestToolsNeedUpgrade',
    'guestToolsCurrent',
    'guestToolsUnmanaged',
    'guestToolsTooOld',
    'guestToolsSupportedOld',
    'guestToolsSupportedNew',
    'guestToolsTooNew',
    'guestToolsBlacklisted',
  ],
  VirtualSCSISharing: ['noSharing', 'virtualSharing', 'physicalSharing'],
} as const
