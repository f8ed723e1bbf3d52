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
const known = new WeakMap<readonly FieldNode[], number>()

/** Of an object that can be of several types, as many as of the one that has most. */
export function selectedValues({
  schema,
  fragments,
  variableValues,
  returnType,
  fieldNodes,
}: GraphQLResolveInfo): number {
  const before = known.get(fieldNodes)
  if (before !== undefined) return before
  const type = getNamedType(returnType)
  const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : []
  const values = types.map((each) => {
    const { fields } = collectSubFields(schema, fragments, variableValues, each, [...fieldNodes])
    return [...fields.values()].filter(([node]) => isPlain(each, node)).length
  })
  const most = Math.max(0, ...values)
  known.set(fieldNodes, most)
  return most
}

const isPlain = (type: GraphQLObjectType, node: FieldNode | undefined): boolean =>
  !isCompositeType(getNamedType(type.getFields()[node?.name.value ?? '']?.type))
