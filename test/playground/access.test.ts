// The table of what a caller may do: one answer in words for each action, with its reason.

import { describe, expect, it } from 'vitest'
import { accessRows } from '../../playground/src/results/access/read-access.ts'
import { cellValue, columnsOf } from '../../playground/src/results/tables/columns.ts'
import { toneOf } from '../../playground/src/results/values/tone.ts'
import { typedAt } from './typed.ts'

const allFields = 'action allowed missingPrivileges requiredRole blockedByState'

const accessList = (selection: string, ...access: readonly object[]) =>
  typedAt(
    `{ virtualMachine(by: { name: "a" }) { can { ${selection} } } }`,
    { virtualMachine: { can: access } },
    'virtualMachine',
    'can',
  )

const allowed = {
  action: 'POWER_ON',
  allowed: true,
  missingPrivileges: [],
  requiredRole: null,
  blockedByState: false,
}

/** The cells of the only row, by the label of their column. */
function cellsOf(change: object): Record<string, unknown> {
  const rows = accessRows(accessList(allFields, { ...allowed, ...change }))?.rows ?? []
  return Object.fromEntries(columnsOf(rows).map((column) => [column.label, cellValue(rows[0]!, column)?.raw]))
}

describe('the table of what a caller may do', () => {
  it('has the operation, the answer and the reason, in this order', () => {
    const { rows = [] } = accessRows(accessList(allFields, allowed)) ?? {}
    expect(columnsOf(rows).map(({ label }) => label)).toEqual(['Operation', 'Answer', 'Reason'])
    // A download has the fields of the response.
    expect(rows[0]?.raw).toEqual(allowed)
  })

  const privilege = 'VirtualMachine.Interact.PowerOn'
  const state = 'Its state rules it out.'
  it.each<[string, object, string, string | null]>([
    ['is allowed without an obstacle', {}, 'ALLOWED', null],
    ['is blocked by state although privileges suffice', { blockedByState: true }, 'BLOCKED_BY_STATE', state],
    [
      'misses a privilege',
      { allowed: false, missingPrivileges: [privilege] },
      'MISSING_PRIVILEGE',
      `Needs the privilege ${privilege}.`,
    ],
    [
      'has all reasons, what the caller lacks first',
      { allowed: false, requiredRole: 'OPERATOR', missingPrivileges: ['a', 'b'], blockedByState: true },
      'MISSING_ROLE',
      `Needs the role Operator in the gateway. Needs the privileges a, b. ${state}`,
    ],
    ['is refused by a read-only gateway', { allowed: false }, 'NOT_ALLOWED', 'The gateway is read-only.'],
    [
      'is unknown if privileges cannot be checked',
      { allowed: null },
      'UNKNOWN',
      'The server cannot check privileges.',
    ],
    [
      'is blocked by state even if privileges cannot be checked',
      { allowed: null, blockedByState: true },
      'BLOCKED_BY_STATE',
      `${state} The server cannot check privileges.`,
    ],
    [
      'is allowed as far as is known if the state cannot be read',
      { blockedByState: null },
      'ALLOWED',
      'Its state cannot be read.',
    ],
  ])('%s', (_, change, answer, reason) => {
    expect(cellsOf(change)).toEqual({ Operation: 'POWER_ON', Answer: answer, Reason: reason })
  })

  it('names the fields to select if a refusal has no reason', () => {
    const value = accessList('action allowed', { action: 'POWER_ON', allowed: false })
    expect(accessRows(value)?.rows[0]?.fields.at(-1)?.value.raw).toBe(
      'Select missingPrivileges and requiredRole for the reason.',
    )
  })

  it('is not made of other lists, nor of actions without an answer', () => {
    expect(
      accessRows(accessList('action blockedByState', { action: 'POWER_ON', blockedByState: true })),
    ).toBe(undefined)
    const machines = typedAt(
      '{ virtualMachines { nodes { name } } }',
      { virtualMachines: { nodes: [{ name: 'a' }] } },
      'virtualMachines',
      'nodes',
    )
    expect(accessRows(machines)).toBe(undefined)
  })

  it('shows each answer as good, as a warning or as bad, and only what is allowed as good', () => {
    expect(
      ['ALLOWED', 'BLOCKED_BY_STATE', 'MISSING_PRIVILEGE', 'MISSING_ROLE', 'NOT_ALLOWED', 'UNKNOWN'].map(
        toneOf,
      ),
    ).toEqual(['good', 'warning', 'bad', 'bad', 'bad', 'warning'])
  })
})
