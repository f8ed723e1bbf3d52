// How many plain values are selected of each object that a field gives: what an executor makes of it as often as it is given.

import { collectSubFields } from '@graphql-tools/utils'
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql'

/** Executors make the list of a field's nodes once for all the objects that it belongs to. */
const countsByNodes = new WeakMap<readonly FieldNode[], number>()

/** Of an object that can be of several types, as many as of the one that has most. */
export function scalarCount({
  schema,
  fragments,
  variableValues,
  returnType,
  fieldNodes,
}: GraphQLResolveInfo): number {
  const cached = countsByNodes.get(fieldNodes)
  if (cached !== undefined) return cached
  const type = getNamedType(returnType)
  const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : []
  const values = types.map((each) => {
    const { fields } = collectSubFields(schema, fragments, variableValues, each, [...fieldNodes])
    return [...fields.values()].filter(([node]) => isLeaf(each, node)).length
  })
  const max = Math.max(0, ...values)
  countsByNodes.set(fieldNodes, max)
  return max
}

const isLeaf = (type: GraphQLObjectType, node: FieldNode | undefined): boolean =>
  !isCompositeType(getNamedType(type.getFields()[node?.name.value ?? '']?.type))
