// Generates valid operations over the schema. Their values are partly those of real objects and partly random values of the
// correct type.

import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'

interface RandomOperation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly query: string
}

/** String and number literals by the scalar that accepts them. */
export type Literals = Readonly<Record<string, readonly string[]>>

/** Also uses the names of existing objects. */
const aliases = ['id', 'name', '__proto__', 'constructor', 'toString', 'then']
const maxDepth = 6
/** Filters contain filters. */
const maxInputDepth = 4

/** Generates an operation from a schema with fast-check's choices, and thus from its seed. */
export function randomOperation(schema: GraphQLSchema, literals: Literals, choose: fc.GeneratorValue) {
  // By index: fast-check compares values, and a schema is cyclic.
  let used = 0
  const oneOf = <T>(items: readonly T[]): T => items[choose(fc.nat, { max: items.length - 1 })] as T
  const chance = (percent: number): boolean => choose(fc.nat, { max: 99 }) < percent

  function literal(type: GraphQLInputType, depth = 0): string {
    if (isNonNullType(type)) return value(type.ofType, depth)
    return chance(5) ? 'null' : value(type, depth)
  }

  function value(type: GraphQLInputType, depth: number): string {
    if (isListType(type))
      return `[${Array.from({ length: choose(fc.nat, { max: 3 }) }, () => literal(type.ofType, depth))}]`
    if (isEnumType(type)) return oneOf(type.getValues()).name
    if (!isInputObjectType(type)) return oneOf(literals[type.name] ?? ['""'])
    const fields = Object.values(type.getFields())
    const argumentList = type.isOneOf
      ? [oneOf(fields)]
      : fields.filter((field) => isRequiredInputField(field) || (depth < maxInputDepth && chance(30)))
    return `{ ${argumentList.map((field) => pair(field, depth + 1)).join(', ')} }`
  }

  const pair = ({ name, type }: GraphQLArgument | GraphQLInputField, depth = 0): string =>
    `${name}: ${literal(type, depth)}`

  function selection(type: GraphQLNamedType, depth: number): string {
    if (!isCompositeType(type)) return ''
    const parts = Array.from({ length: choose(fc.integer, { min: 1, max: 3 }) }, () => part(type, depth))
    return ` { ${parts.join(' ')} }`
  }

  function part(type: GraphQLNamedType, depth: number): string {
    if (chance(5)) return '__typename'
    if (isAbstractType(type) && chance(50)) {
      const possible = oneOf(schema.getPossibleTypes(type))
      return `... on ${possible.name}${directive()}${selection(possible, depth)}`
    }
    if (!('getFields' in type)) return '__typename'
    const fields = Object.values((type as GraphQLObjectType).getFields())
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)))
    const candidates = depth >= maxDepth ? leaves : fields
    if (candidates.length === 0) return '__typename'
    const field = oneOf(candidates)
    const args = field.args.filter((arg) => isRequiredArgument(arg) || chance(15)).map((arg) => pair(arg))
    const argumentList = args.length > 0 ? `(${args.join(', ')})` : ''
    return `${alias(args.length > 0)}${field.name}${argumentList}${directive()}${selection(getNamedType(field.type), depth + 1)}`
  }

  /** Uses an alias where a field may be selected twice with different arguments. */
  function alias(hasArguments: boolean): string {
    if (chance(3)) return `${oneOf(aliases)}: `
    used += 1
    return hasArguments ? `a${used}: ` : ''
  }

  const directive = (): string =>
    chance(5) ? ` @${oneOf(['include', 'skip'])}(if: ${oneOf(['true', 'false'])})` : ''

  const kind = oneOf(['query', 'query', 'query', 'mutation', 'subscription'] as const)
  const root = schema.getRootType(kind as never)
  return { kind, query: `${kind}${root ? selection(root, 0) : ''}` } satisfies RandomOperation
}
