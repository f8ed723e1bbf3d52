// What a caller may do to an object: one answer for each action, with its reasons, from fields that say it only together.

import { GraphQLEnumType } from 'graphql'
import { type RowSet, rowsOfList } from '../tables/row-set.ts'
import { derivedField } from '../typed/derived-field.ts'
import { fieldNamed, rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { enumLabel } from '../values/format.ts'

/** Tables show the values of an enum as words in a badge. */
const answerType = new GraphQLEnumType({
  name: 'Answer',
  values: {
    ALLOWED: {},
    BLOCKED_BY_STATE: {},
    MISSING_PRIVILEGE: {},
    MISSING_ROLE: {},
    NOT_ALLOWED: {},
    UNKNOWN: {},
  },
})

interface Answer {
  readonly answer: string
  readonly reason: string
}

/** Returns the answer for one action: what stops it first, and all reasons. */
function answerOf(access: TypedObject): Answer {
  const allowed = rawField(access, 'allowed')
  const blocked = rawField(access, 'blockedByState')
  const refusals = refusalsOf(access)
  const all = [
    ...refusals,
    ...(allowed === false && refusals.length === 0 ? [refusalWithoutReason(access)] : []),
    ...(blocked === true ? [['BLOCKED_BY_STATE', 'Its state rules it out.'] as const] : []),
    ...(allowed === null ? [['UNKNOWN', 'The server cannot check privileges.'] as const] : []),
    ['ALLOWED', blocked === null ? 'Its state cannot be read.' : ''] as const,
  ]
  const reasons = all.map(([, reason]) => reason).filter((reason) => reason !== '')
  return { answer: all[0]![0], reason: reasons.join(' ') }
}

type Obstacle = readonly [answer: string, reason: string]

/** What the caller lacks: a role in the gateway, or privileges in the vCenter. */
function refusalsOf(access: TypedObject): Obstacle[] {
  const role = rawField(access, 'requiredRole')
  const missing = rawField(access, 'missingPrivileges')
  const needed: Obstacle[] =
    typeof role === 'string' ? [['MISSING_ROLE', `Needs the role ${enumLabel(role)} in the gateway.`]] : []
  if (!Array.isArray(missing) || missing.length === 0) return needed
  const noun = missing.length === 1 ? 'the privilege' : 'the privileges'
  return [...needed, ['MISSING_PRIVILEGE', `Needs ${noun} ${missing.join(', ')}.`]]
}

/** No role or privilege helps if the gateway is read-only. */
const refusalWithoutReason = (access: TypedObject): Obstacle => [
  'NOT_ALLOWED',
  ['requiredRole', 'missingPrivileges'].every((name) => fieldNamed(access, name))
    ? 'The gateway is read-only.'
    : 'Select missingPrivileges and requiredRole for the reason.',
]

const isAccess = (value: TypedValue): boolean =>
  value.kind === 'object' &&
  value.typeName === 'ActionAccess' &&
  ['action', 'allowed'].every((name) => fieldNamed(value, name))

/** Returns a row for each action with the answer and the reason, or undefined if the value is not a list of what is allowed. */
export function accessRows(value: TypedValue): RowSet | undefined {
  const set = rowsOfList(value)
  if (!set?.rows.every(isAccess)) return undefined
  return {
    ...set,
    rows: set.rows.map((row) => {
      const { answer, reason } = answerOf(row)
      const action = fieldNamed(row, 'action')!
      return {
        ...row,
        fields: [
          { ...action, key: 'operation' },
          derivedField(row, 'answer', answer, { leafType: answerType }),
          derivedField(row, 'reason', reason === '' ? null : reason),
        ],
      }
    }),
  }
}
