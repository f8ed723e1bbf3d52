// The single values of an object, and in words which of them changed.

import { isEnumType } from 'graphql'
import { rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { enumLabel, fieldLabel, formatDateTime, formatNumber } from '../values/format.ts'

interface LeafValue {
  /** The value as JSON, to find changes. */
  readonly raw: string
  readonly shown: string
  /** The names of the objects of a list. */
  readonly names?: readonly string[] | undefined
}

/** Values by the path of their field below the object, such as "host.name". */
export type LeafValues = ReadonlyMap<string, LeafValue>

/** Fields that identify an object and do not change, so that a line does not list them. */
const identifying: ReadonlySet<string> = new Set(['name', 'entityName', 'key'])

/** Fields that say nothing to a reader, wherever they are. */
const technical: ReadonlySet<string> = new Set(['id', 'moid', '__typename'])

const maxShownItems = 5

export function leavesOf(object: TypedObject): LeafValues {
  const leaves = new Map<string, LeafValue>()
  const visit = (value: TypedValue, path: string) => {
    if (value.kind === 'object')
      for (const field of value.fields) visit(field.value, path === '' ? field.key : `${path}.${field.key}`)
    else leaves.set(path, { raw: JSON.stringify(value.raw), shown: showValue(value), names: namesOf(value) })
  }
  visit(object, '')
  return leaves
}

/** Returns the names of the objects of a list, or undefined if they have none. */
function namesOf(value: TypedValue): string[] | undefined {
  if (value.kind !== 'list') return undefined
  const names = value.items.map((item) =>
    item.kind === 'object'
      ? ['name', 'label', 'id'].map((field) => rawField(item, field)).find((raw) => typeof raw === 'string')
      : undefined,
  )
  return names.every((name) => typeof name === 'string') ? names : undefined
}

function showValue(value: TypedValue): string {
  const { raw } = value
  if (raw === null || raw === undefined) return '–'
  if (value.kind === 'list') {
    const plain = value.items.every(({ kind }) => kind !== 'object' && kind !== 'list')
    if (value.raw.length === 0) return 'none'
    if (plain && value.raw.length <= maxShownItems) return value.items.map(showValue).join(', ')
    return value.raw.length === 1 ? '1 item' : `${value.raw.length} items`
  }
  if (value.kind !== 'leaf') return JSON.stringify(raw)
  if (typeof raw === 'boolean') return raw ? 'yes' : 'no'
  if (typeof raw === 'number') return formatNumber(raw, value.unit)
  if (isEnumType(value.leafType)) return enumLabel(String(raw))
  const time = value.leafType?.name === 'DateTime' ? Date.parse(String(raw)) : Number.NaN
  return Number.isNaN(time) ? String(raw) : formatDateTime(time)
}

/** Returns what changed, or all values if there are none from before: "Power state: Powered off → Powered on". */
export function describeChanges(
  before: LeafValues | undefined,
  after: LeafValues,
  without: ReadonlySet<string> = new Set(),
): string {
  const parts = [...after].flatMap(([path, value]) => {
    const last = path.slice(path.lastIndexOf('.') + 1)
    if (identifying.has(path) || without.has(path) || technical.has(last)) return []
    const former = before?.get(path)
    const label = fieldLabel(path.replaceAll('.', ' '))
    if (!before) return value.shown === '–' ? [] : [`${label}: ${value.shown}`]
    if (former?.raw === value.raw) return []
    return [
      `${label}: ${describeItems(former?.names, value.names) ?? `${former?.shown ?? '–'} → ${value.shown}`}`,
    ]
  })
  return parts.join(', ')
}

/** Returns which objects were added to a list and which were removed, if there are few of them and all have names. */
function describeItems(
  before: readonly string[] = [],
  after: readonly string[] | undefined,
): string | undefined {
  if (!after) return undefined
  const added = after.filter((name) => !before.includes(name)).map((name) => `+ ${name}`)
  const removed = before.filter((name) => !after.includes(name)).map((name) => `− ${name}`)
  const changes = [...added, ...removed]
  if (changes.length > maxShownItems) return undefined
  return changes.join(', ') || 'changed'
}
