// The text of an operation that is written for the user.

import {
  type GraphQLNamedType,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
  print,
} from 'graphql'
import { isList } from './argument-names.ts'

/** The most fields that a new operation selects. */
const maxFields = 12
const firstFields = ['id', 'name', 'label', 'path']

/** Selects leaves without arguments, names first, or of an object without leaves those of its lists. */
export function selectionOf(type: GraphQLNamedType, depth = 0): string {
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && !field.deprecationReason,
  )
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name)
  const sorted = [
    ...firstFields.filter((name) => leaves.includes(name)),
    ...leaves.filter((name) => !firstFields.includes(name)),
  ]
  const lists = fields.filter((field) => isObjectType(getNamedType(field.type)) && isList(field.type))
  const nested = depth === 0 && leaves.length < 8 && !leaves.includes('name') ? lists.slice(0, 1) : []
  return `{ ${[
    ...sorted.slice(0, maxFields),
    ...nested.map((field) => `${field.name} ${selectionOf(getNamedType(field.type), depth + 1)}`),
  ].join(' ')} }`
}

export const pretty = (query: string): string => `${print(parse(query))}\n`
