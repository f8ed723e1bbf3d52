// The view of lists of snapshots from which their tree can be built.

import { useMemo } from 'react'
import { OtherView } from '../picture/other-view.tsx'
import { fieldNamed } from '../typed/typed-value.ts'
import { LeafView } from '../values/leaf.tsx'
import type { View, ViewProps } from '../view.ts'
import type { SnapshotNode } from './build-tree.ts'
import { hasMoreFields, type ReadSnapshot, readTree, treeTitle } from './read-snapshots.ts'
import { SnapshotTreePicture } from './snapshot-tree.tsx'

/** What the table in place of the picture leaves out. */
const ownViews = ['snapshot-tree']

function SnapshotTreeView(props: ViewProps) {
  const { value, context } = props
  const tree = useMemo(() => readTree(value), [value])
  if (!tree) return null
  return (
    <SnapshotTreePicture
      title={treeTitle(value, context.result.root)}
      tree={tree}
      table={() => <OtherView without={ownViews} {...props} />}
      isPartial={hasMoreFields(value)}
      actions={idMenu}
      now={context.run.results.at(-1)?.at ?? context.run.startedAt}
    />
  )
}

/** The menu of the id, if it is selected. */
function idMenu({ item }: SnapshotNode) {
  const { object } = item as ReadSnapshot
  const id = fieldNamed(object, 'id')?.value
  return id && <LeafView value={id} isCompact />
}

export const snapshotTreeView: View = {
  name: 'snapshot-tree',
  matches: (value) => (readTree(value) === undefined ? false : 20),
  component: SnapshotTreeView,
  isPicture: true,
}
