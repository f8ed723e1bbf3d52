// The fields that a document selects of each type, with fragments expanded and their definitions.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import { declaredUnit, type Unit } from './units.ts'

/** A field of a selection set, once for each response key. */
export interface SelectedField {
  /** The key in the response: the alias, or the name. */
  readonly key: string
  readonly name: string
  /** All selections of the key, whose selection sets are merged. */
  readonly nodes: readonly SelectionOwner[]
  readonly definition: GraphQLField<unknown, unknown> | undefined
  readonly type: GraphQLOutputType | undefined
  readonly unit: Unit | undefined
}

/** What has a selection set: a field or an operation. */
export type SelectionOwner = FieldNode | OperationDefinitionNode

export interface RuntimeType {
  readonly type: GraphQLObjectType
  /** False if several types match the keys of the object, of which this is the first. */
  readonly isCertain: boolean
}

/** Types whose numbers have the unit of the field that returns them, such as statistics. */
const inheritingScalars = new Set(['BigInt', 'Float'])

export class Selections {
  readonly #schema: GraphQLSchema
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #cache = new WeakMap<readonly SelectionOwner[], Map<GraphQLObjectType, readonly SelectedField[]>>()

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node)
  }

  ofOperation(operation: OperationDefinitionNode): readonly SelectionOwner[] {
    return [operation]
  }

  /** The fields that these selections select of an object of the type, in the order of the document. */
  fields(nodes: readonly SelectionOwner[], type: GraphQLObjectType, unit?: Unit): readonly SelectedField[] {
    let byType = this.#cache.get(nodes)
    if (!byType) {
      byType = new Map()
      this.#cache.set(nodes, byType)
    }
    let fields = byType.get(type)
    if (!fields) {
      fields = this.#collect(nodes, type, unit)
      byType.set(type, fields)
    }
    return fields
  }

  /** The type of an object, also without __typename: then the type whose selected fields have the keys of the object. */
  runtimeType(
    declared: GraphQLOutputType | undefined,
    nodes: readonly SelectionOwner[],
    value: Readonly<Record<string, unknown>>,
  ): RuntimeType | undefined {
    const type = declared && getNamedType(declared)
    if (isObjectType(type)) return { type, isCertain: true }
    if (!isAbstractType(type)) return undefined
    const keys = Object.keys(value)
    const matches = this.#schema.getPossibleTypes(type).flatMap((candidate) => {
      const fields = this.fields(nodes, candidate)
      const named = fields.find(({ name, key }) => name === '__typename' && key in value)
      if (named && value[named.key] !== candidate.name) return []
      const known = new Set(fields.map(({ key }) => key))
      if (!named && !keys.every((key) => known.has(key))) return []
      return [{ type: candidate, isNamed: named !== undefined, count: known.size }]
    })
    const named = matches.find(({ isNamed }) => isNamed)
    if (named) return { type: named.type, isCertain: true }
    const fewest = Math.min(...matches.map(({ count }) => count))
    const best = matches.filter(({ count }) => count === fewest)
    return best[0] && { type: best[0].type, isCertain: best.length === 1 }
  }

  #collect(
    nodes: readonly SelectionOwner[],
    type: GraphQLObjectType,
    unit: Unit | undefined,
  ): SelectedField[] {
    const byKey = new Map<string, FieldNode[]>()
    const visited = new Set<string>()
    const visit = (set: SelectionSetNode | undefined): void => {
      for (const selection of set?.selections ?? []) {
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value
          const known = byKey.get(key)
          if (known) known.push(selection)
          else byKey.set(key, [selection])
          continue
        }
        const isSpread = selection.kind === Kind.FRAGMENT_SPREAD
        if (isSpread && visited.has(selection.name.value)) continue
        if (isSpread) visited.add(selection.name.value)
        const fragment = isSpread ? this.#fragments.get(selection.name.value) : selection
        if (fragment && this.#applies(fragment.typeCondition?.name.value, type)) visit(fragment.selectionSet)
      }
    }
    for (const node of nodes) visit(node.selectionSet)
    return [...byKey].map(([key, of]) => this.#describe(key, of, type, unit))
  }

  #describe(
    key: string,
    nodes: readonly FieldNode[],
    parent: GraphQLObjectType,
    parentUnit: Unit | undefined,
  ): SelectedField {
    const name = (nodes[0] as FieldNode).name.value
    const definition = name === '__typename' ? TypeNameMetaFieldDef : parent.getFields()[name]
    const named = definition && getNamedType(definition.type).name
    const own = declaredUnit(definition?.description, named)
    return {
      key,
      name,
      nodes,
      definition,
      type: definition && (getNullableType(definition.type) as GraphQLOutputType),
      unit: own ?? (inheritingScalars.has(named ?? '') ? parentUnit : undefined),
    }
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true
    const other = this.#schema.getType(condition)
    return isCompositeType(other) && isAbstractType(other) && this.#schema.isSubType(other, type)
  }
}
