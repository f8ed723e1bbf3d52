// The operation of a document that is about to be executed, for the estimate of its cost.

import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql'

/** An operation that is about to be executed, with coerced variables. */
export interface OperationSelection {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly variableValues: Record<string, unknown>
}

/** Returns undefined if the executor will report an unknown operation or an invalid variable. */
export function operationSelection({
  schema,
  document,
  operationName,
  variableValues,
}: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>):
  | OperationSelection
  | undefined {
  const operation = getOperationAST(document, operationName)
  if (!operation) return undefined
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: 1,
  })
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [],
    ),
  )
  return coerced && { schema, operation, fragments, variableValues: coerced }
}

/** Returns the arguments of a field; undefined if they are invalid, so that the field fails at execution. */
export function argsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { variableValues }: OperationSelection,
): Record<string, unknown> | undefined {
  try {
    return getArgumentValues(field, node, variableValues)
  } catch {
    return undefined
  }
}
