// Counts the objects that the account sees, by type, with one retrieval of references.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { viewManagerOf } from '../../vim25/property-collector/container-views.ts'
import { retrieveProperties } from '../../vim25/property-collector/property-collector.ts'
import { UnknownProperties } from '../../vim25/property-collector/unknown-properties.ts'
import type { Login } from '../../vim25/session/login.ts'
import { type Check, count, type DoctorRun } from '../check.ts'

/** The counted types. Objects of a subtype count for the first type that matches. */
const types = [
  ['ClusterComputeResource', 'cluster'],
  ['ComputeResource', 'stand-alone host'],
  ['Datacenter', 'datacenter'],
  ['HostSystem', 'host'],
  ['VirtualMachine', 'virtual machine'],
  ['VirtualApp', 'vApp'],
  ['ResourcePool', 'resource pool'],
  ['StoragePod', 'datastore cluster'],
  ['Datastore', 'datastore'],
  ['DistributedVirtualPortgroup', 'distributed port group'],
  ['Network', 'other network'],
  ['DistributedVirtualSwitch', 'distributed switch', 'distributed switches'],
  ['Folder', 'folder'],
] as const satisfies readonly (readonly [type: ManagedObjectType, singular: string, plural?: string])[]

export const inventoryCheck: Check = {
  id: 'inventory',
  title: 'Inventory',
  needs: ['login'],
  async run(run) {
    const objects = await run.session.withLogin((login) => listObjects(login, run.signal), {
      signal: run.signal,
    })
    run.objects = objects
    const counts = types.flatMap(([type, singular, plural]) => {
      const { length } = objects.get(type) ?? []
      return length === 0 ? [] : [count(length, singular, plural)]
    })
    const facts = {
      counts: Object.fromEntries(types.map(([type]) => [type, objects.get(type)?.length ?? 0])),
    }
    const machines = objects.get('VirtualMachine')?.length ?? 0
    const found = [`The account sees ${counts.length > 0 ? counts.join(', ') : 'nothing'}.`]
    const todo = [
      'Give the account a role on the top of the inventory, with propagation. An object that it may not see does not exist for it.',
    ]
    const hasHosts = (objects.get('HostSystem')?.length ?? 0) > 0
    if (!hasHosts && machines === 0) return { status: 'problem', found, todo, facts }
    return { status: 'ok', found, facts }
  },
}

async function listObjects(
  login: Login,
  signal: AbortSignal,
): Promise<Map<ManagedObjectType, ManagedObjectReference[]>> {
  // Not aborted: the view would exist without a reference until the logout.
  const view = await login.call(
    'CreateContainerView',
    viewManagerOf(login),
    { container: login.content.rootFolder, type: [], recursive: true },
    {},
  )
  const objects = new Map<ManagedObjectType, ManagedObjectReference[]>()
  const traversal: DataObject<'TraversalSpec'> = {
    _typeName: 'TraversalSpec',
    type: 'ContainerView',
    path: 'view',
    skip: false,
  }
  // One small property: an ended session is only visible in properties.
  const specSet = [
    {
      propSet: [{ type: 'ManagedEntity', pathSet: ['overallStatus'] }],
      objectSet: [{ obj: view, skip: true, selectSet: [traversal] }],
    },
  ]
  try {
    await retrieveProperties(login, specSet, new UnknownProperties(), { signal }, ({ obj }) => {
      const counted = types.find(([type]) => isManagedSubtype(obj.type, type))
      if (!counted) return
      const refs = objects.get(counted[0])
      if (refs) refs.push(obj)
      else objects.set(counted[0], [obj])
    })
  } finally {
    login.discard('DestroyView', view)
  }
  return objects
}

/** Returns up to `max` objects of a type, spread evenly over all. */
export function sampleOf(run: DoctorRun, type: ManagedObjectType, max: number): ManagedObjectReference[] {
  const refs = run.objects?.get(type) ?? []
  const step = Math.max(1, refs.length / max)
  return Array.from({ length: Math.min(max, refs.length) }, (_, i) => refs[Math.floor(i * step)]!)
}
