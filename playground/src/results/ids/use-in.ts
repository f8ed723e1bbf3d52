// Finds where an id can be used: examples with a variable for it, and fields of the schema with an argument for it.

import {
  type ASTNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  Kind,
  type ObjectFieldNode,
  parse,
  print,
  TypeInfo,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { OpenTab } from '../../execution/open-tab.ts'

export interface UseExample {
  readonly title: string
  readonly description: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface Use {
  readonly title: string
  readonly description: string
  readonly isExample: boolean
  /** Whether the operation changes something when it is run. */
  readonly isMutation: boolean
  /** The operation with the id filled in. */
  readonly tab: OpenTab
}

/** Returns the uses of the id of an object of this type, examples first. */
export function usesOfId(
  schema: GraphQLSchema,
  typeName: string,
  id: string,
  examples: readonly UseExample[],
): Use[] {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return []
  const names = [type.name, ...type.getInterfaces().map((each) => each.name)]
  const ofExamples = examples.flatMap((example): Use[] => {
    const variable =
      variableFor(schema, example.query, type, names) ?? nameVariableFor(schema, example.query, type)
    if (!variable) return []
    const value = variable.isList ? [id] : id
    return [
      {
        title: example.title,
        description: example.description,
        isExample: true,
        isMutation: example.kind === 'mutation',
        tab: {
          query: variable.query ?? example.query,
          variables: { ...example.variables, [variable.name]: value },
        },
      },
    ]
  })
  return [...ofExamples, ...fieldUses(schema, type, names, id)]
}

interface VariableUse {
  readonly name: string
  readonly isList: boolean
  /** The document in which the variable takes an id. Undefined if it does already. */
  readonly query?: string
}

/** The first variable of a document that takes the id of such an object. */
function variableFor(
  schema: GraphQLSchema,
  document: string,
  type: GraphQLObjectType,
  names: readonly string[],
): VariableUse | undefined {
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
      const accepted =
        owner.name.value !== 'id'
          ? matchesName(owner.name.value, names)
          : owner.kind === Kind.OBJECT_FIELD
            ? parentInput !== undefined &&
              getNamedType(parentInput as GraphQLNamedType)?.name === `${type.name}By`
            : returnsType(info, ancestors, type)
      if (accepted) found = { name: node.name.value, isList: isList(input) }
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
  return { name, isList: false, query }
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

const isList = (type: unknown): boolean => isListType(isNonNullType(type) ? type.ofType : type)

/** Whether a field with an argument `id` returns the type: by its declaration, and by the fragments that it selects. */
function returnsType(info: TypeInfo, ancestors: readonly unknown[], type: GraphQLObjectType): boolean {
  const output = info.getFieldDef()?.type
  const returned = output && getNamedType(output)
  if (!isInterfaceType(returned)) return returned?.name === type.name
  const field = ancestors.findLast((each): each is ASTNode => (each as ASTNode).kind === Kind.FIELD)
  const selections = (field?.kind === Kind.FIELD && field.selectionSet?.selections) || []
  const conditions = selections.flatMap((each) =>
    each.kind === Kind.INLINE_FRAGMENT && each.typeCondition ? [each.typeCondition.name.value] : [],
  )
  return conditions.length === 0 || conditions.includes(type.name)
}

/** Whether the name of an argument means the type or one of its interfaces: `disk` is a VirtualDisk, `entities` are of ManagedEntity. */
function matchesName(name: string, typeNames: readonly string[]): boolean {
  const singular = name
    .replace(/ies$/, 'y')
    .replace(/(?<!s)s$/, '')
    .replace(/Ids?$/, '')
    .toLowerCase()
  return typeNames.some((each) => each.toLowerCase().endsWith(singular))
}

/** Fields of queries and subscriptions. Changes are only offered as examples, which say what they do. */
function fieldUses(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  names: readonly string[],
  id: string,
): Use[] {
  const ofRoot = (root: 'query' | 'subscription', owner: GraphQLObjectType | undefined | null): Use[] =>
    Object.values(owner?.getFields() ?? {}).flatMap((field) => {
      const argument = argumentFor(field, type, names)
      if (!argument) return []
      const returned = getNamedType(field.type)
      const selection = selectionOf(isInterfaceType(returned) ? type : returned)
      const selected = isInterfaceType(returned)
        ? `{ __typename ... on ${type.name} ${selection} }`
        : selection
      const query = `${root} ($id: ID!) { ${field.name}(${argument}) ${selected} }`
      return [
        {
          title: field.name,
          description: field.description ?? '',
          isExample: false,
          isMutation: false,
          tab: { query: pretty(query), variables: { id } },
        },
      ]
    })
  return [...ofRoot('query', schema.getQueryType()), ...ofRoot('subscription', schema.getSubscriptionType())]
}

function argumentFor(
  field: GraphQLField<unknown, unknown>,
  type: GraphQLObjectType,
  names: readonly string[],
): string | undefined {
  const required = field.args.filter(isRequiredArgument)
  if (required.length > 1) return undefined
  const returned = getNamedType(field.type)
  for (const { name, type: input } of field.args) {
    if (required.length === 1 && required[0]?.name !== name) continue
    const inputName = getNamedType(input).name
    if (name === 'by' && inputName === `${type.name}By` && returned.name === type.name)
      return 'by: { id: $id }'
    if (inputName !== 'ID' || isList(input)) continue
    const isAccepted = name === 'id' ? names.includes(returned.name) : matchesName(name, names)
    if (isAccepted) return `${name}: $id`
  }
  return undefined
}

/** The most fields that a new operation selects. */
const maxFields = 12
const firstFields = ['id', 'name', 'label', 'path']

/** Selects leaves without arguments, names first, or of an object without leaves those of its lists. */
function selectionOf(type: GraphQLNamedType, depth = 0): string {
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && !field.deprecationReason,
  )
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name)
  const sorted = [
    ...firstFields.filter((name) => leaves.includes(name)),
    ...leaves.filter((name) => !firstFields.includes(name)),
  ]
  const lists = fields.filter((field) => isObjectType(getNamedType(field.type)) && isList(field.type))
  const nested = depth === 0 && leaves.length < 8 && !leaves.includes('name') ? lists.slice(0, 1) : []
  return `{ ${[
    ...sorted.slice(0, maxFields),
    ...nested.map((field) => `${field.name} ${selectionOf(getNamedType(field.type), depth + 1)}`),
  ].join(' ')} }`
}

const pretty = (query: string): string => `${print(parse(query))}\n`
