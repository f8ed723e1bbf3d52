// Looks up the vim25 declarations at run time, for the codec and the planner: the fields and the base types of a type, and the
// type at a property path. vim-types.ts derives the TypeScript types from the same declarations.

import { dataObjects } from './declarations/data-objects.ts'
import { enums } from './declarations/enums.ts'
import { events } from './declarations/events.ts'
import { faultsByParent } from './declarations/fault-parents.ts'
import { faults } from './declarations/faults.ts'
import { managedObjects } from './declarations/managed-objects.ts'
import type {
  DataObject,
  DataObjectName,
  EnumName,
  EnumValue,
  ManagedObjectType,
  Primitives,
} from './vim-types.ts'

export interface Field {
  readonly name: string
  readonly type: string
  readonly repeated: boolean
  readonly optional: boolean
}

interface DataObjectDeclaration {
  readonly extends?: string
  readonly fields: Readonly<Record<string, string>>
}
interface ManagedObjectDeclaration {
  readonly extends?: string
  readonly properties: Readonly<Record<string, string>>
}

/** All vim25 faults with their parents. Faults that faults.ts does not declare have only the fields of their ancestors. */
const faultTable = faultsByParent
  .trim()
  .split(/\n(?! )/)
  .flatMap((entry) => {
    const [parent = '', ...names] = entry.split(/:?\s+/)
    return names.map((name): [string, DataObjectDeclaration] => [name, { extends: parent, fields: {} }])
  })

const dataObjectTable = new Map<string, DataObjectDeclaration>([
  ...faultTable,
  ...Object.entries({ ...dataObjects, ...events, ...faults }),
])
const managedObjectTable = new Map<string, ManagedObjectDeclaration>(Object.entries(managedObjects))
const enumTable = new Map<string, readonly string[]>(Object.entries(enums))
const primitiveNames = new Set<string>([
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'string',
  'dateTime',
  'base64Binary',
  'anyType',
] satisfies (keyof Primitives)[])

export const isPrimitive = (name: string): boolean => primitiveNames.has(name)
export const isEnum = (name: string): boolean => enumTable.has(name)
export const isDataObject = (name: string): boolean => dataObjectTable.has(name)
export const isManagedObject = (name: string): boolean => managedObjectTable.has(name)

/** Parses a type expression: `VirtualDevice*` is a repeated VirtualDevice. */
export function parseTypeExpression(expression: string): Omit<Field, 'name'> {
  const repeated = expression.endsWith('*')
  const optional = expression.endsWith('?')
  return {
    type: repeated || optional ? expression.slice(0, -1) : expression,
    repeated,
    optional: optional || repeated,
  }
}

function flatten(
  table: Map<string, { extends?: string }>,
  name: string,
  own: (name: string) => Readonly<Record<string, string>>,
): Field[] {
  const base = table.get(name)?.extends
  const inherited = base === undefined ? [] : flatten(table, base, own)
  return [
    ...inherited,
    ...Object.entries(own(name)).map(([field, expression]) => ({
      name: field,
      ...parseTypeExpression(expression),
    })),
  ]
}

const fieldCache = new Map<string, ReadonlyMap<string, Field>>()

/** Returns the fields of a data object in wire order, inherited fields first; undefined if the type is not declared. */
export function fieldsOf(name: string): ReadonlyMap<string, Field> | undefined {
  if (!dataObjectTable.has(name)) return undefined
  let fields = fieldCache.get(name)
  if (!fields) {
    const flat = flatten(dataObjectTable, name, (each) => dataObjectTable.get(each)?.fields ?? {})
    fields = new Map(flat.map((field) => [field.name, field]))
    fieldCache.set(name, fields)
  }
  return fields
}

const propertyCache = new Map<string, ReadonlyMap<string, Field>>()

/** Returns the properties of a managed object type, inherited ones first; undefined if the type is not declared. */
export function propertiesOf(type: string): ReadonlyMap<string, Field> | undefined {
  if (!managedObjectTable.has(type)) return undefined
  let properties = propertyCache.get(type)
  if (!properties) {
    const flat = flatten(managedObjectTable, type, (each) => managedObjectTable.get(each)?.properties ?? {})
    properties = new Map(flat.map((field) => [field.name, field]))
    propertyCache.set(type, properties)
  }
  return properties
}

