// Three-valued logic: a condition on a value that is not known is neither true nor false, nor is its negation.

import type { Filter, Verdict } from '../../../planner/connections/filter.ts'

/** A filter argument, or a part of one. The derived input types describe its keys. */
export type FilterInput = Readonly<Record<string, unknown>>

/** One condition, or several combined. */
export type Condition = Omit<Filter, 'prepare'>

/** @param decisive the verdict of one condition that decides, whatever the others are. */
const combine = (conditions: readonly Condition[], decisive: boolean): Condition => ({
  plan: (node, which) => {
    for (const { plan } of conditions) plan(node, which)
  },
  evaluate: (item, which) => {
    let result: Verdict = !decisive
    for (const { evaluate } of conditions) {
      const verdict = evaluate(item, which)
      if (verdict === decisive) return decisive
      if (verdict === undefined) result = undefined
    }
    return result
  },
  hasLightConditions: conditions.some(({ hasLightConditions }) => hasLightConditions),
})

export const allOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 1 ? (conditions[0] as Condition) : combine(conditions, false)

export const anyOf = (conditions: readonly Condition[]): Condition => combine(conditions, true)

export const not = (condition: Condition): Condition => ({
  ...condition,
  evaluate: (item, which) => negate(condition.evaluate(item, which)),
})

const negate = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict)

function some<T>(items: readonly T[], test: (item: T) => Verdict): Verdict {
  let result: Verdict = false
  for (const item of items) {
    const verdict = test(item)
    if (verdict) return true
    if (verdict === undefined) result = undefined
  }
  return result
}

export const every = <T>(items: readonly T[], test: (item: T) => Verdict): Verdict =>
  negate(some(items, (item) => negate(test(item))))

/** Compiles `some`, `every` and `none` of a list, all of which must hold. */
export function quantify<T>(
  input: FilterInput,
  compile: (input: FilterInput) => (item: T) => Verdict,
): (items: readonly T[]) => Verdict {
  const tests = Object.entries(input)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([quantifier, value]) => {
      const test = compile(value as FilterInput)
      if (quantifier === 'every') return (items: readonly T[]) => every(items, test)
      if (quantifier === 'some') return (items: readonly T[]) => some(items, test)
      return (items: readonly T[]) => negate(some(items, test))
    })
  return (items) => every(tests, (test) => test(items))
}
