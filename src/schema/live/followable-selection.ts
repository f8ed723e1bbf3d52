// Checks the selection of inventoryChanges: it may not have fields whose values depend on calls of their own. Nothing reports that they
// have changed, so clients would keep stale values, and a batch of many objects would take as many calls.

import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { badInput } from '../errors/api-error.ts'

/** The fields by name, each with why it cannot be followed and what to do instead. */
const refused: Readonly<Record<string, readonly [because: string, remedy: string]>> = {
  can: ['vCenter does not report changes of privileges', 'Query can of an object when it is needed.'],
  createdBy: [
    'it is read from the history of tasks',
    'Query createdBy of the snapshots of an object when it is needed.',
  ],
  eligibility: [
    'it is checked with calls of its own',
    'Query eligibility of a virtual machine when it is needed.',
  ],
  events: [
    'they are read from the history of events',
    'Follow them with the subscription events, or query events of an object when they are needed.',
  ],
}

export const refusedFields: readonly string[] = Object.keys(refused)

/** @throws ApiError BAD_USER_INPUT if the selection has a field that cannot be followed */
export function assertFollowableSelection({
  fieldNodes,
  fragments,
  variableValues,
}: GraphQLResolveInfo): void {
  const visited = new Set<string>()
  for (const { selectionSet } of fieldNodes) check(selectionSet)

  function check(selectionSet: SelectionSetNode | undefined): void {
    for (const selection of selectionSet?.selections ?? []) {
      if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true) continue
      if (getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if === false) continue
      if (selection.kind === Kind.FIELD) checkField(selection)
      if (selection.kind !== Kind.FRAGMENT_SPREAD) check(selection.selectionSet)
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value)
        check(fragments[selection.name.value]?.selectionSet)
      }
    }
  }
}

function checkField({ name: { value: name } }: FieldNode): void {
  const found = Object.hasOwn(refused, name) ? refused[name] : undefined
  if (!found) return
  const [because, remedy] = found
  throw badInput(`inventoryChanges cannot follow ${name}: ${because}`, remedy)
}
