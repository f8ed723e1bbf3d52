// Collects every property path that the schema's fields request from a vCenter, by selecting all fields.

import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  isObjectType,
} from 'graphql'
import { buildSchema } from '../../src/schema/schema.ts'
import type { DataObject } from '../../src/soap/vim-types.ts'
import { startGateway } from '../test-gateway.ts'

interface RequestedPath {
  readonly type: string
  readonly path: string
}

type Spec = DataObject<'PropertyFilterSpec'>
type Selection = DataObject<'SelectionSpec'> & Partial<DataObject<'TraversalSpec'>>

/** Maps of changed areas and events of objects are separate calls without paths; edges lead to the nodes. */
const isExcluded = (name: string): boolean => /Areas$|^edges$|^events$/.test(name)

const needsArguments = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.some(({ type, defaultValue }) => String(type).endsWith('!') && defaultValue === undefined)

function selectionOf(type: GraphQLNamedType, depth: number): string {
  if (!isObjectType(type)) return '__typename'
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (needsArguments(field) || isExcluded(field.name)) return []
    const named = getNamedType(field.type)
    if (!isCompositeType(named)) return [field.name]
    const isWrapping = /Connection$|Edge$/.test(named.name)
    if (depth === 0 && !isWrapping) return []
    const below = selectionOf(named, isWrapping ? depth : depth - 1)
    return below === '' ? [] : [`${field.name} { ${below} }`]
  })
  return ['__typename', ...fields].join(' ')
}

/** Paths that filters, orders, lookups and mutations read in addition to the fields. */
const others = [
  '{ virtualMachines(filter: { name: { glob: "web*" }, powerState: { in: [POWERED_ON] }, changeTracking: { enabled: { eq: false } }, snapshots: { none: {} }, template: { eq: false } }, orderBy: { field: MEMORY, direction: ASC }) { totalCount nodes { moid } } }',
  '{ virtualMachine(by: { path: "/Frankfurt/vm/web/web-02" }) { moid } }',
  'mutation { setChangeTracking(input: { virtualMachine: { name: "web-02" }, enabled: true, activate: true }) { activated task { state } } }',
]

/**
 * Selects all fields of all objects that the root fields list and of their related objects, and runs
 * `others`.
 */
export async function everyRequestedPath(): Promise<readonly RequestedPath[]> {
  const gateway = startGateway({ vms: 5, limits: { objects: 10_000_000, responseValues: 100_000_000 } })
  try {
    for (const field of Object.values(buildSchema().getQueryType()?.getFields() ?? {})) {
      const named = getNamedType(field.type)
      if (needsArguments(field) || !/Connection$/.test(named.name)) continue
      const { data, errors } = await gateway.execute(`{ ${field.name} { ${selectionOf(named, 2)} } }`)
      if (!data?.[field.name] || errors)
        throw new Error(`${field.name}: ${JSON.stringify(errors?.slice(0, 2))}`)
    }
    for (const operation of others) {
      const { errors } = await gateway.execute(operation)
      if (errors) throw new Error(`${operation}: ${JSON.stringify(errors.slice(0, 2))}`)
    }
    const requested = new Map<string, RequestedPath>()
    const add = (type: string | undefined, path: string | undefined) => {
      if (type !== undefined && path !== undefined) requested.set(`${type}.${path}`, { type, path })
    }
    const addSelections = (set: readonly DataObject<'SelectionSpec'>[] = []) => {
      for (const { type, path, selectSet } of set as readonly Selection[]) {
        add(type, path)
        addSelections(selectSet)
      }
    }
    for (const { args } of gateway.simulator.calls) {
      // Paths of retrievals and of update filters.
      const specs = [args.specSet ?? [], args.spec ?? []].flat() as readonly Spec[]
      for (const { propSet = [], objectSet = [] } of specs) {
        for (const { type, pathSet = [] } of propSet) for (const path of pathSet) add(type, path)
        for (const { selectSet } of objectSet) addSelections(selectSet)
      }
    }
    return [...requested.values()]
  } finally {
    await gateway.close()
  }
}
