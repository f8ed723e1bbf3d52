// Defines the custom attributes of the simulated inventory and sets their values: when a virtual machine was last backed up, and who
// owns machines and hosts.

import { createRandom } from '../random.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { setCustomValue, setDefinitions } from './custom-fields.ts'

const dayMs = 24 * 60 * 60 * 1000

const lastBackup = { key: 101, name: 'Last Backup', type: 'string', managedObjectType: 'VirtualMachine' }
const owner = { key: 102, name: 'Owner', type: 'string' }

/** The owners of machines whose names start like this; the others have one of two teams. */
const owners: readonly (readonly [RegExp, string])[] = [
  [/^(web|wiki)/, 'Web'],
  [/^(db|erp|rac)/, 'Data'],
]
const teams = ['Platform', 'Finance'] as const

export function createDemoAttributes({ objects, seed, origin }: SimulationContext): void {
  setDefinitions(objects, [lastBackup, owner])
  for (const object of objects.ofType('VirtualMachine')) {
    const name = String(object.get('name'))
    const random = createRandom(seed, 'backups', name)
    if (random.next() < 0.75) {
      const at = new Date(origin - (1 + random.next() * 13) * dayMs)
      setCustomValue(objects, object, lastBackup.key, at.toISOString().slice(0, 16).replace('T', ' '))
    }
    const [, team = random.pick(teams)] = owners.find(([pattern]) => pattern.test(name)) ?? []
    setCustomValue(objects, object, owner.key, team)
  }
  for (const object of objects.ofType('HostSystem'))
    setCustomValue(objects, object, owner.key, 'Infrastructure')
}
