// Compiles filter arguments to conditions in three-valued logic (three-valued.ts). A condition plans and reads its fields as a
// selection of them would.

import type { Conditions, Filter, Verdict } from '../../../planner/connections/filter.ts'
import { isHeavy } from '../../../planner/heavy-paths.ts'
import { ManagedObject } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import type { Context } from '../../context.ts'
import { configProbeOf, type DerivedField, readField, unreadable } from './derived-field.ts'
import { derivedType } from './derived-types.ts'
import { ConditionCount, checkDepth } from './filter-limits.ts'
import { emptinessCondition, lookupCondition } from './list-conditions.ts'
import { compileIdOperators, compileOperators } from './operators.ts'
import type { ItemPlan, Scope, UnitCondition } from './scope.ts'
import { allOf, anyOf, type Condition, type FilterInput, not, quantify } from './three-valued.ts'

/**
 * Compiles a filter argument.
 *
 * @param items - where the items are planned
 * @param except - what every scan reads anyway, and does not count as heavy
 * @throws ApiError BAD_USER_INPUT if an operand is invalid; QUERY_TOO_COMPLEX if there are too many conditions
 */
export function compileFilter(
  typeName: string,
  input: FilterInput | null | undefined,
  context: Context,
  { newOwner, plan = (owner) => owner }: ItemPlan,
  except?: PlanNode,
): Filter {
  const preparations: Scope['preparations'] = []
  const condition = conditionOf(typeName, input ?? {}, {
    context,
    newPosition: () => {
      const root = newOwner()
      return { root, node: plan(root) }
    },
    isSplit: true,
    isHeavy: (root) => isHeavy(except ? root.minus(except) : root),
    count: new ConditionCount(),
    preparations,
    depth: 0,
    typeName,
  })
  if (preparations.length === 0) return condition
  const prepare = async () => void (await Promise.all(preparations.map((each) => each())))
  return { ...condition, prepare }
}

function conditionOf(typeName: string, input: FilterInput, scope: Scope): Condition {
  const deeper = { ...scope, typeName, depth: scope.depth + 1 }
  checkDepth(deeper.depth)
  const countBefore = scope.count.total
  const all = (inputs: unknown) =>
    (inputs as readonly FilterInput[]).map((each) => conditionOf(typeName, each, deeper))
  const condition = allOf(
    Object.entries(input)
      // As for a missing argument: a variable that is null sets no condition.
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => {
        if (key === 'and') return allOf(all(value))
        if (key === 'or') return anyOf(all(value))
        if (key === 'not') return not(conditionOf(typeName, value as FilterInput, deeper))
        return fieldCondition(derivedType(typeName).field(key), value as FilterInput, deeper)
      }),
  )
  // Without an operator it is a condition too: that there is an object, or that a list is not empty. Those that always hold, such as
  // `{ and: [] }` and `{ name: {} }`, also take time for each object.
  if (scope.count.total === countBefore) scope.count.add()
  return condition
}

function fieldCondition(field: DerivedField, input: FilterInput, scope: Scope): Condition {
  // Holds even if the value is not known. An object must exist to meet `{}`.
  if (field.shape !== 'object' && isEmpty(field, input)) return allOf([])
  if (field.shape === 'object' && field.isTransparent && scope.isSplit) {
    const below = conditionOf(field.typeName, input, scope)
    return {
      ...below,
      evaluate: (item, which) => onObject(readField(field, item, scope.context), below, which),
    }
  }
  const { plan, evaluate } = unitCondition(field, input, scope)
  const { root, node } = scope.newPosition()
  if (scope.isSplit) plan(node)
  const heavy = scope.isSplit && scope.isHeavy(root)
  return {
    plan: (position, which) => {
      if (!heavy || which === 'all') plan(position)
    },
    evaluate: (item, which) => (heavy && which === 'light' ? undefined : evaluate(item)),
    hasLightConditions: !heavy,
  }
}

/** Whether an input has no condition. A quantifier that is null is as if absent; an operator that is null is an error. */
const isEmpty = ({ shape }: DerivedField, input: FilterInput): boolean =>
  shape === 'leaf' ? Object.keys(input).length === 0 : Object.values(input).every((each) => each == null)

