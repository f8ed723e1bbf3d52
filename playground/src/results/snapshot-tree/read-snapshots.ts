// Reads snapshots of a result for the tree.

import { nameOf } from '../disk-map/same-disk.ts'
import type { TypedObject, TypedValue } from '../typed/typed-value.ts'
import { fieldNamed, rawField, valueAt } from '../typed/typed-value.ts'
import { buildTree, type SnapshotItem } from './build-tree.ts'

/** A snapshot with its value in the result. */
export interface ReadSnapshot extends SnapshotItem {
  readonly object: TypedObject
}

/** Names of fields that the tree shows. */
const shownFields: ReadonlySet<string> = new Set([
  'id',
  'name',
  'path',
  'depth',
  'parent',
  'children',
  'ageSeconds',
  'createdAt',
  'createdBy',
  'size',
  'isCurrent',
])

/** Returns the snapshots of a list, or undefined if it is not a list of snapshots with their names. */
function readSnapshots(value: TypedValue): ReadSnapshot[] | undefined {
  if (value.kind !== 'list' || value.items.length === 0) return undefined
  const snapshots = value.items.flatMap((item) => {
    const read = item.kind === 'object' && item.typeName === 'Snapshot' ? readSnapshot(item) : undefined
    return read ? [read] : []
  })
  return snapshots.length === value.items.length ? snapshots : undefined
}

function readSnapshot(object: TypedObject): ReadSnapshot | undefined {
  const path = stringOf(object, 'path')
  const name = stringOf(object, 'name') ?? path?.split('/').at(-1)
  if (name === undefined) return undefined
  const parent = fieldNamed(object, 'parent')?.value
  const children = fieldNamed(object, 'children')?.value
  const size = rawField(object, 'size')
  const createdBy = rawField(object, 'createdBy')
  const isCurrent = rawField(object, 'isCurrent')
  const ageSeconds = rawField(object, 'ageSeconds')
  return {
    object,
    name,
    path,
    id: stringOf(object, 'id'),
    parentId: parent?.kind === 'object' ? stringOf(parent, 'id') : parent?.raw === null ? null : undefined,
    children: children?.kind === 'list' ? (readSnapshots(children) ?? []) : undefined,
    ageSeconds: typeof ageSeconds === 'number' ? ageSeconds : undefined,
    createdAt: stringOf(object, 'createdAt'),
    createdBy: typeof createdBy === 'string' ? createdBy : undefined,
    size: typeof size === 'number' || size === null ? size : undefined,
    isCurrent: isCurrent === true,
  }
}

const stringOf = (object: TypedObject, name: string): string | undefined => {
  const raw = rawField(object, name)
  return typeof raw === 'string' ? raw : undefined
}

/** Returns the tree of a list of snapshots. None if the list has an order of its own, which a tree would lose. */
export function readTree(value: TypedValue) {
  const snapshots = readSnapshots(value)
  if (!snapshots) return undefined
  const isOrdered = value.nodes.some(
    (node) => node.kind === 'Field' && node.arguments?.some(({ name }) => name.value === 'orderBy'),
  )
  return isOrdered ? undefined : buildTree(snapshots)
}

/** Names the tree by the object that the list is of, if its name is selected. */
export function treeTitle({ path }: TypedValue, root: TypedValue | undefined): string {
  const owner = root && valueAt(root, path.slice(0, -1))
  const name = owner?.kind === 'object' ? nameOf(owner) : undefined
  return name === undefined ? 'Snapshots' : `Snapshots of ${name}`
}

/** Whether more is selected than the tree shows. */
export const hasMoreFields = (value: TypedValue): boolean =>
  value.kind === 'list' &&
  value.items.some(
    (item) =>
      item.kind === 'object' &&
      item.fields.some((field) =>
        field.name === 'children'
          ? hasMoreFields(field.value)
          : !shownFields.has(field.name) && field.name !== '__typename',
      ),
  )
