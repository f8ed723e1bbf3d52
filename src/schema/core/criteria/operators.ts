// The operators of conditions on scalars and enums: `{ eq: "a" }`, `{ gt: 5 }`, `{ isNull: true }`. A value that is unset meets only ne,
// notIn and isNull: true.

import { ManagedObject } from '../../../planner/managed-object.ts'
import { isManagedSubtype } from '../../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../errors/api-error.ts'
import { globMatcher } from '../glob.ts'
import { decodeId } from '../nodes/ids.ts'
import type { DecodedId } from '../nodes/node-registry.ts'

/** Decides on a value that is set. */
type Test = (value: unknown) => boolean

interface Operator {
  readonly description: string
  /** Whether the operand is a list of values of the field's type, a Boolean, or one value. */
  readonly operand: 'value' | 'list' | 'Boolean'
  /** Whether the operator holds for an unset value. */
  readonly holdsForUnset: (operand: unknown) => boolean
  readonly test: (operand: never) => Test
}

const never = () => false
const always = () => true

/** Values are compared as numbers (also points in time, and integers beyond 2^53), as text, or by identity. */
const comparable = (value: unknown): unknown =>
  value instanceof Date ? value.getTime() : typeof value === 'bigint' ? Number(value) : value

const operator = (
  description: string,
  test: (operand: never) => Test,
  { operand = 'value', holdsForUnset = never }: Partial<Pick<Operator, 'operand' | 'holdsForUnset'>> = {},
): Operator => ({ description, operand, holdsForUnset, test })

function membership(list: readonly unknown[]): Test {
  const members = new Set(list.map(comparable))
  return (value) => members.has(comparable(value))
}

const lowerCase =
  (matches: (value: string, operand: string) => boolean) =>
  (operand: string): Test => {
    const lowered = operand.toLowerCase()
    return (value) => matches(String(value).toLowerCase(), lowered)
  }

const ordered =
  (matches: (value: number, operand: number) => boolean) =>
  (operand: unknown): Test => {
    const bound = comparable(operand) as number
    return (value) => matches(comparable(value) as number, bound)
  }

const operators = {
  eq: operator('The value is equal to this one.', (operand: unknown) => membership([operand])),
  ne: operator(
    'The value is not equal to this one, or unset.',
    (operand: unknown) => {
      const isEqual = membership([operand])
      return (value) => !isEqual(value)
    },
    { holdsForUnset: always },
  ),
  in: operator('The value is one of these. An empty list matches nothing.', membership, { operand: 'list' }),
  notIn: operator(
    'The value is none of these, or unset. An empty list matches everything.',
    (list: readonly unknown[]) => {
      const isMember = membership(list)
      return (value) => !isMember(value)
    },
    { operand: 'list', holdsForUnset: always },
  ),
  lt: operator(
    'The value is less than this one; for a time, earlier.',
    ordered((a, b) => a < b),
  ),
  lte: operator(
    'The value is at most this one; for a time, not later.',
    ordered((a, b) => a <= b),
  ),
  gt: operator(
    'The value is greater than this one; for a time, later.',
    ordered((a, b) => a > b),
  ),
  gte: operator(
    'The value is at least this one; for a time, not earlier.',
    ordered((a, b) => a >= b),
  ),
  contains: operator(
    'The value contains this text. Case is ignored.',
    lowerCase((a, b) => a.includes(b)),
  ),
  startsWith: operator(
    'The value starts with this text. Case is ignored.',
    lowerCase((a, b) => a.startsWith(b)),
  ),
  endsWith: operator(
    'The value ends with this text. Case is ignored.',
    lowerCase((a, b) => a.endsWith(b)),
  ),
  glob: operator(
    'The whole value matches this pattern: `*`, `?`, `[a-z]`, `[!a-z]`; `\\` escapes a character. Case is ignored.',
    (glob: string) => {
      const matches = globMatcher(glob.toLowerCase())
      return (value) => matches(String(value).toLowerCase())
    },
  ),
  isNull: operator('True: the value is unset. False: it is set.', (expected: boolean) => () => !expected, {
    operand: 'Boolean',
    holdsForUnset: (expected) => expected === true,
  }),
} as const satisfies Readonly<Record<string, Operator>>