function unitCondition(field: DerivedField, input: FilterInput, scope: Scope): UnitCondition {
  const { context } = scope
  const emptiness = emptinessCondition(field, input, scope)
  if (emptiness) return emptiness
  if (field.marks.lookup)
    return lookupCondition(
      field.marks.lookup,
      input,
      scope,
      (item) => belowCondition(field, item, scope).evaluate,
    )
  const probe = configProbeOf(field, scope.newPosition().node, context)
  const { evaluate, plan } = valueCondition(field, input, scope)
  return {
    plan: (node) => {
      if (probe) node.read(probe.path)
      plan(field.plan(node, context))
    },
    evaluate: (item) => {
      const value = readField(field, item, scope.context)
      if (value === unreadable) return undefined
      if (value == null && (probe?.isUnknown(item) || field.marks.isUnknown?.(item as never)))
        return undefined
      return evaluate(value, item)
    },
  }
}

/** A condition on the value of a field, with what it needs below the field. */
interface ValueCondition {
  readonly plan: (below: PlanNode) => void
  readonly evaluate: (value: unknown, item: object) => Verdict
}

function valueCondition(field: DerivedField, input: FilterInput, scope: Scope): ValueCondition {
  const noPlan = () => {}
  switch (field.shape) {
    case 'leaf': {
      const test = leafTest(field, input, scope)
      return { plan: noPlan, evaluate: test }
    }
    case 'leaves': {
      const quantifiers = quantify(input, (each) => {
        const test = leafTest(field, each, scope)
        return (value) => test(value, {})
      })
      return { plan: noPlan, evaluate: (value) => quantifiers((value ?? []) as readonly unknown[]) }
    }
    case 'object': {
      const below = belowCondition(field, input, scope)
      return { plan: below.plan, evaluate: (value) => (value == null ? false : below.evaluate(value)) }
    }
    case 'objects': {
      const plans: UnitCondition['plan'][] = []
      const quantifiers = quantify(input, (each) => {
        const below = belowCondition(field, each, scope)
        plans.push(below.plan)
        return below.evaluate
      })
      return {
        plan: (node) => {
          for (const plan of plans) plan(node)
        },
        evaluate: (value) => quantifiers(((value ?? []) as readonly object[]).filter(isReported)),
      }
    }
  }
}

/** An object that vSphere was to report and did not does not exist, or is not visible. */
const isReported = (item: unknown): boolean => !(item instanceof ManagedObject && item.isMissing)

/** Compiles the condition on an object that a field returns. */
function belowCondition(
  field: DerivedField,
  input: FilterInput,
  scope: Scope,
): { readonly plan: (node: PlanNode) => void; readonly evaluate: (value: unknown) => Verdict } {
  const newPosition = () => {
    const { root, node } = scope.newPosition()
    return { root, node: field.plan(node, scope.context) }
  }
  const condition = conditionOf(field.typeName, input, { ...scope, newPosition, isSplit: false })
  const { node } = newPosition()
  condition.plan(node, 'all')
  const isRetrieved = !field.isTransparent && node.isNeeded
  // Many objects can lead to the same one, and its edges back to them.
  const known = new WeakMap<ManagedObject, { readonly verdict: Verdict }>()
  return {
    plan: (below) => condition.plan(below, 'all'),
    evaluate: (value) => {
      if (!(value instanceof ManagedObject) || field.isTransparent)
        return condition.evaluate(value as object, 'all')
      // Its properties were requested, so an object without any was not visible.
      if (isRetrieved && !value.isLoaded) return false
      const result = known.get(value) ?? { verdict: condition.evaluate(value, 'all') }
      known.set(value, result)
      return result.verdict
    },
  }
}

function leafTest(
  field: DerivedField,
  input: FilterInput,
  scope: Scope,
): (value: unknown, item: object) => boolean {
  for (const _operator of Object.keys(input)) scope.count.add()
  if (field.typeName === 'ID') return compileIdOperators(field.name, input, scope.typeName, scope.context)
  return compileOperators(field.name, input)
}

function onObject(value: unknown, below: Condition, which: Conditions): Verdict {
  if (value === unreadable) return undefined
  return value == null ? false : below.evaluate(value as object, which)
}
