// Conditions on lists that are decided without reading the list of each object.

import type { Verdict } from '../../../planner/connections/filter.ts'
import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import type { DerivedField } from './derived-field.ts'
import type { ListLookup } from './marks.ts'
import type { Scope, UnitCondition } from './scope.ts'
import { every, type FilterInput } from './three-valued.ts'

/**
 * Compiles conditions on a list by whose items the objects are looked up. They are unknown until the lookup has succeeded.
 *
 * @param compileItem - compiles the condition on an item
 */
export function lookupCondition(
  lookup: ListLookup,
  input: FilterInput,
  scope: Scope,
  compileItem: (input: FilterInput) => (item: unknown) => Verdict,
): UnitCondition {
  const tests = Object.entries(input)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([quantifier, value]): ((object: ManagedObject) => Verdict) => {
      const evaluate = compileItem(value as FilterInput)
      const isEvery = quantifier === 'every'
      let isFound: ((object: ManagedObject) => boolean) | undefined
      scope.preparations.push(async () => {
        // Every item meets a condition if none fails to.
        isFound = await lookup((item) => (evaluate(item) === true) !== isEvery, scope.context)
      })
      return (object) => isFound && isFound(object) === (quantifier === 'some')
    })
  return {
    // Of an object behind an edge, one property shows that it exists.
    plan: (node) => {
      node.read('name')
    },
    evaluate: (item) => every(tests, (test) => test(item as ManagedObject)),
  }
}

/** Compiles the condition that a list is empty or not, if that can be read without the list; undefined for any other condition. */
export function emptinessCondition(
  { marks, shape }: DerivedField,
  input: FilterInput,
  scope: Scope,
): UnitCondition | undefined {
  const { emptiness } = marks
  const [[quantifier, condition] = [], ...others] = Object.entries(input).filter(([, each]) => each !== null)
  if (emptiness === undefined || shape !== 'objects' || others.length > 0) return undefined
  if (quantifier !== 'some' && quantifier !== 'none') return undefined
  if (!condition || Object.keys(condition).length > 0) return undefined
  scope.count.add()
  return {
    plan: (node) => {
      node.read(emptiness)
    },
    evaluate: (item) =>
      readOr(
        () => (item as ManagedObject).references(emptiness).length > 0 === (quantifier === 'some'),
        undefined,
      ),
  }
}