export type OperatorName = keyof typeof operators

export const operatorOf = (name: string): Operator => operators[name as OperatorName]

const equality = ['eq', 'ne', 'in', 'notIn', 'isNull'] as const
const comparison = ['lt', 'lte', 'gt', 'gte'] as const

/** The operators of each scalar, in the order of the input type. */
export const scalarOperators: Readonly<Record<string, readonly OperatorName[]>> = {
  String: ['eq', 'ne', 'in', 'notIn', 'contains', 'startsWith', 'endsWith', 'glob', 'isNull'],
  Int: ['eq', 'ne', 'in', 'notIn', ...comparison, 'isNull'],
  BigInt: ['eq', 'ne', 'in', 'notIn', ...comparison, 'isNull'],
  Float: [...comparison, 'isNull'],
  DateTime: [...comparison, 'isNull'],
  Boolean: ['eq', 'ne', 'isNull'],
  ID: ['eq', 'in'],
}

export const enumOperators: readonly OperatorName[] = equality

/** Decides on a value: undefined is unset. */
type ValueTest = (value: unknown) => boolean

/**
 * Compiles the operators of one condition, all of which must hold.
 *
 * @param field - the name of the field, for errors
 * @throws ApiError BAD_USER_INPUT if an operand is null or invalid
 */
export function compileOperators(field: string, input: Readonly<Record<string, unknown>>): ValueTest {
  const tests = Object.entries(input).map(([name, operand]) => {
    if (operand === null)
      throw badInput(
        `the operand of ${field}.${name} is null`,
        'Use isNull: true for values that are unset, or omit the operator.',
      )
    const { test, holdsForUnset } = operatorOf(name)
    const unset = holdsForUnset(operand)
    const matches = test(operand as never)
    return (value: unknown) => (value === undefined || value === null ? unset : matches(value))
  })
  return (value) => tests.every((test) => test(value))
}

/**
 * Compiles the operators of a condition on ids. They are decoded once, so that one of another type or vCenter is an error and not a
 * condition that never holds.
 *
 * @param typeName - the type of the objects with these ids
 * @throws ApiError BAD_USER_INPUT if an operand is null or not an id of the type
 */
export function compileIdOperators(
  field: string,
  input: Readonly<Record<string, unknown>>,
  typeName: string,
  context: Context,
): (value: unknown, item: object) => boolean {
  const test = compileOperators(field, input)
  // By reference, because a list can be long. Objects of different vCenters can have the same one.
  const operands = Object.values(input).map((operand) => {
    const sources = new Map<string, Set<object>>()
    for (const each of [operand as string | readonly string[]].flat()) {
      const { ref, vcenter } = decodeIdOf(typeName, each, context)
      const key = referenceKey(ref)
      sources.set(key, (sources.get(key) ?? new Set()).add(vcenter.source))
    }
    return sources
  })
  return (value, item) =>
    item instanceof ManagedObject
      ? operands.every((sources) => sources.get(referenceKey(item.ref))?.has(item.source) ?? false)
      : test(value)
}

/** Decodes the id of an object of a type, or of any object of the inventory. */
function decodeIdOf(typeName: string, id: string, context: Context): DecodedId {
  if (typeName !== 'ManagedEntity') return decodeId(context, id, [typeName])
  const decoded = decodeId(context, id)
  if (decoded.key !== undefined || !isManagedSubtype(decoded.ref.type, typeName))
    throw badInput(
      `the id belongs to a ${decoded.nodeType.name}, but must belong to an object of the inventory`,
      'Pass the id of a virtual machine, a host, a folder or another managed object.',
    )
  return decoded
}

const referenceKey = ({ type, value }: ManagedObjectReference): string => `${type} ${value}`
