// Counts the scalar fields that are selected on each object of a field: an executor completes this many values per object.

import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql'
import { collectSubFields } from '../collect-fields.ts'

/** Counts by node list: executors create the node list of a field once and reuse it for all parent objects. */
const countsByNodes = new WeakMap<readonly FieldNode[], number>()

/** Returns the number of selected scalar fields. For an abstract type, returns the maximum over its possible types. */
export function scalarCount(info: GraphQLResolveInfo): number {
  const { schema, returnType, fieldNodes } = info
  const cached = countsByNodes.get(fieldNodes)
  if (cached !== undefined) return cached
  const type = getNamedType(returnType)
  const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : []
  const values = types.map((each) => {
    const fields = collectSubFields(info, each, fieldNodes)
    return [...fields.values()].filter(([node]) => isLeaf(each, node)).length
  })
  const max = Math.max(0, ...values)
  countsByNodes.set(fieldNodes, max)
  return max
}

const isLeaf = (type: GraphQLObjectType, node: FieldNode | undefined): boolean =>
  !isCompositeType(getNamedType(type.getFields()[node?.name.value ?? '']?.type))
