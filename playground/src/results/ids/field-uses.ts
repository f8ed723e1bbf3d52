// The fields of queries and subscriptions with an argument for an id. Changes are only offered as examples, which say what they do.

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isRequiredArgument,
} from 'graphql'
import { isList, matchesName } from './argument-names.ts'
import { pretty, selectionOf } from './new-operation.ts'
import type { Use } from './use.ts'

const roots = ['query', 'subscription'] as const

export const fieldUses = (schema: GraphQLSchema, type: GraphQLObjectType, id: string): Use[] =>
  roots.flatMap((root) =>
    Object.values(schema.getRootType(root as never)?.getFields() ?? {}).flatMap(
      (field) => toUse(field, root, type, id) ?? [],
    ),
  )

function toUse(
  field: GraphQLField<unknown, unknown>,
  root: (typeof roots)[number],
  type: GraphQLObjectType,
  id: string,
): Use | undefined {
  const argument = argumentFor(field, type)
  if (!argument) return undefined
  const returned = getNamedType(field.type)
  const selection = selectionOf(isInterfaceType(returned) ? type : returned)
  const selected = isInterfaceType(returned) ? `{ __typename ... on ${type.name} ${selection} }` : selection
  const name = field.name.charAt(0).toUpperCase() + field.name.slice(1)
  return {
    title: titleOf(field, root),
    description: field.description ?? '',
    group: 'Fields',
    isExact: argument.isExact,
    isMutation: false,
    // The tab has the name of the operation.
    tab: {
      query: pretty(`${root} ${name}($id: ID!) { ${field.name}(${argument.text}) ${selected} }`),
      variables: { id },
    },
  }
}

function titleOf({ name }: GraphQLField<unknown, unknown>, root: (typeof roots)[number]): string {
  if (root === 'subscription') return `${name} (live)`
  return name === 'node' ? 'Look it up by id (node)' : name
}

/** The argument of a field for an object of the type, if it needs no other. */
function argumentFor(
  field: GraphQLField<unknown, unknown>,
  type: GraphQLObjectType,
): { readonly text: string; readonly isExact: boolean } | undefined {
  const exact = [type.name]
  const names = [...exact, ...type.getInterfaces().map((each) => each.name)]
  const required = field.args.filter(isRequiredArgument)
  if (required.length > 1) return undefined
  const returned = getNamedType(field.type)
  for (const { name, type: input } of field.args) {
    if (required.length === 1 && required[0]?.name !== name) continue
    const inputName = getNamedType(input).name
    if (name === 'by' && inputName === `${type.name}By` && returned.name === type.name)
      return { text: 'by: { id: $id }', isExact: true }
    if (inputName !== 'ID' || isList(input)) continue
    const takes = (of: readonly string[]) =>
      name === 'id' ? of.includes(returned.name) : matchesName(name, of)
    if (takes(names)) return { text: `${name}: $id`, isExact: takes(exact) }
  }
  return undefined
}
