// The questions that the start page answers with one click.

import { exampleById } from '../examples/groups.ts'
import type { Example } from '../settings.ts'

export interface StartingPoint {
  readonly title: string
  readonly description: string
  readonly example: Example
  readonly variables?: Readonly<Record<string, unknown>>
}

const candidates = [
  {
    title: 'All virtual machines',
    description: 'By power state, with host, memory and addresses.',
    id: 'inventory/all-machines',
  },
  {
    title: 'Five largest snapshots',
    description: 'Of those that are older than a week.',
    id: 'snapshots/old-snapshots',
    variables: { seconds: 604_800, first: 5 },
  },
  {
    title: 'Allocated blocks of a disk',
    description: 'Where a disk has data, as a map.',
    id: 'backup/allocated-blocks',
  },
  {
    title: 'Fullest datastores',
    description: 'Those with the smallest share of free space first.',
    id: 'capacity/fullest-datastores',
  },
  {
    title: 'What failed, and who did it',
    description: 'Tasks of the last day, with the reason.',
    id: 'history/running-and-failed-tasks',
  },
]

/** Those whose examples the gateway has. */
export const startingPoints: readonly StartingPoint[] = candidates.flatMap(({ id, ...point }) => {
  const example = exampleById(id)
  return example ? [{ ...point, example }] : []
})

/** Whether it can run without further input: it only reads, and has all variables. */
export const isComplete = ({ example, variables = example.variables ?? {} }: StartingPoint): boolean =>
  example.kind === 'query' && !Object.values(variables).includes(null)
