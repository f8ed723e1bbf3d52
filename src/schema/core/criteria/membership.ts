// Checks the filter of a subscription: which objects belong to it may depend only on what vCenter reports as a change of the object
// itself. Any other condition would silently become stale.

import { isHeavy } from '../../../planner/heavy-paths.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import { isOwnReference } from '../../../planner/traversals.ts'
import type { ManagedObjectType } from '../../../soap/vim-types.ts'
import { isCertainlyReported } from '../../../vim25/updates/reported-paths.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../errors/api-error.ts'
import type { DerivedField } from './derived-field.ts'
import { derivedType } from './derived-types.ts'
import { checkDepth } from './filter-limits.ts'
import type { FilterInput } from './three-valued.ts'

/** Why a condition cannot be followed, and what to do instead. */
const reasons = {
  tags: [
    'vCenter does not report when a tag is attached or detached',
    'Query the objects with this filter instead, as often as needed.',
  ],
  unreported: [
    'vCenter need not report changes of it',
    'Select the field, which is read with each change, or query the objects with this filter instead.',
  ],
  large: [
    'it is too large to be read with each change',
    'Select the field and evaluate the condition in the client, or query the objects with this filter instead.',
  ],
  list: [
    'it is a list. Only lists of references can be followed, by the ids of their objects',
    'Select the field and evaluate the condition in the client, or query the objects with this filter instead.',
  ],
  otherObject: [
    'it is a property of another object',
    'Use the id or the moid of that object, such as host: { id: { eq: $id } }.',
  ],
  farObject: [
    'no property of the object itself refers to it',
    'Use the id of an object that it refers to directly, such as its folder or host, or select the field and evaluate the condition in the client.',
  ],
} as const satisfies Readonly<Record<string, readonly [because: string, remedy: string]>>

function refuse(path: string, reason: keyof typeof reasons): never {
  const [because, remedy] = reasons[reason]
  throw badInput(`a subscription cannot follow ${path}: ${because}`, remedy)
}

/** Where conditions are: on the followed objects, or on an object that a property of them refers to. */
interface Place {
  readonly typeName: string
  /** Returns a new plan node for the objects. */
  readonly newNode: () => PlanNode
  /** The conditions, as the client wrote them: `filter.virtualMachine.host`. */
  readonly path: string
  readonly isReferenced: boolean
  readonly depth: number
}

/**
 * Checks that the changes of all values that a filter needs are reported.
 *
 * @param path - the filter in error messages
 * @throws ApiError BAD_USER_INPUT with the path of a condition that cannot be followed
 */
export function assertFollowable(
  typeName: ManagedObjectType,
  input: FilterInput,
  path: string,
  context: Context,
): void {
  const newNode = () => new PlanNode(typeName)
  checkConditions(input, { typeName, newNode, path, isReferenced: false, depth: 0 }, context)
}

function checkConditions(input: FilterInput, outer: Place, context: Context): void {
  const place = { ...outer, depth: outer.depth + 1 }
  checkDepth(place.depth)
  for (const [key, value] of Object.entries(input)) {
    if (value === null || value === undefined) continue
    const path = `${place.path}.${key}`
    if (key === 'not') checkConditions(value as FilterInput, { ...place, path }, context)
    else if (key === 'and' || key === 'or')
      for (const [index, each] of (value as readonly FilterInput[]).entries())
        checkConditions(each, { ...place, path: `${path}[${index}]` }, context)
    else checkField(derivedType(place.typeName).field(key), value as FilterInput, { ...place, path }, context)
  }
}

function checkField(field: DerivedField, input: FilterInput, place: Place, context: Context): void {
  const { path, newNode } = place
  const { shape, marks } = field
  // A list without a condition, and a value without an operator.
  if (shape !== 'object' && Object.values(input).every((each) => each === null || each === undefined)) return
  if (marks.lookup) refuse(path, 'tags')
  if (marks.emptiness !== undefined && isEmptiness(input)) {
    if (place.isReferenced) refuse(path, 'otherObject')
    return
  }
  const node = newNode()
  const below = field.plan(node, context)
  if (place.isReferenced && (node.isNeeded || node.edges.size > 0)) refuse(path, 'otherObject')
  checkOwnPaths(node, path)
  const inner = { ...place, typeName: field.typeName }
  if (node.edges.size > 0) {
    const [traversal] = node.edges.keys()
    if (!traversal || node.edges.size > 1 || node.edges.get(traversal) !== below) refuse(path, 'farObject')
    if (!isOwnReference(traversal)) refuse(path, shape === 'objects' ? 'list' : 'farObject')
    // Connections list only objects that can be read.
    if (below.isNeeded) refuse(path, shape === 'objects' ? 'list' : 'otherObject')
    const target = { ...inner, newNode: () => new PlanNode(below.type), isReferenced: true }
    if (shape === 'object') checkConditions(input, target, context)
    else
      for (const [quantifier, each] of Object.entries(input))
        if (each) checkConditions(each as FilterInput, { ...target, path: `${path}.${quantifier}` }, context)
    return
  }
  if (shape === 'objects' || shape === 'leaves') refuse(path, 'list')
  // A data object is part of the object.
  if (shape === 'object') checkConditions(input, inner, context)
}

/** Checks the paths that are read from the object itself. */
function checkOwnPaths(node: PlanNode, path: string): void {
  const typed = [
    ...[...node.paths].map((each) => [node.type, each] as const),
    ...[...node.subtypePaths].flatMap(([type, paths]) => [...paths].map((each) => [type, each] as const)),
  ]
  if (typed.some(([type, each]) => !isCertainlyReported(type, each))) refuse(path, 'unreported')
  if (isHeavy(node)) refuse(path, 'large')
}

/** Whether the only condition on a list is that it is empty, or that it is not. */
function isEmptiness(input: FilterInput): boolean {
  const [[quantifier, condition] = [], ...others] = Object.entries(input).filter(([, each]) => each !== null)
  if (others.length > 0 || (quantifier !== 'some' && quantifier !== 'none')) return false
  return condition !== undefined && Object.keys(condition as object).length === 0
}
