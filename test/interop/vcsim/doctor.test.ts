// The command doctor on vcsim, as a vCenter and as an ESXi host: it recognizes both, finds no problem, and leaves nothing behind.

import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import type { DoctorReport } from '../../../src/doctor/report.ts'
import { testContext } from '../../cli/test-context.ts'
import { vcsim } from '../tools.ts'
import { startVcsim } from '../vcsim.ts'

async function examine(...flags: readonly string[]) {
  const server = await startVcsim(...flags)
  onTestFinished(() => server.stop())
  const doctor = async (argv: string) => {
    const { context, written } = testContext(`doctor --json --url ${server.url} ${argv}`)
    const code = await run(context)
    const report = JSON.parse(written.stdout) as DoctorReport
    const check = (id: string) => report.checks.find((each) => each.id === id)
    const result = (id: string) => report.assumptions.find((each) => each.id === id)?.result
    return { code, ...written, check, result, report }
  }
  const untrusted = await doctor('')
  const thumbprint = /--thumbprint (\S+)/.exec(untrusted.stderr)?.[1]
  return { untrusted, trusted: await doctor(`--thumbprint ${thumbprint}`) }
}

describe.skipIf(vcsim === undefined)('doctor', () => {
  it('finds no problem on vcsim once its certificate is pinned', async () => {
    const { untrusted, trusted } = await examine()
    expect(untrusted.code).toBe(1)
    expect(untrusted.check('certificate')).toMatchObject({ status: 'problem' })
    expect(untrusted.check('login')).toMatchObject({ status: 'skipped' })
    expect(trusted.report.checks.filter(({ status }) => status === 'problem')).toEqual([])
    expect(trusted.code).toBe(0)
    expect(trusted.check('version')?.facts).toMatchObject({ apiType: 'VirtualCenter', version: '6.5.0' })
    expect(trusted.check('vapi')?.facts).toMatchObject({ generation: 'rest' })
    expect(trusted.check('change-tracking')?.facts).toMatchObject({ machines: 4, checked: 4 })
    // Nothing is left of the run before.
    expect(trusted.check('sessions')?.facts).toMatchObject({ ofUserAndProgram: 0 })
    // vcsim hides these: docs/architecture.md.
    expect(trusted.result('unknown-property')).toBe('differs')
    expect(trusted.result('declared-type-paths')).toBe('differs')
    expect(trusted.stdout).not.toMatch(/DC0|127\.0\.0\.1|localhost/)
  })

  it('recognizes an ESXi host', async () => {
    const { trusted } = await examine('-esx')
    expect(trusted.check('version')?.facts).toMatchObject({ apiType: 'HostAgent' })
    expect(trusted.check('vapi')).toMatchObject({ status: 'skipped' })
    // vcsim's host was captured from one that a vCenter manages.
    expect(trusted.check('host-licence')).toMatchObject({ status: 'problem', facts: { managed: true } })
    expect(trusted.check('inventory')?.facts).toMatchObject({ counts: { HostSystem: 1, VirtualMachine: 2 } })
    expect(trusted.report.checks.filter(({ status }) => status === 'problem')).toHaveLength(1)
    expect(trusted.code).toBe(1)
  })
})
