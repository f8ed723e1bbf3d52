// Properties of a VirtualMachine, derived from its state. config.ts, devices.ts and layout.ts derive the
// large ones.

import type { DataObject, PropertyName } from '../../soap/vim-types.ts'
import { alarmProperties, overallStatus, withOverallStatus } from '../alarms/alarm-properties.ts'
import { definitionsFor } from '../custom-fields/custom-fields.ts'
import type { Property, SimulatedObject } from '../simulated-inventory.ts'
import { configOf } from './config.ts'
import { guestOf } from './guest-info.ts'
import { layoutOf, storageOf } from './layout.ts'
import { derived, type Machine } from './machine.ts'
import { networksOf } from './network-cards.ts'
import { rootSnapshotOf, snapshotInfoOf } from './snapshots/snapshot-tree.ts'
import { heartbeatOf, runtimeOf } from './status.ts'
import { summaryOf } from './summary.ts'
import { supportsTracking } from './tracking.ts'

/** Properties of every ManagedEntity. Only the custom attributes and the alarms change. */
export const entityProperties = {
  value: (object: SimulatedObject) => object.get('customValue'),
  availableField: ({ inventory, type }: SimulatedObject) => definitionsFor(inventory, type),
  customValue: [],
  ...alarmProperties,
  overallStatus: overallStatus('green'),
  configStatus: 'green',
  effectiveRole: [-1],
  permission: [],
  disabledMethod: [],
  recentTask: [],
  alarmActionsEnabled: true,
  tag: [],
} as const

export function machineProperties(machine: Machine): Record<PropertyName<'VirtualMachine'>, Property> {
  return {
    ...entityProperties,
    // Available for inaccessible machines too: vCenter keeps names in its own database.
    name: () => machine.name,
    parent: machine.vApp ? undefined : machine.folder,
    overallStatus: overallStatus(machine.isAccessible ? 'green' : 'gray'),
    disabledMethod: () => disabledMethodsOf(machine),
    capability: supportsTracking(machine) ? capability : oldCapability,
    config: derived(machine, 'config', configOf),
    layoutEx: derived(machine, 'layoutEx', layoutOf),
    storage: derived(machine, 'storage', storageOf),
    environmentBrowser: {
      type: 'EnvironmentBrowser',
      value: machine.host.value.replace('host', 'envbrowser'),
    },
    resourcePool: machine.template ? undefined : machine.pool,
    parentVApp: machine.vApp,
    runtime: derived(machine, 'runtime', runtimeOf),
    guest: derived(machine, 'guest', guestOf),
    summary: withOverallStatus(derived(machine, 'summary', summaryOf)),
    datastore: machine.datastores,
    network: derived(machine, 'network', networksOf),
    snapshot: derived(machine, 'snapshot', snapshotInfoOf),
    rootSnapshot: derived(machine, 'rootSnapshot', rootSnapshotOf),
    guestHeartbeatStatus: () => heartbeatOf(machine),
  }
}

const capability: DataObject<'VirtualMachineCapability'> = {
  snapshotOperationsSupported: true,
  multipleSnapshotsSupported: true,
  snapshotConfigSupported: true,
  poweredOffSnapshotsSupported: true,
  memorySnapshotsSupported: true,
  revertToSnapshotSupported: true,
  quiescedSnapshotsSupported: true,
  changeTrackingSupported: true,
}
const oldCapability = { ...capability, quiescedSnapshotsSupported: false, changeTrackingSupported: false }

/** The methods that the state of a machine rules out. There must be a question to answer one. */
const disabledMethodsOf = ({ powerState, template, question, isAccessible }: Machine): readonly string[] => [
  ...new Set([
    ...disabledMethods[powerState],
    ...(template ? [...powerMethods, ...snapshotMethods, 'MarkAsTemplate'] : ['MarkAsVirtualMachine']),
    ...(isAccessible ? [] : inaccessibleMethods),
    ...(question ? [] : ['AnswerVM']),
  ]),
]

const guestMethods = ['RebootGuest', 'ShutdownGuest', 'StandbyGuest'] as const

const powerMethods = [
  'PowerOnVM_Task',
  'PowerOffVM_Task',
  'SuspendVM_Task',
  'ResetVM_Task',
  ...guestMethods,
  'TerminateVM',
] as const

const snapshotMethods = [
  'CreateSnapshot_Task',
  'CreateSnapshotEx_Task',
  'RevertToCurrentSnapshot_Task',
  'RemoveAllSnapshots_Task',
] as const

const inaccessibleMethods = [
  ...powerMethods,
  ...snapshotMethods,
  'ConsolidateVMDisks_Task',
  'ReconfigVM_Task',
  'MarkAsTemplate',
] as const

const disabledMethods = {
  poweredOn: [
    'Destroy_Task',
    'UnregisterVM',
    'MarkAsTemplate',
    'MarkAsVirtualMachine',
    'PowerOnVM_Task',
    'CustomizeVM_Task',
  ],
  poweredOff: ['SuspendVM_Task', 'PowerOffVM_Task', 'ResetVM_Task', ...guestMethods, 'TerminateVM'],
  suspended: ['SuspendVM_Task', 'ResetVM_Task', ...guestMethods, 'TerminateVM', 'MarkAsTemplate'],
} as const
