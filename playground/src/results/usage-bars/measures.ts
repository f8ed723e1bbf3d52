// Which fields of an object are a part of a whole, such as free space of a capacity, and how much of it is used.

import { rawField, type TypedObject } from '../typed/typed-value.ts'
import type { Unit } from '../typed/units.ts'

/** A used part of a whole. */
export interface Measure {
  readonly name: string
  /** Used part, from 0. It can exceed 1, such as for CPU with turbo frequencies. */
  readonly share: number
  /** Undefined if only the share is selected. */
  readonly used: number | undefined
  readonly whole: number | undefined
  readonly unit: Unit | undefined
}

interface Pair {
  readonly name: string
  readonly whole: string
  readonly used: string
  readonly isFree?: boolean
  readonly unit: Unit
}

/** Names of fields in the schema. The first pair of a name that an object has counts. */
const pairs: readonly Pair[] = [
  { name: 'Space', whole: 'capacity', used: 'usedSpace', unit: 'bytes' },
  { name: 'Space', whole: 'capacity', used: 'freeSpace', isFree: true, unit: 'bytes' },
  { name: 'CPU', whole: 'totalCpu', used: 'cpuUsage', unit: 'megahertz' },
  { name: 'CPU', whole: 'maxCpuUsage', used: 'cpuUsage', unit: 'megahertz' },
  { name: 'CPU demand', whole: 'cpuCapacity', used: 'cpuDemand', unit: 'megahertz' },
  { name: 'CPU reserved', whole: 'cpuCapacity', used: 'cpuReservation', unit: 'megahertz' },
  { name: 'Memory', whole: 'memory', used: 'memoryUsage', unit: 'bytes' },
  { name: 'Memory', whole: 'maxMemoryUsage', used: 'memoryUsage', unit: 'bytes' },
  { name: 'Memory demand', whole: 'memoryCapacity', used: 'memoryDemand', unit: 'bytes' },
  { name: 'Memory reserved', whole: 'memoryCapacity', used: 'memoryReservation', unit: 'bytes' },
]

const percentages = [
  { name: 'Space', field: 'freePercent', isFree: true },
  { name: 'CPU', field: 'cpuUsagePercent', isFree: false },
  { name: 'Memory', field: 'memoryUsagePercent', isFree: false },
]

/** Names of the fields that a bar shows. */
export const measuredFields: ReadonlySet<string> = new Set([
  ...pairs.flatMap(({ whole, used }) => [whole, used]),
  ...percentages.map(({ field }) => field),
])

/** Whether a nested object has no identity, so that its values are values of the object around it. */
const isPartOfParent = (object: TypedObject): boolean =>
  object.fields.every(({ name, value }) => name !== 'id' && name !== 'name' && value.kind !== 'list')

/** Returns what an object says about its usage, at most one measure of each name. */
export function measuresOf(object: TypedObject): Measure[] {
  const parts = object.fields.flatMap(({ value }) =>
    value.kind === 'object' && isPartOfParent(value) ? [value] : [],
  )
  const found = new Map<string, Measure>()
  for (const source of [object, ...parts])
    for (const measure of [...measuredPairs(source), ...measuredPercentages(source)])
      if (!found.has(measure.name)) found.set(measure.name, measure)
  return [...found.values()]
}

const numberOf = (object: TypedObject, field: string): number | undefined => {
  const raw = rawField(object, field)
  return typeof raw === 'number' ? raw : undefined
}

const measuredPairs = (object: TypedObject): Measure[] =>
  pairs.flatMap(({ name, whole, used, isFree, unit }) => {
    const [all, part] = [numberOf(object, whole), numberOf(object, used)]
    if (all === undefined || part === undefined || all <= 0) return []
    const taken = isFree ? all - part : part
    return [{ name, share: taken / all, used: taken, whole: all, unit }]
  })

const measuredPercentages = (object: TypedObject): Measure[] =>
  percentages.flatMap(({ name, field, isFree }) => {
    const percent = numberOf(object, field)
    if (percent === undefined) return []
    const share = (isFree ? 100 - percent : percent) / 100
    return [{ name, share, used: undefined, whole: undefined, unit: undefined }]
  })

/** From which share on a resource is called high or very high. */
const thresholds = [
  { from: 0.9, level: 'very high' },
  { from: 0.75, level: 'high' },
] as const

export type Level = (typeof thresholds)[number]['level'] | 'normal'

export const levelOf = (share: number): Level =>
  thresholds.find(({ from }) => share >= from)?.level ?? 'normal'
