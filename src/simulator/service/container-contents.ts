// What is inside an inventory object: for container views, and for paths and children in the search index.

import { isManagedSubtype, type ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

/** The types that can contain others, with the properties that lead to what is directly inside. */
const contents: readonly (readonly [type: string, properties: readonly string[]])[] = [
  ['Folder', ['childEntity']],
  ['Datacenter', ['vmFolder', 'hostFolder', 'datastoreFolder', 'networkFolder']],
  ['ComputeResource', ['host', 'resourcePool']],
  ['ResourcePool', ['resourcePool', 'vm']],
  ['HostSystem', ['vm']],
]

const propertiesOfContainer = (type: string): readonly string[] | undefined =>
  contents.find(([container]) => isManagedSubtype(type, container))?.[1]

export const isContainer = (type: string): boolean => propertiesOfContainer(type) !== undefined

/** What is directly inside. */
export function* childrenOf(
  objects: SimulatedInventory,
  container: SimulatedObject,
): Generator<SimulatedObject> {
  for (const property of propertiesOfContainer(container.type) ?? []) {
    const value = container.get(property)
    for (const ref of (Array.isArray(value) ? value : [value]) as (ManagedObjectReference | undefined)[]) {
      const child = ref && objects.find(ref)
      if (child) yield child
    }
  }
}

/** All that is inside, at any depth, each once: a virtual machine is in its folder, its pool and its host. */
export function descendantsOf(objects: SimulatedInventory, container: SimulatedObject): Set<SimulatedObject> {
  const found = new Set<SimulatedObject>()
  const ahead = [container]
  for (let at = ahead.pop(); at; at = ahead.pop()) {
    for (const child of childrenOf(objects, at)) {
      if (found.has(child)) continue
      found.add(child)
      if (isContainer(child.type)) ahead.push(child)
    }
  }
  return found
}
