// The examples by purpose.

import { type Example, settings } from '../settings.ts'

/** The title of each folder of schema/operations, in the order of the panel. */
const titles: Readonly<Record<string, string>> = {
  inventory: 'Inventory',
  network: 'Networks and addresses',
  capacity: 'Capacity',
  snapshots: 'Snapshots',
  backup: 'Backup',
  captures: 'Backup with captures',
  live: 'Live',
  history: 'History and alarms',
  power: 'Power and permissions',
}

export interface ExampleGroup {
  readonly id: string
  readonly title: string
  readonly examples: readonly Example[]
}

export const groupTitle = (id: string): string => titles[id] ?? (id || 'Examples')

/** Groups without examples are omitted, as in read-only mode. */
export function groupExamples(examples: readonly Example[]): ExampleGroup[] {
  const known = Object.keys(titles)
  const others = new Set(examples.map(({ group }) => group).filter((group) => !known.includes(group)))
  return [...known, ...others]
    .map((id) => ({
      id,
      title: groupTitle(id),
      examples: examples.filter(({ group }) => group === id),
    }))
    .filter((group) => group.examples.length > 0)
}

export const exampleById = (id: string): Example | undefined =>
  settings.examples.find((example) => example.id === id)
