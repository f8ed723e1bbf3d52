// Finds the field of an error in the document.

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLFormattedError,
  getOperationAST,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import type { Path } from '../typed/error-index.ts'

export interface Location {
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** Length of the name of the field. 0 for an error in the syntax. */
  readonly length: number
}

/** Returns where the error is, by its location or else by its path. */
export function locate(
  error: GraphQLFormattedError,
  document: string,
  operationName: string | undefined,
): Location | undefined {
  const [location] = error.locations ?? []
  if (location) return { ...location, length: wordLength(document, location) }
  return error.path && locatePath(error.path, document, operationName)
}

function wordLength(
  document: string,
  { line, column }: { readonly line: number; readonly column: number },
): number {
  return /^\w*/.exec(document.split(/\r\n|[\n\r]/)[line - 1]?.slice(column - 1) ?? '')?.[0].length ?? 0
}

function locatePath(path: Path, document: string, operationName: string | undefined): Location | undefined {
  let found: FieldNode | undefined
  try {
    const parsed = parse(document)
    const fragments = new Map(
      parsed.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    )
    let sets = [getOperationAST(parsed, operationName || null)?.selectionSet]
    for (const key of path) {
      if (typeof key === 'number') continue
      const fields = sets.flatMap((set) => fieldsOf(set, key, fragments, new Set()))
      if (fields.length === 0) break
      found = fields[0]
      sets = fields.map(({ selectionSet }) => selectionSet)
    }
  } catch {
    return undefined
  }
  const token = found?.loc?.startToken
  return token && { line: token.line, column: token.column, length: token.end - token.start }
}

/** The fields with this response key in a selection set and its fragments, of any type. */
function fieldsOf(
  set: SelectionSetNode | undefined,
  key: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  visited: Set<string>,
): FieldNode[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return (selection.alias ?? selection.name).value === key ? [selection] : []
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return fieldsOf(selection.selectionSet, key, fragments, visited)
    const { value } = selection.name
    if (visited.has(value)) return []
    visited.add(value)
    return fieldsOf(fragments.get(value)?.selectionSet, key, fragments, visited)
  })
}
