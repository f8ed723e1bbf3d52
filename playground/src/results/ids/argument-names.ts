// Whether an argument or an input field takes the id of an object of a type.

import { isListType, isNonNullType } from 'graphql'

export const isList = (type: unknown): boolean => isListType(isNonNullType(type) ? type.ofType : type)

/** Whether the name of an argument means the type or one of its interfaces: `disk` is a VirtualDisk, `entities` are of ManagedEntity. */
export function matchesName(name: string, typeNames: readonly string[]): boolean {
  const singular = name
    .replace(/ies$/, 'y')
    .replace(/(?<!s)s$/, '')
    .replace(/Ids?$/, '')
    .toLowerCase()
  return typeNames.some((each) => each.toLowerCase().endsWith(singular))
}
