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
import { didYouMean } from '../../text/did-you-mean.ts'

/** Returns undefined if the message has no better remedy than itself. */
type Remedy = (groups: readonly string[], schema: GraphQLSchema) => string | undefined

/** More names than these are no help in a sentence; the documentation of the schema lists them. */
const maxNames = 12

/** The names that are suggested out of more. */
const maxSimilar = 5

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
  [/(?:^|; )(?:String|ID) cannot represent a non.string/, 'Write the value as a text, in quotes.'],
  [/(?:^|; )Boolean cannot represent a non boolean value: /, 'Write true or false, without quotes.'],
  [/(?:^|; )Int cannot represent non-integer value: -?\d/, 'Write a whole number.'],
  [
    /(?:^|; )Int cannot represent non 32-bit signed integer value: /,
    'Write a number from -2147483648 to 2147483647.',
  ],
]

const schemaRemedies: readonly (readonly [RegExp, Remedy])[] = [
  [/(?:^|; )Field "(\w+)" is not defined by type "(\w+Filter)"\./, unknownCondition],
  [/(?:^|; )Expected (?:value of )?type "\[?(\w+Filter)!?\]?"(?:,| to be an object)/, notAFilter],
  [/^Unknown argument "\w+" on field "(\w+)\.(\w+)"\./, unknownArgument],
  [/^Cannot query field "(\w+)" on type "(\w+)"\./, unknownField],
  [/(?:^|; )Value "(\w+)" does not exist in "(\w+)" enum\./, unknownValue],
  [/^OneOf Input Object "(\w+)" must specify exactly one key\./, oneKey],
  [/; Exactly one key must be specified for OneOf type "(\w+)"\./, oneKey],
  [/^Field "(\w+)\.\w+" must be non-null\./, oneKey],
  [/(?:^|; )Expected (?:value of )?type "\[?(\w+)!?\]?!?"(?:,| to be an object)/, notAnObject],
  [/(?:^|; )Field "\w+" is not defined by type "(\w+)"\./, unknownInputField],
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

/** A lookup by exactly one of its keys. */
function oneKey([typeName = '']: readonly string[], schema: GraphQLSchema) {
  const names = Object.keys(inputFieldsOf(schema.getType(typeName)))
  return names.length > 0 ? `Set exactly one of ${names.join(', ')}, and not to null.` : undefined
}

function notAnObject([typeName = '']: readonly string[], schema: GraphQLSchema) {
  const type = schema.getType(typeName)
  const fields = inputFieldsOf(type)
  const names = Object.keys(fields)
  const example = fields.name ? 'name' : names[0]
  if (example === undefined) return undefined
  return isInputObjectType(type) && type.isOneOf
    ? `Pass an object with exactly one of ${names.join(', ')}, such as { ${example}: … }.`
    : `Pass an object, such as { ${example}: … }.`
}

function unknownInputField([typeName = '']: readonly string[], schema: GraphQLSchema) {
  const names = Object.keys(inputFieldsOf(schema.getType(typeName)))
  return names.length > 0 && names.length <= maxNames ? `The fields are ${names.join(', ')}.` : undefined
}

/** A long list of values is no help, but those that resemble the given one are. */
function unknownValue([value = '', typeName = '']: readonly string[], schema: GraphQLSchema) {
  const type = schema.getType(typeName)
  const values = isEnumType(type) ? type.getValues().map(({ name }) => name) : []
  if (values.length === 0) return undefined
  if (values.length <= maxNames) return `The values are ${values.join(', ')}.`
  const similar = similarTo(value.toUpperCase(), values).slice(0, maxSimilar)
  return similar.length > 0
    ? `The type ${typeName} has ${values.length} values. Similar ones are ${similar.join(', ')}.`
    : `The type ${typeName} has ${values.length} values, which the documentation of the schema lists.`
}

/** Returns the names that share a word with the given one, those with most shared words first, then a misspelled one. */
function similarTo(name: string, names: readonly string[]): readonly string[] {
  const words = new Set(name.split('_'))
  const shared = names
    .map((each) => ({ each, parts: each.split('_') }))
    .map(({ each, parts }) => ({ each, parts, count: parts.filter((part) => words.has(part)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.parts.length - b.parts.length)
    .map(({ each }) => each)
  const misspelled = didYouMean(name, names)
  return [...new Set(misspelled === undefined ? shared : [misspelled, ...shared])]
}
