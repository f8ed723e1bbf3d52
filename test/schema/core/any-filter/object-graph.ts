// All objects of an inventory in memory, as the gateway returns them without a filter: values, parts, and references by id. A value
// that cannot be read is `denied`, and one of a missing configuration is `unknown`.

import type { TestGateway } from '../../../test-gateway.ts'
import { type FilterField, fieldsOf, rootFields } from './filterable-schema.ts'

const unknown = Symbol('unknown')
export const denied = Symbol('denied')
/** Whether neither a condition nor its negation holds. */
export const isUnknown = (value: unknown): value is symbol => value === unknown || value === denied
export type Value = null | boolean | number | string | symbol | Values | readonly Value[]
export type Values = { readonly [field: string]: Value }

export interface ObjectGraph {
  /** By id. */
  readonly objects: ReadonlyMap<string, Values>
  /** The ids of the objects of the root connections, by type. */
  readonly roots: ReadonlyMap<string, readonly string[]>
  /** The types whose root connection is not complete. */
  readonly incomplete: ReadonlySet<string>
  /** The values of each field, such as `VirtualMachine.name`. */
  readonly samples: ReadonlyMap<string, readonly (boolean | number | string)[]>
}

/** Reads everything, first the ids and then the objects. `withoutConfig` has the machines whose configuration cannot be read. */
export async function readGraph(
  gateway: TestGateway,
  withoutConfig: ReadonlySet<string>,
): Promise<ObjectGraph> {
  const objects = new Map<string, Values>()
  const roots = new Map<string, readonly string[]>()
  const incomplete = new Set<string>()
  const read = async (typeName: string, ids: readonly string[]) => {
    for (const id of ids) objects.set(id, {})
    await readFields(gateway, typeName, ids, fieldsOf(typeName), objects)
    for (const id of ids) {
      const values = objects.get(id) as Values
      if (withoutConfig.has(values.moid as string)) objects.set(id, withUnknownConfig(typeName, values))
    }
  }
  for (const [typeName, root] of rootFields) {
    const { data } = await gateway.execute(
      `{ ${root}(first: 1000) { nodes { id } coverage { isComplete } } }`,
    )
    if (!data[root].coverage[0].isComplete) incomplete.add(typeName)
    roots.set(
      typeName,
      data[root].nodes.map(({ id }: { id: string }) => id),
    )
    await read(typeName, roots.get(typeName) ?? [])
  }
  // Objects that no connection has, such as the root folder.
  for (const [typeName, ids] of roots)
    for (const id of ids)
      for (const field of fieldsOf(typeName))
        for (const value of [objects.get(id)?.[field.name]].flat()) {
          if (field.kind !== 'reference' || !value || isUnknown(value)) continue
          const { id: other } = value as { id: string }
          if (!objects.has(other)) await read(field.typeName, [other])
        }
  return { objects, roots, incomplete, samples: samplesOf(objects, roots) }
}

const selectionOf = ({ name, kind, typeName, isConnection }: FilterField): string => {
  if (kind === 'leaf') return name
  const below = kind === 'reference' ? 'id' : fieldsOf(typeName).map(selectionOf).join(' ')
  return isConnection ? `${name}(first: 1000) { nodes { ${below} } }` : `${name} { ${below} }`
}

async function readFields(
  gateway: TestGateway,
  typeName: string,
  ids: readonly string[],
  fields: readonly FilterField[],
  objects: Map<string, Values>,
): Promise<void> {
  const { data, errors = [] } = await gateway.execute(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${typeName} { ${fields.map(selectionOf).join(' ')} } } }`,
    { ids },
  )
  const split = <T>(items: readonly T[]) => [items.slice(0, items.length / 2), items.slice(items.length / 2)]
  // The errors with one cause are reported once, with the paths of the first ones.
  const isCut = errors.some(({ extensions }) => {
    const { count, paths } = extensions as { count?: number; paths?: readonly unknown[] }
    return count !== undefined && count > (paths?.length ?? 1)
  })
  if (isCut && ids.length > 1) {
    for (const half of split(ids)) await readFields(gateway, typeName, half, fields, objects)
  } else if (isCut && fields.length > 1) {
    for (const half of split(fields)) await readFields(gateway, typeName, ids, half, objects)
  } else {
    if (!data?.nodes) throw new Error(JSON.stringify(errors))
    for (const { path, extensions } of errors)
      for (const each of (extensions.paths as (string | number)[][] | undefined) ?? [path ?? []])
        markUnknown(data, each)
    for (const [index, id] of ids.entries())
      objects.set(id, { ...objects.get(id), ...withoutNodes(data.nodes[index]) })
  }
}

/** Replaces the null value that an error left. */
function markUnknown(data: unknown, path: readonly (string | number)[]): void {
  let at = data as Record<string | number, unknown>
  for (const key of path) {
    if (at[key] === null) at[key] = denied
    if (at[key] === denied) return
    at = at[key] as typeof at
  }
  throw new Error(`there is an error at ${path.join('.')}, which has a value`)
}

/** Replaces connections by lists. */
function withoutNodes(value: Record<string, unknown>): Values {
  const isConnection = (each: unknown): each is { nodes: Value } =>
    typeof each === 'object' && each !== null && 'nodes' in each
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isConnection(each) ? each.nodes : (each as Value)]),
  )
}

/** Without a configuration, the values in it are unknown, not unset. */
function withUnknownConfig(typeName: string, values: Values): Values {
  const entries = fieldsOf(typeName).map((field): [string, Value] => {
    const value = values[field.name] as Value
    const isConfig = /`(config\b|backing\.changeId)/.test(field.description)
    if (value === null && isConfig) return [field.name, unknown]
    const isPart = field.kind === 'part' && !field.isList && value !== null && !isUnknown(value)
    return [field.name, isPart ? withUnknownConfig(field.typeName, value as Values) : value]
  })
  return Object.fromEntries(entries)
}

function samplesOf(objects: ObjectGraph['objects'], roots: ObjectGraph['roots']): ObjectGraph['samples'] {
  const samples = new Map<string, Set<boolean | number | string>>()
  const collect = (typeName: string, values: Values): void => {
    for (const field of fieldsOf(typeName)) {
      const name = `${typeName}.${field.name}`
      const known = samples.get(name) ?? new Set()
      samples.set(name, known)
      for (const value of [values[field.name]].flat() as Value[]) {
        if (value === null || value === undefined || isUnknown(value)) continue
        if (field.kind === 'leaf') known.add(value as string)
        else if (field.kind === 'part') collect(field.typeName, value as Values)
      }
    }
  }
  for (const [typeName, ids] of roots) for (const id of ids) collect(typeName, objects.get(id) as Values)
  return new Map([...samples].map(([name, values]) => [name, [...values]]))
}
