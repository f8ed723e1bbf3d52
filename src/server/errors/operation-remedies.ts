// The remedies for operations that GraphQL rejects. Its messages state what is wrong; these state what to write instead.

import {
  type GraphQLInputFieldMap,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'

/** Returns undefined if the message has no better remedy than itself. */
type Remedy = (groups: readonly string[], schema: GraphQLSchema) => string | undefined

/** More names than these are no help in a sentence; the documentation of the schema lists them. */
const maxNames = 12

/** The remedies that name no type, field or value of the schema that the message does not name. */
const generalRemedies: readonly (readonly [RegExp, string])[] = [
  [
    /; Expected non-nullable type ".*" not to be null\.$|^Expected value of type ".*!", found null\.$/s,
    'Omit the null. In a filter, use isNull: true for values that are unset.',
  ],
  [/^Enum "\w+" cannot represent non-enum value: "/, 'Write the value of an enum without quotes.'],
  [
    /(?:^|; )(?:Int cannot represent non-integer|Float cannot represent non numeric) value: "-?\d+(?:\.\d+)?"$/,
    'Write the number without quotes.',
  ],
  [
    /(?:^|; )String cannot represent a non string value: \[/,
    'Pass one text. In a filter, in and notIn take several.',
  ],
]

const schemaRemedies: readonly (readonly [RegExp, Remedy])[] = [
  [/(?:^|; )Field "(\w+)" is not defined by type "(\w+Filter)"\./, unknownCondition],
  [/(?:^|; )Expected (?:value of )?type "\[?(\w+Filter)!?\]?"(?:,| to be an object)/, notAFilter],
  [/^Unknown argument "\w+" on field "(\w+)\.(\w+)"\./, unknownArgument],
  [/^Cannot query field "(\w+)" on type "(\w+)"\./, unknownField],
  [/(?:^|; )Value "\w+" does not exist in "(\w+)" enum\./, unknownValue],
]

/**
 * Returns the remedy for an error in an operation or its variables; undefined for other messages.
 * @param schema undefined if remedies must not reveal its names
 */
export function operationRemedy(message: string, schema: GraphQLSchema | undefined): string | undefined {
  const general = generalRemedies.find(([pattern]) => pattern.test(message))
  if (general || !schema) return general?.[1]
  for (const [pattern, remedy] of schemaRemedies) {
    const [, ...groups] = pattern.exec(message) ?? []
    if (groups.length > 0) return remedy(groups, schema)
  }
  return undefined
}

type FilterKind = 'list' | 'object' | 'value'

function filterKindOf(fields: GraphQLInputFieldMap): FilterKind {
  if (fields.some) return 'list'
  return fields.and ? 'object' : 'value'
}

const inputFieldsOf = (type: GraphQLNamedType | undefined): GraphQLInputFieldMap =>
  isInputObjectType(type) ? type.getFields() : {}

function unknownCondition([name = '', typeName = '']: readonly string[], schema: GraphQLSchema) {
  const fields = inputFieldsOf(schema.getType(typeName))
  const operators = Object.keys(fields)
  switch (filterKindOf(fields)) {
    case 'list': {
      const item = inputFieldsOf(fields.some && getNamedType(fields.some.type))
      return name in item
        ? `A list has conditions on its items: some: { ${name}: … }, every or none.`
        : 'A list has the conditions some, every and none. none: {} holds if it is empty, some: {} if it is not.'
    }
    case 'object':
      return name in inputFieldsOf(schema.getType('StringFilter'))
        ? 'An object has conditions on its fields, and no operators. {} holds if it exists; put it into not for the opposite.'
        : undefined
    case 'value':
      return operators.length > 0
        ? `The ${fields.in || fields.isNull ? 'operators' : 'fields'} are ${operators.join(', ')}.`
        : undefined
  }
}

function notAFilter([typeName = '']: readonly string[], schema: GraphQLSchema) {
  const fields = inputFieldsOf(schema.getType(typeName))
  const [first = 'eq'] = Object.keys(fields)
  switch (filterKindOf(fields)) {
    case 'list':
      return 'Set conditions on the items of the list, such as { some: { … } }.'
    case 'object':
      return 'Set conditions on fields of the object, each with an operator, such as { name: { eq: … } }.'
    case 'value':
      return `Use an operator, such as { ${fields.eq ? 'eq' : first}: … }.`
  }
}

function unknownArgument([typeName = '', fieldName = '']: readonly string[], schema: GraphQLSchema) {
  const names = fieldsOf(schema.getType(typeName))[fieldName]?.args.map(({ name }) => name) ?? []
  if (names.length === 0) return 'The field has no arguments.'
  if (names.length === 1) return `The only argument is ${names[0]}.`
  return names.length > maxNames ? undefined : `The arguments are ${names.join(', ')}.`
}

const fieldsOf = (type: GraphQLNamedType | undefined) =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields() : {}

/** The fields of connections, which lists without pages do not have. */
const connectionFields = new Set(['nodes', 'edges', 'pageInfo', 'totalCount', 'aggregate', 'groups'])

/** An unknown field is often one of an object below: of the nodes of a connection, or of a part such as `guest`. */
function unknownField([name = '', typeName = '']: readonly string[], schema: GraphQLSchema) {
  const fields = fieldsOf(schema.getType(typeName))
  const below = Object.values(fields)
    .filter(({ type, args }) => name in fieldsOf(getNamedType(type)) && !args.some(isRequiredArgument))
    .map((field) => field.name)
  const [only] = below.includes('nodes') ? ['nodes'] : below
  if (only !== undefined && (below.length === 1 || only === 'nodes'))
    return `Select it in ${only} { ${name} }.`
  return connectionFields.has(name) && 'id' in fields
    ? 'This list has no pages: select the fields of its items directly.'
    : undefined
}

function unknownValue([typeName = '']: readonly string[], schema: GraphQLSchema) {
  const type = schema.getType(typeName)
  const values = isEnumType(type) ? type.getValues().map(({ name }) => name) : []
  return values.length > 0 && values.length <= maxNames ? `The values are ${values.join(', ')}.` : undefined
}
