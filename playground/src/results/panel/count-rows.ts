// Counts the rows of a result: the objects of its outermost lists.

import { fieldNamed, type TypedValue } from '../typed/typed-value.ts'

export function countRows(value: TypedValue): number {
  if (value.kind === 'list') return value.items.some(({ kind }) => kind === 'object') ? value.raw.length : 0
  if (value.kind !== 'object') return 0
  // nodes and edges of a connection are the same rows; its coverage and its groups are not rows of it.
  const nodes = fieldNamed(value, 'nodes') ?? fieldNamed(value, 'edges')
  if (nodes) return countRows(nodes.value)
  return value.fields.reduce((sum, field) => sum + countRows(field.value), 0)
}
