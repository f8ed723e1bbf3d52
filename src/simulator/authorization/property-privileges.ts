// The privilege that reading a property needs. test/interop/pyvmomi compares the table with pyVmomi's.

import { isManagedSubtype, managedTypeAncestry } from '../../soap/type-registry.ts'

/** The properties of objects of the inventory that System.View suffices for, by the type that declares them. Others need System.Read. */
const viewProperties: Readonly<Record<string, string>> = {
  ExtensibleManagedObject: 'value availableField',
  ManagedEntity: 'parent customValue effectiveRole name declaredAlarmState triggeredAlarmState tag',
  Folder: 'childType childEntity namespace',
  StoragePod: 'summary',
  Datacenter: 'vmFolder hostFolder datastoreFolder networkFolder configuration',
  ComputeResource:
    'resourcePool host datastore network environmentBrowser lifecycleManaged configManagerEnabled',
  HostSystem: 'datastore network datastoreBrowser',
  ResourcePool: 'owner resourcePool vm namespace',
  VirtualApp: 'parentFolder datastore network',
  VirtualMachine: 'datastore network',
}

/** Types below ExtensibleManagedObject whose objects have no privileges of their own. */
const extensibleButViewed: ReadonlySet<string> = new Set(['Alarm'])

const known = new Map<string, string>()

/** Returns the privilege that reading a property needs, on the object of the inventory that `Access.entityOf` returns. */
export function privilegeOfProperty(type: string, property: string): string {
  const key = `${type} ${property}`
  const privilege = known.get(key) ?? findPrivilege(type, property)
  known.set(key, privilege)
  return privilege
}

function findPrivilege(type: string, property: string): string {
  if (type === 'SessionManager' && property === 'sessionList') return 'Sessions.TerminateSession'
  // Managers of the vCenter, and the views, collectors and filters of a session.
  const isOfInventory = isManagedSubtype(type, 'ExtensibleManagedObject') && !extensibleButViewed.has(type)
  if (!isOfInventory) return 'System.View'
  const needsView = [...managedTypeAncestry(type)].some((ancestor) =>
    viewProperties[ancestor]?.split(' ').includes(property),
  )
  return needsView ? 'System.View' : 'System.Read'
}
