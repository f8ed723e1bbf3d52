// Appends a page to the connection of an earlier result, with its errors.

import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import type { Path } from '../typed/error-index.ts'
import { fieldNamed, type TypedObject } from '../typed/typed-value.ts'

type Json = Readonly<Record<string, unknown>>

export interface AppendInput {
  /** The result to append to. It may have pages of other lists since the page was requested. */
  readonly result: ExecutionResult
  /** The connection as it was when the page was requested. */
  readonly connection: TypedObject
  readonly page: ExecutionResult
  /** Where the connection is in `page`. */
  readonly pagePath: Path
}

/** Returns the result with the rows of the page, or why the page has none. Rows whose id is there already are left out. */
export function appendPage({
  result,
  connection,
  page,
  pagePath,
}: AppendInput): ExecutionResult | { readonly reason: string } {
  const next = valueAtPath(page.data, pagePath)
  if (typeof next !== 'object' || next === null)
    return { reason: page.errors?.[0]?.message ?? 'The object no longer exists.' }
  const current = valueAtPath(result.data, connection.path) as Json
  if (hasMoreRows(current, connection)) return result
  const merged: Record<string, unknown> = { ...current }
  const moved = new Map<string, readonly number[]>()
  for (const { key, name } of connection.fields) {
    const [before, after] = [current[key], (next as Json)[key]]
    if (Array.isArray(before) && Array.isArray(after)) {
      const { rows, positions } =
        name === 'coverage' ? mergeCoverage(before, after) : union(before, after, idKey(connection, name))
      merged[key] = rows
      moved.set(key, positions)
    } else if ((name === 'nodes' || name === 'edges') && after === null)
      return { reason: page.errors?.[0]?.message ?? 'The next page cannot be read.' }
  }
  const info = fieldNamed(connection, 'pageInfo')
  if (info)
    merged[info.key] = { ...(current[info.key] as Json), ...pageFields(info.value, (next as Json).pageInfo) }
  const errors = [
    ...(result.errors ?? []),
    ...((page.errors ?? []) as readonly GraphQLFormattedError[]).map((error) =>
      moveError(error, pagePath, connection.path, moved),
    ),
  ]
  return {
    ...result,
    data: replaceAt(result.data, connection.path, merged) as Json,
    ...(errors.length > 0 && { errors: errors as never }),
  }
}

/** Whether this page was appended by a button that was removed from the view meanwhile, and the new one requested it again. */
const hasMoreRows = (current: Json, { fields, raw }: TypedObject): boolean =>
  fields.some(({ key, name }) => {
    const [now, then] = [current[key], raw[key]]
    return (
      (name === 'nodes' || name === 'edges') &&
      Array.isArray(now) &&
      Array.isArray(then) &&
      now.length > then.length
    )
  })

/** The response keys of the id in a row: `id`, or `node.id` of an edge. */
function idKey(connection: TypedObject, listName: string): readonly string[] | undefined {
  const list = fieldNamed(connection, listName)?.value
  const row = list?.kind === 'list' ? list.items.find(({ kind }) => kind === 'object') : undefined
  if (row?.kind !== 'object') return undefined
  const node = listName === 'edges' ? fieldNamed(row, 'node') : undefined
  const owner = node?.value.kind === 'object' ? node.value : row
  const id = fieldNamed(owner, 'id') ?? (owner === row ? fieldNamed(row, 'cursor') : undefined)
  return id && (node ? [node.key, id.key] : [id.key])
}

function union(before: readonly unknown[], after: readonly unknown[], id: readonly string[] | undefined) {
  const rows = [...before]
  const idOf = (row: unknown) => id && valueAtPath(row, id)
  const known = new Set<unknown>(before.map(idOf).filter((each) => each !== undefined && each !== null))
  const positions = after.map((row) => {
    const key = idOf(row)
    if (key !== undefined && key !== null && known.has(key)) return -1
    known.add(key)
    return rows.push(row) - 1
  })
  return { rows, positions }
}

/** The coverage of all pages together: incomplete if one is. */
function mergeCoverage(before: readonly unknown[], after: readonly unknown[]) {
  const rows = before.map((old, index) => {
    const [a, b] = [old as Json, (after[index] ?? old) as Json]
    return a.isComplete === false ? a : b
  })
  return { rows: [...rows, ...after.slice(before.length)], positions: after.map((_, index) => index) }
}

/** The fields of pageInfo that the first page selected, under its keys. The page of the next request has them under their names. */
function pageFields(info: TypedObject | { readonly kind: string }, next: unknown): Json {
  if (!('fields' in info) || typeof next !== 'object' || next === null) return {}
  return Object.fromEntries(
    info.fields.flatMap(({ key, name }) =>
      (name === 'hasNextPage' || name === 'endCursor') && name in next ? [[key, (next as Json)[name]]] : [],
    ),
  )
}

/** Moves the path of an error from the page to where its row is now. */
function moveError(
  error: GraphQLFormattedError,
  pagePath: Path,
  path: Path,
  moved: ReadonlyMap<string, readonly number[]>,
): GraphQLFormattedError {
  const [list, index, ...below] = (error.path ?? []).slice(pagePath.length)
  const position = typeof index === 'number' ? moved.get(String(list))?.[index] : undefined
  const { message, extensions } = error
  // Locations would be those of another document.
  return {
    message,
    ...(extensions && { extensions }),
    path: position === undefined || list === undefined ? path : [...path, list, position, ...below],
  }
}

function valueAtPath(root: unknown, path: Path): unknown {
  let value = root
  for (const key of path) value = (value as Record<string | number, unknown> | null | undefined)?.[key]
  return value
}

function replaceAt(root: unknown, path: Path, value: unknown): unknown {
  const [key, ...below] = path
  if (key === undefined) return value
  if (Array.isArray(root))
    return root.map((item, index) => (index === key ? replaceAt(item, below, value) : item))
  return { ...(root as Json), [key]: replaceAt((root as Json)[key], below, value) }
}
