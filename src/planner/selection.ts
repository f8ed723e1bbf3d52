// Builds the plan from the selection set: visits the selected fields (fragments, aliases, @include, @skip,
// variables) and calls the plan function of each field's declaration. Does not refer to any field by name.

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import type { ConnectionPlan } from './connections/connection-plan.ts'
import type { PlanNode } from './plan-node.ts'

/** Current position of the visit: a node of the inventory graph, or one of its connections. */
export type PlanPosition = PlanNode | ConnectionPlan

/**
 * Plan function of a field, set in its `extensions.plan`: adds its requirements at the position and returns the
 * position for the selection below. Undefined if nothing below is known before the field is resolved. A
 * composite field without a plan keeps its parent's position.
 */
export type FieldPlan<Context = unknown> = (
  position: PlanPosition,
  args: Readonly<Record<string, unknown>>,
  context: Context,
  field: FieldNode,
) => PlanPosition | undefined

/** Visits the selection below a field that is being resolved, as it applies to one object type. */
export function planSelection(
  info: GraphQLResolveInfo,
  typeName: string,
  position: PlanPosition,
  context: unknown,
): void {
  const type = info.schema.getType(typeName)
  if (!isObjectType(type)) throw new Error(`${typeName} is not an object type`)
  const walker = new SelectionWalker(info, context)
  for (const { selectionSet } of info.fieldNodes)
    if (selectionSet) walker.selections(selectionSet, type, position)
}

/** The selection revisits the same nodes more often than the planner allows. */
export class SelectionTooDeepError extends Error {
  override name = 'SelectionTooDeepError' as const
  readonly actual = maxRevisits + 1
  readonly limit = maxRevisits
}

/**
 * How often a selection may return to a node that it is nested in (a snapshot's VM's snapshots' VM). A
 * revisit returns no new data, and each one multiplies the size of the response.
 */
const maxRevisits = 6

class SelectionWalker {
  readonly #info: GraphQLResolveInfo
  readonly #context: unknown
  /** The positions that the visit is nested in, outermost first. */
  readonly #ancestors: PlanPosition[] = []
  #revisits = 0
  // A fragment has the same effect each time at the same position; without this, nested fragments could
  // multiply the work.
  readonly #visited = new Map<PlanPosition, Set<SelectionSetNode>>()

  constructor(info: GraphQLResolveInfo, context: unknown) {
    this.#info = info
    this.#context = context
  }

  selections(set: SelectionSetNode, type: GraphQLObjectType, position: PlanPosition): void {
    let done = this.#visited.get(position)
    if (!done) {
      done = new Set()
      this.#visited.set(position, done)
    }
    if (done.has(set)) return
    done.add(set)
    const { fragments, variableValues } = this.#info
    for (const selection of set.selections) {
      if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true) continue
      if (getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if === false) continue
      if (selection.kind === 'Field') this.#field(selection, type, position)
      else {
        const fragment =
          selection.kind === 'FragmentSpread'
            ? (fragments[selection.name.value] as FragmentDefinitionNode)
            : selection
        const condition = fragment.typeCondition?.name.value
        if (condition === undefined || this.#applies(condition, type))
          this.selections(fragment.selectionSet, type, position)
      }
    }
  }

  #field(node: FieldNode, type: GraphQLObjectType, position: PlanPosition): void {
    const field = type.getFields()[node.name.value]
    if (!field) return
    const plan = field.extensions.plan as FieldPlan | undefined
    const args = plan && this.#argsOf(field, node)
    // The executor reports the invalid arguments at that field.
    if (plan && !args) return
    const below = plan && args ? plan(position, args, this.#context, node) : position
    const named = getNamedType(field.type)
    if (!below || !node.selectionSet || !isObjectType(named)) return
    const isRevisit = below !== position && this.#ancestors.includes(below)
    if (isRevisit) this.#revisits += 1
    if (this.#revisits > maxRevisits) {
      throw new SelectionTooDeepError(
        `the selection returns to an object that it is nested in more than ${maxRevisits} times, at ${node.name.value}`,
      )
    }
    this.#ancestors.push(below)
    this.selections(node.selectionSet, named, below)
    this.#ancestors.pop()
    if (isRevisit) this.#revisits -= 1
  }

  #argsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Record<string, unknown> | undefined {
    try {
      return getArgumentValues(field, node, this.#info.variableValues)
    } catch (error) {
      if (error instanceof GraphQLError) return undefined
      throw error
    }
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    if (condition === type.name) return true
    const conditional = this.#info.schema.getType(condition) as GraphQLCompositeType
    return isAbstractType(conditional) && this.#info.schema.isSubType(conditional, type)
  }
}
