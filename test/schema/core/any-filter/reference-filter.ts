// Evaluates filters and orders over objects in memory, by the contract of the schema and independently of the gateway: three-valued
// logic, text without regard to case, and objects without a value last.

import { decodeOpaque } from '../../../../src/text/opaque-string.ts'
import { type FilterField, fieldsOf, type KeyPath, ranksOf } from './filterable-schema.ts'
import { isUnknown, type ObjectGraph, type Value, type Values } from './object-graph.ts'

export type Filter = { readonly [key: string]: unknown }
/** Undefined is unknown. */
export type Verdict = boolean | undefined

export interface OrderKey {
  readonly field: string
  readonly direction?: 'ASC' | 'DESC' | undefined
}

const and = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true
const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict)
const or = (verdicts: readonly Verdict[]): Verdict => not(and(verdicts.map(not)))

/** Returns the keys of an input object that are not null. */
const entriesOf = (input: Filter) =>
  Object.entries(input).filter(([, value]) => value !== null && value !== undefined)

export function evaluate(graph: ObjectGraph, typeName: string, values: Values, filter: Filter): Verdict {
  const all = (filters: unknown) =>
    (filters as readonly Filter[]).map((each) => evaluate(graph, typeName, values, each))
  return and(
    entriesOf(filter).map(([key, input]) => {
      if (key === 'and') return and(all(input))
      if (key === 'or') return or(all(input))
      if (key === 'not') return not(evaluate(graph, typeName, values, input as Filter))
      const field = fieldsOf(typeName).find(({ name }) => name === key) as FilterField
      return evaluateField(graph, field, values[key] as Value, input as Filter)
    }),
  )
}

function evaluateField(graph: ObjectGraph, field: FilterField, value: Value, input: Filter): Verdict {
  if (!field.isList) return evaluateItem(graph, field, value, input)
  return and(
    entriesOf(input).map(([quantifier, condition]) => {
      if (isUnknown(value)) return undefined
      const verdicts = ((value ?? []) as readonly Value[]).map((item) =>
        evaluateItem(graph, field, item, condition as Filter),
      )
      return quantifier === 'every' ? and(verdicts) : quantifier === 'some' ? or(verdicts) : not(or(verdicts))
    }),
  )
}

function evaluateItem(graph: ObjectGraph, field: FilterField, value: Value, input: Filter): Verdict {
  const { kind, typeName } = field
  if (kind === 'leaf')
    return and(
      Object.entries(input).map(([operator, operand]) =>
        isUnknown(value) ? undefined : holds(operator, value as string | null, operand),
      ),
    )
  if (isUnknown(value)) return undefined
  if (value === null) return false
  const object = kind === 'part' ? (value as Values) : graph.objects.get((value as { id: string }).id)
  return object ? evaluate(graph, typeName, object, input) : false
}

/** Converts a glob to a regular expression for text in lower case. */
function expression(glob: string): RegExp {
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
  const source = glob
    .toLowerCase()
    .replace(/\\([\s\S])|\[(!?)((?:\\.|[^\]\\])+)\]|([\s\S])/gu, (_, escaped, negated, set, plain) =>
      escaped !== undefined
        ? literal(escaped)
        : set !== undefined
          ? `[${negated ? '^' : ''}${set.replace(/[[^]/g, '\\$&')}]`
          : plain === '*'
            ? '[\\s\\S]*'
            : plain === '?'
              ? '[\\s\\S]'
              : literal(plain),
    )
  return new RegExp(`^(?:${source})$`, 'u')
}

const isDate = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
const comparable = (value: unknown): number => (isDate(value) ? Date.parse(value) : (value as number))

function holds(operator: string, value: string | number | boolean | null, operand: unknown): boolean {
  const isAmong = (value !== null && [operand].flat().includes(value)) as boolean
  if (operator === 'ne' || operator === 'notIn') return !isAmong
  if (operator === 'isNull') return (value === null) === operand
  if (value === null) return false
  const text = String(value).toLowerCase()
  const part = String(operand).toLowerCase()
  switch (operator) {
    case 'eq':
    case 'in':
      return isAmong
    case 'lt':
      return comparable(value) < comparable(operand)
    case 'lte':
      return comparable(value) <= comparable(operand)
    case 'gt':
      return comparable(value) > comparable(operand)
    case 'gte':
      return comparable(value) >= comparable(operand)
    case 'contains':
      return text.includes(part)
    case 'startsWith':
      return text.startsWith(part)
    case 'endsWith':
      return text.endsWith(part)
    case 'glob':
      return expression(operand as string).test(text)
  }
  throw new Error(`the operator ${operator} is new: the model must know it`)
}

/** Returns the value that a path of fields leads to, and the field that has it. */
export function valueAt(
  graph: ObjectGraph,
  typeName: string,
  values: Values,
  [name = '', ...others]: KeyPath,
): { readonly field: FilterField; readonly value: Value } {
  const field = fieldsOf(typeName).find((each) => each.name === name) as FilterField
  const value = values[name] as Value
  if (others.length === 0) return { field, value }
  if (value === null || isUnknown(value)) {
    const last = fieldsOf(field.typeName).find((each) => each.name === others[0]) as FilterField
    return { field: last, value }
  }
  const below = field.kind === 'part' ? (value as Values) : graph.objects.get((value as { id: string }).id)
  return valueAt(graph, field.typeName, below as Values, others)
}

/** The moid; the key of a triggered alarm, which only its id contains. */
const tieBreakerOf = ({ moid, id }: Values): string => (moid ?? decodeOpaque(id as string)?.at(-1)) as string

/** Sorts objects, those with equal keys by moid. */
export function sorted(
  graph: ObjectGraph,
  typeName: string,
  objects: readonly Values[],
  keys: readonly { readonly path: KeyPath; readonly isDescending: boolean }[],
): Values[] {
  const keyOf = (values: Values, path: KeyPath): string | number | null => {
    const { field, value } = valueAt(graph, typeName, values, path)
    if (value === null || isUnknown(value)) return null
    const ranks = ranksOf(field.typeName)
    if (ranks) return ranks.indexOf(value as string)
    if (field.typeName === 'DateTime') return Date.parse(value as string)
    // By lower case, then by code unit.
    return typeof value === 'number' ? value : `${(value as string).toLowerCase()}\0${value as string}`
  }
  const rows = objects.map((values) => ({ values, keys: keys.map(({ path }) => keyOf(values, path)) }))
  rows.sort((a, b) => {
    for (const [index, { isDescending }] of keys.entries()) {
      const [left, right] = [a.keys[index] ?? null, b.keys[index] ?? null]
      if (left === right) continue
      if (left === null) return 1
      if (right === null) return -1
      return left < right === isDescending ? 1 : -1
    }
    return tieBreakerOf(a.values) < tieBreakerOf(b.values) ? -1 : 1
  })
  return rows.map(({ values }) => values)
}
