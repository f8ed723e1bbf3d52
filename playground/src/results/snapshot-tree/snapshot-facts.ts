// What a snapshot tree says about its snapshots: ages, and the sum, the oldest and the current one in words.

import { formatBytes, formatNumber } from '../values/format.ts'
import { flatten, type SnapshotItem, type SnapshotTree } from './build-tree.ts'

/** Returns the age in seconds: as reported, or else by the clock of the browser. */
export function ageOf({ ageSeconds, createdAt }: SnapshotItem, now: number): number | undefined {
  if (ageSeconds !== undefined) return ageSeconds
  const created = createdAt === undefined ? Number.NaN : Date.parse(createdAt)
  return Number.isNaN(created) ? undefined : Math.max(0, (now - created) / 1000)
}

/** Describes a tree in a sentence for each fact that is selected, which says how many snapshots it is about if not about all. */
export function describeTree({ roots, detached }: SnapshotTree, now: number): string {
  const items = flatten(roots).map(({ node }) => node.item)
  const current = items.find(({ isCurrent }) => isCurrent)
  // A selection of children has a fixed number of levels.
  const cut = items.some(({ children }) => children) ? items.filter(({ children }) => !children).length : 0
  const sentences = [
    `${items.length} ${items.length === 1 ? 'snapshot' : 'snapshots'}.`,
    describeSizes(items.map(({ size }) => size)),
    describeAges(items.map((item) => ageOf(item, now))),
    current && `The virtual machine runs on “${current.name}”.`,
    detached > 0 &&
      `${detached} of them ${detached === 1 ? 'is' : 'are'} based on snapshots that are not in this list.`,
    cut > 0 && `The children of ${cut} of them are not selected.`,
  ]
  return sentences.filter(Boolean).join(' ')
}

function describeSizes(sizes: readonly SnapshotItem['size'][]): string | undefined {
  const known = sizes.filter((size): size is number => typeof size === 'number')
  if (known.length === 0) return undefined
  const sum = formatBytes(known.reduce((total, size) => total + size, 0))
  if (sizes.includes(undefined)) return `${sum} in ${known.length} of them.`
  const unknown = sizes.length - known.length
  return `${sum} in all${unknown > 0 ? `, without ${unknown} of unknown size` : ''}.`
}

function describeAges(ages: readonly (number | undefined)[]): string | undefined {
  const known = ages.filter((age) => age !== undefined)
  if (known.length === 0) return undefined
  const oldest = formatNumber(Math.max(...known), 'seconds')
  return known.length === ages.length
    ? `The oldest is ${oldest} old.`
    : `The age of ${known.length} of them is known; the oldest of these is ${oldest} old.`
}
