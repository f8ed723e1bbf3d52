// Traverses the inventory by filter specs: which objects they report, each once, and which properties of
// each.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import type { FilterSpec, Traversal } from './filter-spec.ts'
import { type PropertyPath, readPath } from './property-path.ts'
import type { PropertyXmlCache } from './property-xml-cache.ts'
import type { Viewer } from './session-values.ts'

export interface Selection {
  readonly objects: ReadonlyMap<SimulatedObject, readonly PropertyPath[]>
  /** Start objects that do not exist, if the spec requests that they are reported. */
  readonly missing: readonly ManagedObjectReference[]
}

/**
 * Returns the objects that the specs report.
 * @param options.mayBeRemoved ignores missing start objects, for filters that outlive them.
 * @throws ManagedObjectNotFound for a missing start object, unless the spec requests that it is reported.
 */
export function select(
  specs: readonly FilterSpec[],
  viewer: Viewer,
  xmlCache: PropertyXmlCache,
  { mayBeRemoved = false } = {},
): Selection {
  const objects = new Map<SimulatedObject, readonly PropertyPath[]>()
  const missing: ManagedObjectReference[] = []
  for (const spec of specs) {
    const report = (object: SimulatedObject) => {
      const paths = spec.pathsOf(object.type)
      if (!paths) return
      const known = objects.get(object)
      // Two specs can request different paths of one object, which is still reported once.
      objects.set(object, known && known !== paths ? merge(known, paths) : paths)
    }
    const run = new ObjectTraversal(viewer, xmlCache, report)
    for (const { ref, skip, traversals } of spec.starts) {
      const object = viewer.find(ref)
      if (object) run.from(object, skip, traversals)
      else if (spec.reportMissingObjectsInResults) missing.push(ref)
      else if (!mayBeRemoved) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
    }
  }
  return { objects, missing }
}

const merge = (one: readonly PropertyPath[], other: readonly PropertyPath[]): PropertyPath[] => [
  ...new Map([...one, ...other].map((path) => [path.text, path])).values(),
]

class ObjectTraversal {
  readonly #viewer: Viewer
  readonly #xmlCache: PropertyXmlCache
  readonly #report: (object: SimulatedObject) => void
  /** An object can be reached again with other selections, but each selection traverses it once. */
  readonly #traversed = new Map<Traversal, Set<SimulatedObject>>()

  constructor(viewer: Viewer, xmlCache: PropertyXmlCache, report: (object: SimulatedObject) => void) {
    this.#viewer = viewer
    this.#xmlCache = xmlCache
    this.#report = report
  }

  from(start: SimulatedObject, skip: boolean, traversals: readonly Traversal[]): void {
    if (!skip) this.#report(start)
    const pending: [SimulatedObject, readonly Traversal[]][] = [[start, traversals]]
    for (let at = pending.pop(); at; at = pending.pop()) {
      const [object, selections] = at
      for (const traversal of selections) {
        if (!traversal.appliesTo(object.type) || !this.#markTraversed(object, traversal)) continue
        const reached = readPath(object, traversal.path)
        const refs = (Array.isArray(reached) ? reached : [reached]) as (ManagedObjectReference | undefined)[]
        for (const ref of refs) {
          const target = ref && this.#viewer.find(ref)
          if (!target) continue
          if (!traversal.skip) this.#report(target)
          if (traversal.next.length > 0) pending.push([target, traversal.next])
        }
      }
    }
  }

  #markTraversed(object: SimulatedObject, traversal: Traversal): boolean {
    let traversed = this.#traversed.get(traversal)
    if (!traversed) {
      traversed = new Set()
      this.#traversed.set(traversal, traversed)
    }
    if (traversed.has(object)) return false
    const { access } = this.#viewer.session
    if (this.#xmlCache.missingPrivilege(object, traversal.path.property, access) !== undefined) return false
    traversed.add(object)
    return true
  }
}
