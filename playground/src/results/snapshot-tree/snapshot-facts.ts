// What a snapshot tree says about its snapshots: ages, and the sum, the oldest and the current one in words.

import { formatBytes, formatNumber } from '../values/format.ts'
import { flatten, type SnapshotItem, type SnapshotTree } from './build-tree.ts'

/** Returns the age in seconds: as reported, or else by the clock of the browser. */
export function ageOf({ ageSeconds, createdAt }: SnapshotItem, now: number): number | undefined {
  if (ageSeconds !== undefined) return ageSeconds
  const created = createdAt === undefined ? Number.NaN : Date.parse(createdAt)
  return Number.isNaN(created) ? undefined : Math.max(0, (now - created) / 1000)
}

/** Describes a tree in a sentence for each fact that is selected. */
export function describeTree({ roots, detached }: SnapshotTree, now: number): string {
  const items = flatten(roots).map(({ node }) => node.item)
  const sizes = items.map(({ size }) => size)
  const known = sizes.filter((size): size is number => typeof size === 'number')
  const ages = items.map((item) => ageOf(item, now)).filter((age) => age !== undefined)
  const current = items.find(({ isCurrent }) => isCurrent)
  const unknown = sizes.filter((size) => size === null).length
  const sentences = [
    `${items.length} ${items.length === 1 ? 'snapshot' : 'snapshots'}.`,
    known.length > 0 &&
      `${formatBytes(known.reduce((sum, size) => sum + size, 0))} in all${unknown > 0 ? `, without ${unknown} of unknown size` : ''}.`,
    ages.length > 0 && `The oldest is ${formatNumber(Math.max(...ages), 'seconds')} old.`,
    current && `The virtual machine runs on “${current.name}”.`,
    detached > 0 &&
      `${detached} of them ${detached === 1 ? 'is' : 'are'} based on snapshots that are not in this list.`,
  ]
  return sentences.filter(Boolean).join(' ')
}
