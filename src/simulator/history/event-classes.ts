// The event classes of the simulated vCenter: their categories, and the formats of their messages in vCenter's wording.

import type { DataObject } from '../../soap/vim-types.ts'

type Category = 'info' | 'warning' | 'error' | 'user'

/** `{vm.name}` in a format is the field `name` of the field `vm`. */
const classes: Readonly<Record<string, readonly [category: Category, format: string]>> = {
  UserLoginSessionEvent: ['info', 'User {userName}@{ipAddress} logged in as {userAgent}'],
  UserLogoutSessionEvent: [
    'info',
    'User {userName}@{ipAddress} logged out (login time: {loginTime}, number of API invocations: {callCount}, user agent: {userAgent})',
  ],
  BadUsernameSessionEvent: ['error', 'Cannot login {userName}@{ipAddress}'],
  GeneralUserEvent: ['user', 'User logged event: {message}'],
  ExtendedEvent: ['info', '{message}'],
  TaskEvent: ['info', 'Task: {info.descriptionId}'],
  VmBeingCreatedEvent: ['info', 'Creating {vm.name} on {host.name}, in {datacenter.name}'],
  VmCreatedEvent: ['info', 'Created virtual machine {vm.name} on {host.name} in {datacenter.name}'],
  VmRemovedEvent: ['info', 'Removed {vm.name} on {host.name} from {datacenter.name}'],
  VmRenamedEvent: ['info', 'Renamed {vm.name} from {oldName} to {newName} in {datacenter.name}'],
  VmReconfiguredEvent: ['info', 'Reconfigured {vm.name} on {host.name} in {datacenter.name}'],
  VmStartingEvent: ['info', '{vm.name} on host {host.name} in {datacenter.name} is starting'],
  VmPoweredOnEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is powered on'],
  VmStoppingEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is stopping'],
  VmPoweredOffEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is powered off'],
  VmSuspendingEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is being suspended'],
  VmSuspendedEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is suspended'],
  VmResumingEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is resuming'],
  VmResettingEvent: ['info', '{vm.name} on {host.name} in {datacenter.name} is reset'],
  VmGuestShutdownEvent: ['info', 'Guest OS shut down for {vm.name} on {host.name} in {datacenter.name}'],
  VmGuestRebootEvent: ['info', 'Guest OS reboot for {vm.name} on {host.name} in {datacenter.name}'],
  VmGuestStandbyEvent: ['info', 'Guest OS standby for {vm.name} on {host.name} in {datacenter.name}'],
  VmFailedToPowerOnEvent: [
    'error',
    'Cannot power On {vm.name} on {host.name} in {datacenter.name}: {reason.localizedMessage}',
  ],
  VmFailedToPowerOffEvent: [
    'error',
    'Cannot power Off {vm.name} on {host.name} in {datacenter.name}: {reason.localizedMessage}',
  ],
  VmMigratedEvent: [
    'info',
    'Migration of virtual machine {vm.name} from {sourceHost.name} to {host.name} completed',
  ],
  DrsVmMigratedEvent: [
    'info',
    'DRS migrated {vm.name} from {sourceHost.name} to {host.name} in cluster {computeResource.name} in {datacenter.name}',
  ],
  HostConnectedEvent: ['info', 'Connected to {host.name} in {datacenter.name}'],
  HostConnectionLostEvent: ['error', 'Host {host.name} in {datacenter.name} is not responding'],
  CustomFieldValueChangedEvent: [
    'info',
    'Changed custom field {name} on {entity.name} in {datacenter.name} from {prevState} to {value}',
  ],
  AlarmStatusChangedEvent: ['info', "Alarm '{alarm.name}' on {entity.name} changed from {from} to {to}"],
  AlarmAcknowledgedEvent: ['info', 'Acknowledged alarm {alarm.name} on {entity.name}'],
  AlarmClearedEvent: ['info', "Manually cleared alarm '{alarm.name}' on {entity.name} from {from}"],
}

/** The EventEx ids of the simulated vCenter. */
const extendedClasses: Readonly<Record<string, readonly [category: Category, format: string]>> = {
  'com.vmware.vc.ha.VmRestartedByHAEvent': [
    'warning',
    'vSphere HA restarted virtual machine {objectName} on host {host.name} in cluster {computeResource.name}',
  ],
  'com.vmware.vc.VmDiskConsolidationNeeded': [
    'warning',
    'Virtual machine {objectName} disks consolidation is needed on {host.name} in cluster {computeResource.name} in {datacenter.name}',
  ],
}

const categories: readonly Category[] = ['info', 'warning', 'error', 'user']

/** Returns the category of an event: the severity of an EventEx, else that of its class. */
export function categoryOf(event: { readonly _typeName?: string | undefined }): string {
  if (event._typeName === 'EventEx') return (event as DataObject<'EventEx'>).severity ?? 'info'
  return classes[event._typeName ?? '']?.[0] ?? 'info'
}

/** Returns the type of an event as filters name it: the class, or the id of an EventEx or ExtendedEvent. */
export function eventTypeIdOf(event: { readonly _typeName?: string | undefined }): string {
  const { _typeName = 'Event', eventTypeId } = event as { _typeName?: string; eventTypeId?: string }
  return (_typeName === 'EventEx' || _typeName === 'ExtendedEvent') && eventTypeId !== undefined
    ? eventTypeId
    : _typeName
}

/** Writes the message of an event. A class without a format gets its name. */
export function formatMessage(event: { readonly _typeName?: string | undefined }): string {
  const { _typeName = 'Event', message } = event as { _typeName?: string; message?: string }
  const [, format] =
    (_typeName === 'EventEx' ? extendedClasses[eventTypeIdOf(event)] : classes[_typeName]) ?? []
  if (format === undefined) return message ?? eventTypeIdOf(event)
  return format.replace(/\{([\w.]+)\}/g, (_, path: string) => {
    let value: unknown = event
    for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
    return value instanceof Date ? value.toISOString() : String(value ?? '')
  })
}

/** EventManager.description: the categories, and what is known of each class. */
export const eventDescription: DataObject<'EventDescription'> = {
  category: categories.map((key) => ({
    label: `${key[0]?.toUpperCase()}${key.slice(1)}`,
    summary: `Events of category ${key}`,
    key,
  })),
  eventInfo: [
    ...Object.entries(classes).map(([key, [category, format]]) => detail(key, category, format)),
    // The format of an EventEx starts with its id.
    ...Object.entries(extendedClasses).map(([id, [category, format]]) =>
      detail('EventEx', category, `${id}|${format}`),
    ),
  ],
  enumeratedTypes: [],
}

function detail(
  key: string,
  category: string,
  fullFormat: string,
): DataObject<'EventDescriptionEventDetail'> {
  const words = key.replace(/Event$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return {
    key,
    description: words,
    category,
    formatOnDatacenter: fullFormat,
    formatOnComputeResource: fullFormat,
    formatOnHost: fullFormat,
    formatOnVm: fullFormat,
    fullFormat,
  }
}
