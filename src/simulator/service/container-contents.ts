// Contents of inventory containers: for container views, and for paths and children in the search index.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

/** Container types, with the properties that refer to their direct children. */
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

/** Yields the direct children. */
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

/** Returns all descendants, each once: a virtual machine is in its folder, its pool and its host. */
export function descendantsOf(objects: SimulatedInventory, container: SimulatedObject): Set<SimulatedObject> {
  const found = new Set<SimulatedObject>()
  const pending = [container]
  for (let at = pending.pop(); at; at = pending.pop()) {
    for (const child of childrenOf(objects, at)) {
      if (found.has(child)) continue
      found.add(child)
      if (isContainer(child.type)) pending.push(child)
    }
  }
  return found
}
