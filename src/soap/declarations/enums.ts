// The vim25 enumerations that we use. A value that is not listed is let through as the string it is: newer servers have newer ones.

export const enums = {
  HostSystemConnectionState: ['connected', 'notResponding', 'disconnected'],
  HostSystemPowerState: ['poweredOn', 'poweredOff', 'standBy', 'unknown'],
  ManagedEntityStatus: ['gray', 'green', 'yellow', 'red'],
  ObjectUpdateKind: ['modify', 'enter', 'leave'],
  PropertyChangeOp: ['add', 'remove', 'assign', 'indirectRemove'],
  SharesLevel: ['low', 'normal', 'high', 'custom'],
  TaskInfoState: ['queued', 'running', 'success', 'error'],
  VirtualDeviceConfigSpecFileOperation: ['create', 'destroy', 'replace'],
  VirtualDeviceConfigSpecOperation: ['add', 'remove', 'edit'],
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
  VirtualMachineToolsStatus: ['toolsNotInstalled', 'toolsNotRunning', 'toolsOld', 'toolsOk'],
  VirtualSCSISharing: ['noSharing', 'virtualSharing', 'physicalSharing'],
} as const
