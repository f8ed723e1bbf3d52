// Nodes of GraphQL documents.

import {
  type ArgumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql'

export const name = (value: string) => ({ kind: Kind.NAME, value }) as const
export const set = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
})
export const leaf = (value: string): FieldNode => ({ kind: Kind.FIELD, name: name(value) })
const variable = (value: string) => ({ kind: Kind.VARIABLE, name: name(value) }) as const
export const argument = (key: string, value: string): ArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: name(key),
  value: variable(value),
})
export const onType = (type: string, selection: SelectionNode): SelectionNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: name(type) },
  selectionSet: set([selection]),
})
export const variableDefinition = (key: string, type: 'String' | 'ID!'): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: variable(key),
  type:
    type === 'ID!'
      ? { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: name('ID') } }
      : { kind: Kind.NAMED_TYPE, name: name(type) },
})
