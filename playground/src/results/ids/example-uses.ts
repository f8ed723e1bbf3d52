// The examples with a variable for the id of an object.

import {
  type ASTNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  Kind,
  type ObjectFieldNode,
  parse,
  TypeInfo,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { isList, matchesName } from './argument-names.ts'
import type { Use, UseExample } from './use.ts'

export function exampleUses(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  id: string,
  examples: readonly UseExample[],
): Use[] {
  const interfaces = type.getInterfaces().map(({ name }) => name)
  return examples.flatMap((example): Use[] => {
    const variable =
      variableFor(schema, example.query, type, interfaces) ?? nameVariableFor(schema, example.query, type)
    if (!variable) return []
    const value = variable.isList ? [id] : id
    return [
      {
        title: example.title,
        description: example.description,
        group: 'Examples',
        isExact: variable.isExact,
        isMutation: example.kind === 'mutation',
        tab: {
          query: variable.query ?? example.query,
          variables: { ...example.variables, [variable.name]: value },
        },
      },
    ]
  })
}

interface VariableUse {
  readonly name: string
  readonly isList: boolean
  readonly isExact: boolean
  /** The document in which the variable takes an id. Undefined if it does already. */
  readonly query?: string
}

/** The first variable of a document that takes the id of such an object. */
function variableFor(
  schema: GraphQLSchema,
  document: string,
  type: GraphQLObjectType,
  interfaces: readonly string[],
): VariableUse | undefined {
  const exact = [type.name]
  let found: VariableUse | undefined
  const info = new TypeInfo(schema)
  const visitor = visitWithTypeInfo(info, {
    Variable(node, _key, parent, _path, ancestors) {
      if (found || Array.isArray(parent)) return
      const owner = parent as ASTNode
      const input = info.getInputType()
      if (!input || getNamedType(input).name !== 'ID') return
      if (owner.kind !== Kind.ARGUMENT && owner.kind !== Kind.OBJECT_FIELD) return
      const parentInput = info.getParentInputType()
      const isBy =
        parentInput !== undefined && getNamedType(parentInput as GraphQLNamedType)?.name === `${type.name}By`
      const takes =
        owner.name.value !== 'id'
          ? (names: readonly string[]) => matchesName(owner.name.value, names)
          : owner.kind === Kind.OBJECT_FIELD
            ? () => isBy
            : (names: readonly string[]) => returnsOneOf(names, info, ancestors, type)
      if (!takes([...exact, ...interfaces])) return
      found = { name: node.name.value, isList: isList(input), isExact: takes(exact) }
    },
  })
  try {
    visit(parse(document), visitor)
  } catch {
    // A document that does not parse is offered nowhere.
  }
  return found
}

/**
 * The variable that an example looks up an object of the type by, with a name. Names are not unique, so the document is changed to
 * look it up by its id. It is edited as text, which keeps the comments.
 */
function nameVariableFor(
  schema: GraphQLSchema,
  document: string,
  type: GraphQLObjectType,
): VariableUse | undefined {
  const info = new TypeInfo(schema)
  const fields: ObjectFieldNode[] = []
  const uses: string[] = []
  const definitions: VariableDefinitionNode[] = []
  try {
    const visitor = visitWithTypeInfo(info, {
      VariableDefinition: (node) => void definitions.push(node),
      Variable: (node) => void uses.push(node.name.value),
      ObjectField(node) {
        const owner = info.getParentInputType()
        const isLookup = owner && getNamedType(owner as GraphQLNamedType).name === `${type.name}By`
        if (isLookup && node.name.value === 'name' && node.value.kind === Kind.VARIABLE) fields.push(node)
      },
    })
    visit(parse(document), visitor)
  } catch {
    return undefined
  }
  const [field] = fields
  if (field?.value.kind !== Kind.VARIABLE || fields.length > 1) return undefined
  const name = field.value.name.value
  const definition = definitions.find((each) => each.variable.name.value === name)
  // Its definition is one of the uses.
  if (!definition?.loc || !field.name.loc || uses.filter((each) => each === name).length !== 2)
    return undefined
  const query = replaceAll(document, [
    { start: definition.loc.start, end: definition.loc.end, text: `$${name}: ID!` },
    { start: field.name.loc.start, end: field.name.loc.end, text: 'id' },
  ])
  return { name, isList: false, isExact: true, query }
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Replaces parts of a text, which are in its order. */
const replaceAll = (text: string, edits: readonly Edit[]): string =>
  edits.reduceRight(
    (edited, { start, end, text: part }) => edited.slice(0, start) + part + edited.slice(end),
    text,
  )

/**
 * Whether a field with an argument `id` returns one of the types: by its declaration, and by the fragments that it selects. A field
 * that returns an interface, without fragments, takes any object of the interface.
 */
function returnsOneOf(
  names: readonly string[],
  info: TypeInfo,
  ancestors: readonly unknown[],
  type: GraphQLObjectType,
): boolean {
  const output = info.getFieldDef()?.type
  const returned = output && getNamedType(output)
  if (!isInterfaceType(returned)) return returned?.name === type.name
  const field = ancestors.findLast((each): each is ASTNode => (each as ASTNode).kind === Kind.FIELD)
  const selections = (field?.kind === Kind.FIELD && field.selectionSet?.selections) || []
  const conditions = selections.flatMap((each) =>
    each.kind === Kind.INLINE_FRAGMENT && each.typeCondition ? [each.typeCondition.name.value] : [],
  )
  return conditions.length === 0 ? names.includes(returned.name) : conditions.includes(type.name)
}
