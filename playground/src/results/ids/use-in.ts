// Finds where an id can be used: examples with a variable for it, and fields of the schema with an argument for it.

import { type GraphQLSchema, isObjectType } from 'graphql'
import { exampleUses } from './example-uses.ts'
import { fieldUses } from './field-uses.ts'
import { mapUse } from './map-use.ts'
import type { Use, UseExample } from './use.ts'

/**
 * Returns the uses of the id of an object of this type: the map, the examples and the fields, of both first those that are about objects
 * of the type and change nothing.
 */
export function usesOfId(
  schema: GraphQLSchema,
  typeName: string,
  id: string,
  examples: readonly UseExample[],
): Use[] {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return []
  return [
    mapUse(schema, type, id) ?? [],
    bestFirst(exampleUses(schema, type, id, examples)),
    bestFirst(fieldUses(schema, type, id)),
  ].flat()
}

const bestFirst = (uses: readonly Use[]): Use[] => uses.toSorted((a, b) => rankOf(a) - rankOf(b))

const rankOf = ({ isExact, isMutation }: Use): number => (isMutation ? 2 : 0) + (isExact ? 0 : 1)
