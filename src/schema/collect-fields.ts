// Collects the fields of a selection exactly as Yoga's executor does, from the variables that resolvers have.

import {
  collectFields as collectFieldsOf,
  collectSubFields as collectSubFieldsOf,
} from '@graphql-tools/utils'
import type { FieldNode, GraphQLObjectType, GraphQLResolveInfo, SelectionSetNode } from 'graphql'

type SelectionInfo = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>

type CollectedFields = ReadonlyMap<string, FieldNode[]>

interface VariableValues {
  readonly coerced: Record<string, unknown>
  readonly sources: Record<string, never>
}

/** The same object for the same variables, since collectSubFields remembers its results by it. */
const wrapped = new WeakMap<object, VariableValues>()

function wrap(coerced: Record<string, unknown>): VariableValues {
  const known = wrapped.get(coerced)
  if (known) return known
  const values = { coerced, sources: {} }
  wrapped.set(coerced, values)
  return values
}

/** Returns the fields of a selection set, by response name. */
export const collectFields = (
  { schema, fragments, variableValues }: SelectionInfo,
  type: GraphQLObjectType,
  selectionSet: SelectionSetNode,
): CollectedFields => collectFieldsOf(schema, fragments, wrap(variableValues), type, selectionSet).fields

/** Returns the fields that the nodes of one field select together, by response name. */
export const collectSubFields = (
  { schema, fragments, variableValues }: SelectionInfo,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): CollectedFields =>
  collectSubFieldsOf(schema, fragments, wrap(variableValues), type, nodes as FieldNode[]).fields
