// The objects that an event refers to: the ones that it is about, the ones that contain them, and their names at that time.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

type Argument<N extends Parameters<typeof named>[1]> =
  | ManagedObjectReference
  | ({ readonly name: string } & { readonly [K in N]: ManagedObjectReference })

/** The objects of an event: references, or arguments with names for objects that no longer exist. */
export interface EventArguments {
  readonly vm?: Argument<'vm'>
  readonly host?: Argument<'host'>
  readonly ds?: Argument<'datastore'>
  readonly net?: Argument<'network'>
  readonly dvs?: Argument<'dvs'>
  readonly computeResource?: Argument<'computeResource'>
  readonly datacenter?: Argument<'datacenter'>
}

/** The field of an event for each kind of object, and the field of the argument that refers to it; the most specific kind first. */
const kinds = [
  ['vm', 'vm'],
  ['host', 'host'],
  ['ds', 'datastore'],
  ['net', 'network'],
  ['dvs', 'dvs'],
  ['computeResource', 'computeResource'],
  ['datacenter', 'datacenter'],
] as const

type EventFields = Pick<DataObject<'Event'>, (typeof kinds)[number][0]>

const isReference = (value: unknown): value is ManagedObjectReference =>
  typeof (value as Partial<ManagedObjectReference> | undefined)?.type === 'string'

/** Returns the arguments of an event with their names, and those of the host, compute resource and datacenter that contain its objects. */
export function argumentsOf(objects: SimulatedInventory, given: EventArguments): EventFields {
  const fields: Record<string, unknown> = {}
  for (const [field, reference] of kinds) {
    const value = given[field]
    if (value === undefined) continue
    fields[field] = isReference(value) ? named(value, reference, objects) : value
  }
  for (const [field, reference] of kinds) {
    const ref = (fields[field] as Record<string, unknown> | undefined)?.[reference]
    const object = isReference(ref) ? objects.find(ref) : undefined
    if (!object) continue
    for (const container of ancestorsOf(objects, object)) {
      const kind = kindOf(container.type)
      if (kind) fields[kind[0]] ??= named(container.ref, kind[1], objects)
    }
  }
  return fields as EventFields
}

const kindOf = (type: string) =>
  isManagedSubtype(type, 'HostSystem')
    ? (['host', 'host'] as const)
    : isManagedSubtype(type, 'ComputeResource')
      ? (['computeResource', 'computeResource'] as const)
      : type === 'Datacenter'
        ? (['datacenter', 'datacenter'] as const)
        : undefined

const named = (
  ref: ManagedObjectReference,
  reference: (typeof kinds)[number][1],
  objects: SimulatedInventory,
) => ({ name: String(objects.find(ref)?.get('name') ?? ref.value), [reference]: ref })

/** Returns the most specific object that an event is about. */
export function entityOf(event: DataObject<'Event'>): ManagedObjectReference | undefined {
  for (const [field, reference] of kinds) {
    const argument = event[field] as Record<string, unknown> | undefined
    if (argument) return argument[reference] as ManagedObjectReference
  }
  return (event as Partial<DataObject<'GeneralUserEvent'>>).entity?.entity
}

/** Returns the moids of all objects that contain the object of an event, or that the event names beside it. */
export function locationOf(
  objects: SimulatedInventory,
  event: DataObject<'Event'>,
  entity: ManagedObjectReference | undefined,
): ReadonlySet<string> {
  const moids = new Set<string>()
  for (const [field, reference] of kinds) {
    const ref = (event[field] as Record<string, unknown> | undefined)?.[reference]
    if (!isReference(ref)) continue
    moids.add(ref.value)
    const object = objects.find(ref)
    if (object) for (const container of ancestorsOf(objects, object)) moids.add(container.moid)
  }
  const object = entity && objects.find(entity)
  if (object) for (const container of ancestorsOf(objects, object)) moids.add(container.moid)
  if (entity) moids.delete(entity.value)
  return moids
}

/** The objects above each object while the inventory does not change: many events have the same few objects. */
const knownAncestors = new WeakMap<
  SimulatedInventory,
  { readonly revision: number; readonly byMoid: Map<string, readonly SimulatedObject[]> }
>()

/** Returns the objects above an object: of a machine its host, its pools and its folders, of each of them those above it. */
function ancestorsOf(objects: SimulatedInventory, object: SimulatedObject): readonly SimulatedObject[] {
  let known = knownAncestors.get(objects)
  if (known?.revision !== objects.revision) {
    known = { revision: objects.revision, byMoid: new Map() }
    knownAncestors.set(objects, known)
  }
  const ancestors = known.byMoid.get(object.moid) ?? [...walkUp(objects, object)]
  known.byMoid.set(object.moid, ancestors)
  return ancestors
}

function* walkUp(
  objects: SimulatedInventory,
  object: SimulatedObject,
  seen = new Set<string>([object.moid]),
): Generator<SimulatedObject> {
  const isMachine = object.type === 'VirtualMachine'
  const { host } = (isMachine ? object.get('runtime') : {}) as { host?: ManagedObjectReference }
  const above = [
    host,
    isMachine ? object.get('resourcePool') : undefined,
    object.get('parent'),
    isMachine ? object.get('parentVApp') : undefined,
  ]
  for (const ref of above) {
    const container = isReference(ref) ? objects.find(ref) : undefined
    if (!container || seen.has(container.moid)) continue
    seen.add(container.moid)
    yield container
    yield* walkUp(objects, container, seen)
  }
}