function* ancestry(table: ReadonlyMap<string, { extends?: string }>, name: string): Generator<string> {
  for (let each: string | undefined = name; each !== undefined; each = table.get(each)?.extends) yield each
}

/** Whether a data object type is `base` or one of its subtypes. An undeclared type is only a subtype of itself. */
export function isSubtype(name: string, base: string): boolean {
  // Does not use the generator, because this runs for each item of large arrays.
  for (let each: string | undefined = name; each !== undefined; each = dataObjectTable.get(each)?.extends)
    if (each === base) return true
  return false
}

/**
 * Returns the fields that an object of an undeclared subtype may have: the fields of the type and of all its declared
 * subtypes, without the subtype fields that are declared with conflicting types.
 */
export function fieldsOfSubtypes(name: string): ReadonlyMap<string, Field> {
  const fields = new Map(fieldsOf(name))
  const ambiguous = new Set<string>()
  for (const subtype of dataObjectTable.keys()) {
    if (subtype === name || !isSubtype(subtype, name)) continue
    for (const field of fieldsOf(subtype)?.values() ?? []) {
      const other = fields.get(field.name)
      // The same field may be an enumeration in one subtype and a string in another.
      const type = isEnum(field.type) ? 'string' : field.type
      if (!other) fields.set(field.name, { ...field, type, optional: true })
      else if (other.type !== type || other.repeated !== field.repeated) ambiguous.add(field.name)
    }
  }
  for (const field of ambiguous) if (!fieldsOf(name)?.has(field)) fields.delete(field)
  return fields
}

/** Whether a managed object type is `base` or one of its subtypes: a ClusterComputeResource is a ManagedEntity. */
export function isManagedSubtype(type: string, base: string): boolean {
  // Does not use the generator either: resolvers check the type of every object.
  for (let each: string | undefined = type; each !== undefined; each = managedObjectTable.get(each)?.extends)
    if (each === base) return true
  return false
}

/** Yields a managed object type and its base types, the most specific first. */
export const managedTypeAncestry = (type: string): Generator<string> => ancestry(managedObjectTable, type)

/** Whether any declared managed object type directly extends this one. */
export const hasSubtypes = (type: ManagedObjectType): boolean =>
  [...managedObjectTable.values()].some((each) => each.extends === type)

/** Whether a decoded data object is of a type or of one of its subtypes: `isInstance(device, 'VirtualDisk')`. */
export function isInstance<N extends DataObjectName>(value: unknown, name: N): value is DataObject<N> {
  const typeName = (value as { _typeName?: unknown } | null | undefined)?._typeName
  return typeof typeName === 'string' && isSubtype(typeName, name)
}

/**
 * Returns the type at a property path of a managed object type; undefined if the path does not exist. A key (`device[2000]`)
 * selects one array element.
 */
export function typeAtPath(type: string, path: string): Field | undefined {
  let known = typesAtPaths.get(type)
  if (!known) {
    known = new Map()
    typesAtPaths.set(type, known)
  }
  const field = known.get(path)
  if (field) return field
  const found = findTypeAtPath(type, path)
  // Cache only valid paths without keys: a server could send any number of others.
  if (found && !path.includes('[')) known.set(path, found)
  return found
}

const typesAtPaths = new Map<string, Map<string, Field>>()

function findTypeAtPath(type: string, path: string): Field | undefined {
  let fields = propertiesOf(type)
  let found: Field | undefined
  for (const segment of path.match(/[^.[\]]+(?:\[[^\]]*\])?/g) ?? []) {
    const bracket = segment.indexOf('[')
    const name = bracket < 0 ? segment : segment.slice(0, bracket)
    if (found?.repeated) return undefined
    found = fields?.get(name)
    if (!found) return undefined
    if (bracket >= 0) {
      if (!found.repeated) return undefined
      found = { ...found, repeated: false, optional: true }
    }
    fields = fieldsOf(found.type)
  }
  return found
}

/** Returns the value if it is a declared value of the enumeration; undefined for others, such as those of a newer server. */
export function knownEnumValue<E extends EnumName>(
  name: E,
  value: string | undefined,
): EnumValue<E> | undefined {
  return enumTable.get(name)?.includes(value as string) ? (value as EnumValue<E>) : undefined
}
