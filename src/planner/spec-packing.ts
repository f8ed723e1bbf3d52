// Which places share a spec. A PropertySpec belongs to a type within a spec, not to an edge; so each path of a type goes to
// the one spec of all the places that need it: no object is asked for what only its namesakes need, and none is asked for
// the same twice, however many ways lead to it.

import { type DataObject, isManagedSubtype, type ManagedObjectType } from '../soap/vim-types.ts'
import type { Place } from './expanded-node.ts'

/** What a place needs of the objects of a type. A traversal is a place too: of what must be told of the way. */
interface Claim {
  readonly place: object
  readonly type: string
  readonly paths: ReadonlySet<string>
}

/** Paths that exactly these places need of a type. */
interface Portion {
  readonly type: string
  readonly paths: Set<string>
  readonly places: ReadonlySet<object>
}

/** A PropertyFilterSpec in the making: what it asks of which type, and of which places. */
export interface Spec {
  readonly propSet: Map<string, Portion>
  readonly places: Set<object>
  readonly objectSet: DataObject<'ObjectSpec'>[]
  names: number
}

export function* claims(place: Place): Generator<Claim> {
  if (place.wanted) yield { place, type: place.type, paths: place.paths }
  for (const [type, paths] of place.subtypePaths) yield { place, type, paths }
  for (const { traversal, to } of place.edges) {
    for (const [type, paths] of Object.entries(traversal.reports ?? {}))
      yield { place: traversal, type, paths: new Set(paths) }
    yield* claims(to)
  }
}

/** Containers are few and light: what one edge needs of them is asked of all, so that they never split a spec. */
const containers: readonly ManagedObjectType[] = ['Datacenter', 'Folder', 'ComputeResource', 'ResourcePool']
const isContainer = (type: string): boolean => containers.some((each) => isManagedSubtype(type, each))

/** As few specs as can be. */
export function share(all: readonly Claim[]): Spec[] {
  const specs: Spec[] = []
  for (const portion of portions(all)) {
    let spec = specs.find((each) => isContainer(portion.type) || hasRoomFor(portion, each))
    if (!spec) {
      spec = { propSet: new Map(), places: new Set(), objectSet: [], names: 0 }
      specs.push(spec)
    }
    spec.propSet.set(portion.type, portion)
    for (const place of portion.places) spec.places.add(place)
  }
  return specs
}

/**
 * All PropertySpecs of a spec that name an object's type or one of its bases apply to it together. So a spec holds what is
 * asked of a subtype beside what is asked of its base only where both are asked at the same places.
 */
function hasRoomFor({ type, places }: Portion, { propSet }: Spec): boolean {
  return ![...propSet.values()].some(
    (other) =>
      other.type === type ||
      ((isManagedSubtype(type, other.type) || isManagedSubtype(other.type, type)) &&
        !isSame(places, other.places)),
  )
}

const isSame = (one: ReadonlySet<object>, other: ReadonlySet<object>): boolean =>
  one.size === other.size && [...one].every((each) => other.has(each))

function portions(all: readonly Claim[]): Portion[] {
  const found: Portion[] = []
  for (const type of new Set(all.map((claim) => claim.type))) {
    const ofType = all.filter((claim) => claim.type === type)
    if (isContainer(type)) {
      const paths = new Set(ofType.flatMap((claim) => [...claim.paths]))
      found.push({ type, paths, places: new Set(ofType.map(({ place }) => place)) })
      continue
    }
    const whoNeeds = new Map<string, Set<object>>()
    for (const { place, paths } of ofType)
      for (const path of paths) whoNeeds.set(path, (whoNeeds.get(path) ?? new Set()).add(place))
    const own: Portion[] = []
    for (const [path, places] of whoNeeds) {
      const same = own.find((each) => isSame(each.places, places))
      if (same) same.paths.add(path)
      else own.push({ type, paths: new Set([path]), places })
    }
    // Asked for without a path, to know whether it is there.
    for (const { place, paths } of ofType)
      if (paths.size === 0) own.push({ type, paths: new Set(), places: new Set([place]) })
    found.push(...own)
  }
  return found
}
