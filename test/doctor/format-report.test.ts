// The text of a report: differences below the check of assumptions, and checks that were not made on one line.

import { expect, it } from 'vitest'
import { formatReport } from '../../src/doctor/format-report.ts'
import type { CheckReport, DoctorReport } from '../../src/doctor/report.ts'

const check = (id: string, change: Partial<CheckReport> = {}): CheckReport => ({
  id,
  title: `Title of ${id}`,
  status: 'ok',
  found: ['Found.'],
  todo: [],
  facts: {},
  ...change,
})

const report: DoctorReport = {
  schemaVersion: 1,
  program: { version: '1.2.3', node: 'v20' },
  startedAt: '2026-01-05T08:00:00.000Z',
  durationMs: 1_234,
  endedBy: 'timeout',
  exitCode: 1,
  checks: [
    check('network', { status: 'problem', todo: ['Do this.'] }),
    check('login', { status: 'skipped', facts: { needs: ['network'] } }),
    check('clock', { status: 'skipped', facts: { needs: ['login'] } }),
    check('assumptions'),
    check('logout'),
  ],
  assumptions: [
    { id: 'one', assumed: 'It is so.', probe: 'Reads it.', result: 'differs', observed: 'It is not.' },
    { id: 'two', assumed: 'It is so.', probe: 'Reads it.', result: 'confirmed', observed: 'It is.' },
  ],
  calls: { Login: 1, CurrentTime: 5 },
}

it('formats a report', () => {
  expect(formatReport(report, { columns: 70 })).toBe(`vsphere-graphql 1.2.3 doctor, 2026-01-05T08:00:00.000Z

problem  Title of network
         Found.
         -> Do this.

ok       Title of assumptions
         Found.
         one: assumed: It is so. Observed: It is not.

ok       Title of logout
         Found.

skipped  Checks that need those above
         Title of login, Title of clock.

1 problem found so far, in 1.2 s, with 6 calls that only read. The
time limit was reached: checks are missing. Set a longer one with
--timeout. This report names no host, user or object.
`)
})
