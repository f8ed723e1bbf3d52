// Walks the world as filter specs say: which objects they report, each once, and which properties of each.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import type { FilterSpec, Traversal } from './filter-spec.ts'
import { type PropertyPath, readPath } from './property-path.ts'
import type { PropertyTexts } from './property-text.ts'

export interface Selection {
  readonly objects: ReadonlyMap<SimulatedObject, readonly PropertyPath[]>
  /** The start objects that do not exist, where the spec wants them reported rather than refused. */
  readonly missing: readonly ManagedObjectReference[]
}

export type Find = (ref: ManagedObjectReference) => SimulatedObject | undefined

/**
 * The objects that the specs report. A start object that does not exist is ManagedObjectNotFound unless the spec wants it
 * reported, or unless it may have gone since, as with a filter that stays.
 */
export function select(
  specs: readonly FilterSpec[],
  find: Find,
  texts: PropertyTexts,
  { mayBeRemoved = false } = {},
): Selection {
  const objects = new Map<SimulatedObject, readonly PropertyPath[]>()
  const missing: ManagedObjectReference[] = []
  for (const spec of specs) {
    const report = (object: SimulatedObject) => {
      const paths = spec.pathsOf(object.type)
      if (!paths) return
      const known = objects.get(object)
      // Two specs may ask different things of one object; it is still reported once.
      objects.set(object, known && known !== paths ? merge(known, paths) : paths)
    }
    const walk = new ObjectWalk(find, texts, report)
    for (const { ref, skip, traversals } of spec.starts) {
      const object = find(ref)
      if (object) walk.from(object, skip, traversals)
      else if (spec.reportMissingObjectsInResults) missing.push(ref)
      else if (!mayBeRemoved) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
    }
  }
  return { objects, missing }
}

const merge = (one: readonly PropertyPath[], other: readonly PropertyPath[]): PropertyPath[] => [
  ...new Map([...one, ...other].map((path) => [path.text, path])).values(),
]

class ObjectWalk {
  readonly #find: Find
  readonly #texts: PropertyTexts
  readonly #report: (object: SimulatedObject) => void
  /** An object may be come upon again with other selections to follow, but each selection leaves it once. */
  readonly #remaining = new Map<Traversal, Set<SimulatedObject>>()

  constructor(find: Find, texts: PropertyTexts, report: (object: SimulatedObject) => void) {
    this.#find = find
    this.#texts = texts
    this.#report = report
  }

  from(start: SimulatedObject, skip: boolean, traversals: readonly Traversal[]): void {
    if (!skip) this.#report(start)
    const ahead: [SimulatedObject, readonly Traversal[]][] = [[start, traversals]]
    for (let at = ahead.pop(); at; at = ahead.pop()) {
      const [object, selections] = at
      for (const traversal of selections) {
        if (!traversal.appliesTo(object.type) || !this.#leaves(object, traversal)) continue
        const reached = readPath(object, traversal.path)
        const refs = (Array.isArray(reached) ? reached : [reached]) as (ManagedObjectReference | undefined)[]
        for (const ref of refs) {
          const target = ref && this.#find(ref)
          if (!target) continue
          if (!traversal.skip) this.#report(target)
          if (traversal.next.length > 0) ahead.push([target, traversal.next])
        }
      }
    }
  }

  #leaves(object: SimulatedObject, traversal: Traversal): boolean {
    let remaining = this.#remaining.get(traversal)
    if (!remaining) {
      remaining = new Set()
      this.#remaining.set(traversal, remaining)
    }
    if (remaining.has(object) || this.#texts.isDenied(object, traversal.path.property)) return false
    remaining.add(object)
    return true
  }
}
