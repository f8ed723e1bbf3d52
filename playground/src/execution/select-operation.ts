// Which operation of a document runs.

import { Kind, type OperationDefinitionNode, parse } from 'graphql'

export interface SelectedOperation {
  readonly operationName: string | undefined
  readonly type: 'query' | 'mutation' | 'subscription' | undefined
}

/**
 * Selects the operation by its name. GraphiQL passes the name that it parsed last: just after the document was replaced, it is the
 * name of another one. Then, and without a name, the first operation runs.
 *
 * A document with a syntax error is left to the gateway, whose error has the position.
 */
export function selectOperation(document: string, name: string | null | undefined): SelectedOperation {
  try {
    const operations = parse(document).definitions.filter(
      (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
    )
    const selected = operations.find((each) => each.name?.value === name) ?? operations[0]
    return { operationName: selected?.name?.value, type: selected?.operation }
  } catch {
    return { operationName: name ?? undefined, type: undefined }
  }
}
