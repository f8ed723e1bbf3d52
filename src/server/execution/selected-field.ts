// What an executor needs to know about each field of a query: prepared once for a selection, not for each of its objects.

import { collectFields, collectSubFields } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getArgumentValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql'
import type { OperationSelection } from '../../schema/cost/operation-selection.ts'

/** The type of a value. */
export type ValueShape = { readonly isNonNull: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
  | { readonly kind: 'list'; readonly item: ValueShape }
)

type AnyField = GraphQLField<unknown, unknown>

/** The fields that are selected on objects of a type. */
export interface FieldSet {
  readonly fields: readonly SelectedField[]
  /** A result whose keys are in the order of the selection. It is copied, which takes less time than adding each key. */
  readonly empty: Readonly<Record<string, unknown>>
}

/** A field of a selection. */
export class SelectedField {
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly definition: AnyField
  readonly resolve: NonNullable<AnyField['resolve']>
  readonly shape: ValueShape
  readonly #operation: OperationSelection
  readonly #fieldSets = new Map<GraphQLObjectType, FieldSet>()
  #args: Readonly<Record<string, unknown>> | undefined

  constructor(
    key: string,
    nodes: readonly FieldNode[],
    parentType: GraphQLObjectType,
    definition: AnyField,
    operation: OperationSelection,
  ) {
    this.key = key
    this.nodes = nodes
    this.parentType = parentType
    this.definition = definition
    this.resolve = definition.resolve ?? defaultFieldResolver
    this.shape = shapeOf(definition.type)
    this.#operation = operation
  }

  /**
   * The arguments, the same for all objects.
   * @throws GraphQLError if an argument is invalid
   */
  get args(): Readonly<Record<string, unknown>> {
    this.#args ??= Object.freeze(
      getArgumentValues(this.definition, this.nodes[0] as FieldNode, this.#operation.variableValues),
    )
    return this.#args
  }

  /** Returns the fields that are selected on the objects of this field that have a type. */
  fieldSet(type: GraphQLObjectType): FieldSet {
    let fieldSet = this.#fieldSets.get(type)
    if (!fieldSet) {
      const { schema, fragments, variableValues } = this.#operation
      const { fields } = collectSubFields(schema, fragments, variableValues, type, [...this.nodes])
      fieldSet = fieldSetOf(type, fields, this.#operation)
      this.#fieldSets.set(type, fieldSet)
    }
    return fieldSet
  }
}

/** Returns the fields that a query selects on its root type. */
export function rootFieldSet(type: GraphQLObjectType, selection: OperationSelection): FieldSet {
  const { schema, fragments, variableValues, operation } = selection
  const { fields } = collectFields(schema, fragments, variableValues, type, operation.selectionSet)
  return fieldSetOf(type, fields, selection)
}

function fieldSetOf(
  type: GraphQLObjectType,
  nodesByKey: ReadonlyMap<string, readonly FieldNode[]>,
  operation: OperationSelection,
): FieldSet {
  const fields = [...nodesByKey].flatMap(([key, nodes]) => {
    const definition = definitionOf(type, (nodes[0] as FieldNode).name.value, operation)
    return definition ? [new SelectedField(key, nodes, type, definition, operation)] : []
  })
  // Not assigned one by one, because assigning the alias `__proto__` to a plain object would not create a property.
  return { fields, empty: Object.fromEntries(fields.map(({ key }) => [key, undefined])) }
}

function definitionOf(
  type: GraphQLObjectType,
  name: string,
  { schema }: OperationSelection,
): AnyField | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef
  const rootField = [SchemaMetaFieldDef, TypeMetaFieldDef].find((each) => each.name === name)
  if (rootField && schema.getQueryType() === type) return rootField
  return type.getFields()[name]
}

function shapeOf(type: GraphQLOutputType, isNonNull = false): ValueShape {
  if (isNonNullType(type)) return shapeOf(type.ofType, true)
  if (isListType(type)) return { kind: 'list', item: shapeOf(type.ofType), isNonNull }
  if (isLeafType(type)) return { kind: 'leaf', type, isNonNull }
  return isObjectType(type) ? { kind: 'object', type, isNonNull } : { kind: 'abstract', type, isNonNull }
}
