// The categories and tags of the demo inventory.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import type { TagStore } from './tag-store.ts'

/** The names of the virtual machines with each tag. Those that are not named get tags by their position. */
const named: Readonly<Record<string, readonly string[]>> = {
  'environment/production': ['web-01', 'web-02', 'db-01', 'erp-01', 'file-01', 'san-01'],
  'environment/test': ['app-01', 'a%2fb'],
  'backup/daily': ['db-01', 'erp-01', 'web-01'],
  'backup/weekly': ['file-01'],
  'owner/shop': ['web-01', 'web-02', 'db-01'],
  'owner/finance': ['erp-01', 'db-01'],
}

export function addDemoTags(store: TagStore, objects: SimulatedInventory): void {
  const environment = store.addCategory({
    name: 'environment',
    description: 'Where an object is used',
  }).id
  const backup = store.addCategory({
    name: 'backup',
    description: 'How often a virtual machine is backed up',
    associableTypes: ['VirtualMachine'],
  }).id
  const owner = store.addCategory({
    name: 'owner',
    description: 'Who is responsible',
    cardinality: 'MULTIPLE',
  }).id
  const tags = new Map(
    [
      [environment, 'production', 'Serves customers'],
      [environment, 'test', ''],
      [backup, 'daily', 'Every night'],
      [backup, 'weekly', 'On Sundays'],
      [owner, 'shop', ''],
      [owner, 'finance', ''],
    ].map(([categoryId = '', name = '', description = '']): [string, string] => {
      const { id } = store.addTag({ categoryId, name, description })
      return [`${store.category(categoryId).name}/${name}`, id]
    }),
  )
  const attach = (tag: string, ref: ManagedObjectReference) => store.attach(tags.get(tag) as string, ref)

  const known = new Set(Object.values(named).flat())
  for (const [index, vm] of [...objects.ofType('VirtualMachine')].entries()) {
    const name = String(vm.get('name'))
    for (const [tag, names] of Object.entries(named)) if (names.includes(name)) attach(tag, vm.ref)
    if (known.has(name) || index < 20) continue
    attach(index % 3 === 0 ? 'environment/test' : 'environment/production', vm.ref)
    if (index % 4 !== 0) attach(index % 2 === 0 ? 'backup/weekly' : 'backup/daily', vm.ref)
  }
  for (const host of objects.ofType('HostSystem')) attach('environment/production', host.ref)
  for (const datastore of objects.ofType('Datastore')) attach('owner/shop', datastore.ref)
}
