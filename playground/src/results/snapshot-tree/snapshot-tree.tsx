// Snapshots as a tree: what is based on what, with age, size and creator, and a mark for the one that the machine runs on.

import './snapshot-tree.css'
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { Picture } from '../picture/picture.tsx'
import { formatAge, formatBytes } from '../values/format.ts'
import { flatten, type SnapshotNode, type SnapshotTree } from './build-tree.ts'
import { ageOf, describeTree } from './snapshot-facts.ts'

export interface SnapshotTreeProps {
  readonly title: ReactNode
  readonly tree: SnapshotTree
  readonly table: () => ReactNode
  /** Whether more is selected of the snapshots than the tree shows. */
  readonly isPartial: boolean
  /** The time to which ages refer, in milliseconds since the epoch. */
  readonly now: number
  /** What can be done with a snapshot, such as a menu of its id. */
  readonly actions?: ((node: SnapshotNode) => ReactNode) | undefined
}

interface TreeState {
  readonly largest: number
  readonly hasCreators: boolean
  readonly now: number
  /** Positions of snapshots in the whole tree, which outlast its nodes: these are read again when a page joins the result. */
  readonly collapsed: ReadonlySet<number>
  readonly focused: number
  readonly indexOf: (node: SnapshotNode) => number
  readonly onFocus: (index: number) => void
  readonly toggle: (index: number) => void
  readonly actions: SnapshotTreeProps['actions']
}

export function SnapshotTreePicture({ title, tree, table, isPartial, now, actions }: SnapshotTreeProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set())
  const [focused, setFocused] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const all = flatten(tree.roots)
  const indexes = new Map(all.map(({ node }, index) => [node, index]))
  const indexOf = (node: SnapshotNode) => indexes.get(node)!
  const visible = flatten(tree.roots, (node) => collapsed.has(indexOf(node)))
  const itemAt = (index: number) => list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)
  const focus = (node: SnapshotNode | undefined) => node && itemAt(indexOf(node))?.focus()
  const toggle = (index: number) => {
    const next = new Set(collapsed)
    if (!next.delete(index)) next.add(index)
    setCollapsed(next)
    // The focus may be below the snapshot, where it would be lost, or at the button, where the arrow keys do nothing.
    itemAt(index)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const at = visible.findIndex(({ node }) => indexOf(node) === focused)
    const current = visible[at]
    if (!current || event.target !== itemAt(focused)) return
    const isOpen = current.node.children.length > 0 && !collapsed.has(focused)
    const parent = visible.slice(0, at).findLast(({ level }) => level < current.level)
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(visible[at + 1]?.node),
      ArrowUp: () => focus(visible[at - 1]?.node),
      Home: () => focus(visible[0]?.node),
      End: () => focus(visible.at(-1)?.node),
      ArrowRight: () => (collapsed.has(focused) ? toggle(focused) : focus(current.node.children[0])),
      ArrowLeft: () => (isOpen ? toggle(focused) : focus(parent?.node)),
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }
  const largest = Math.max(0, ...all.map(({ node }) => node.item.size ?? 0))
  const hasCreators = all.some(({ node }) => typeof node.item.createdBy === 'string')
  const state = {
    largest,
    hasCreators,
    now,
    collapsed,
    focused,
    indexOf,
    onFocus: setFocused,
    toggle,
    actions,
  }
  return (
    <Picture
      kind="snapshot-tree"
      title={title}
      caption={describeTree(tree, now)}
      table={table}
      isPartial={isPartial}
    >
      <div
        className="rv-snapshot-tree"
        data-creators={hasCreators}
        role="tree"
        aria-label="Snapshots"
        ref={list}
        onKeyDown={onKeyDown}
      >
        {tree.roots.map((node) => (
          <Item key={indexOf(node)} node={node} level={1} state={state} />
        ))}
      </div>
    </Picture>
  )
}

interface ItemProps {
  readonly node: SnapshotNode
  readonly level: number
  readonly state: TreeState
}

function Item({ node, level, state }: ItemProps) {
  const { item, children } = node
  const index = state.indexOf(node)
  const isOpen = !state.collapsed.has(index)
  return (
    <div
      role="treeitem"
      data-index={index}
      tabIndex={state.focused === index ? 0 : -1}
      onFocus={(event) => event.target === event.currentTarget && state.onFocus(index)}
      aria-level={level}
      aria-expanded={children.length > 0 ? isOpen : undefined}
      aria-current={item.isCurrent ? 'true' : undefined}
    >
      <div className="rv-snapshot-row">
        <span className="rv-snapshot-name" style={{ paddingLeft: `${(level - 1) * 20}px` }}>
          {children.length > 0 ? (
            <button type="button" tabIndex={-1} aria-hidden="true" onClick={() => state.toggle(index)}>
              {isOpen ? '▾' : '▸'}
            </button>
          ) : (
            <i aria-hidden="true">•</i>
          )}
          <strong>{item.name}</strong>
          {item.isCurrent && <em className="rv-snapshot-current">current</em>}
          {state.actions?.(node)}
        </span>
        <Facts node={node} state={state} />
      </div>
      {children.length > 0 && isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset groups the controls of a form, not the items of a tree.
        <div role="group">
          {children.map((child) => (
            <Item key={state.indexOf(child)} node={child} level={level + 1} state={state} />
          ))}
        </div>
      )}
    </div>
  )
}

function Facts({ node: { item }, state: { now, largest, hasCreators } }: Pick<ItemProps, 'node' | 'state'>) {
  const age = ageOf(item, now)
  return (
    <>
      <span className="rv-snapshot-age" title={item.createdAt}>
        {age !== undefined && formatAge(now - age * 1000, now)}
      </span>
      <span
        className="rv-snapshot-size"
        title={typeof item.size === 'number' ? `${item.size} bytes` : undefined}
      >
        {typeof item.size === 'number' && largest > 0 && (
          <i style={{ width: `${(60 * item.size) / largest}%` }} aria-hidden="true" />
        )}
        {item.size === null ? 'size unknown' : item.size !== undefined && formatBytes(item.size)}
      </span>
      {hasCreators && <span className="rv-snapshot-creator">{item.createdBy}</span>}
    </>
  )
}
