// Puts the fields of a response in the order of the operation, as the specification wants it (section 7.2.2, Serialized Map
// Ordering). Yoga's executor adds a field when its value is known, so the order would differ from one request to the next.

import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { isOverBudget, yieldToEventLoop } from '../../concurrency/event-loop.ts'
import { JsonText } from '../../schema/execution/json-text.ts'

type Fields = Record<string, unknown>

/** The fields of an object, whatever its type: by response name, in order, each with the selection on its value. */
type Selection = ReadonlyMap<
  string,
  { readonly index: number; readonly nested: (() => Selection) | undefined }
>

/** A value whose fields have not been ordered. */
interface Pending {
  readonly parent: Fields | unknown[]
  readonly key: string | number
  readonly selection: Selection
}

/** Number of objects between two checks of the clock. */
const objectsPerCheck = 500

/**
 * Orders the fields of all objects in a result. Yields to the event loop if there are many. A field that is selected twice, the
 * first time on another type or with a condition that does not hold, has the place of the first.
 */
export async function restoreSelectionOrder(
  result: ExecutionResult,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Promise<void> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const selection = selectionOf([operation.selectionSet], fragments)
  const pending: Pending[] = [{ parent: result as Fields, key: 'data', selection }]
  for (let count = 1; pending.length > 0; count += 1) {
    if (count % objectsPerCheck === 0 && isOverBudget()) await yieldToEventLoop()
    orderOne(pending.pop() as Pending, pending)
  }
}

function orderOne({ parent, key, selection }: Pending, pending: Pending[]): void {
  const value = (parent as Fields)[key]
  if (typeof value !== 'object' || value === null || value instanceof JsonText) return
  if (Array.isArray(value)) {
    for (const index of value.keys()) pending.push({ parent: value, key: index, selection })
    return
  }
  const fields = isOrdered(value as Fields, selection)
    ? (value as Fields)
    : ordered(value as Fields, selection)
  ;(parent as Fields)[key] = fields
  for (const name in fields) {
    const nested = selection.get(name)?.nested
    if (nested) pending.push({ parent: fields, key: name, selection: nested() })
  }
}

function isOrdered(fields: Fields, selection: Selection): boolean {
  let last = -1
  for (const name in fields) {
    const index = selection.get(name)?.index ?? -1
    if (index < last) return false
    last = index
  }
  return true
}

function ordered(fields: Fields, selection: Selection): Fields {
  const copy: Fields = Object.create(null)
  for (const name of selection.keys()) if (name in fields) copy[name] = fields[name]
  return copy
}

function selectionOf(
  sets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Selection {
  const nestedSets = new Map<string, SelectionSetNode[]>()
  const added = new Set<SelectionSetNode>()
  const add = (set: SelectionSetNode): void => {
    // Fragments that spread each other twice would take exponential time.
    if (added.has(set)) return
    added.add(set)
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        const name = (node.alias ?? node.name).value
        const known = nestedSets.get(name) ?? []
        if (node.selectionSet) known.push(node.selectionSet)
        nestedSets.set(name, known)
      } else {
        const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
        if (inner) add(inner.selectionSet)
      }
    }
  }
  for (const set of sets) add(set)
  const selection = new Map()
  for (const [name, inner] of nestedSets) {
    let known: Selection | undefined
    const nested = () => {
      known ??= selectionOf(inner, fragments)
      return known
    }
    selection.set(name, { index: selection.size, nested: inner.length > 0 ? nested : undefined })
  }
  return selection
}
