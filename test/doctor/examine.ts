// Runs the command `doctor` against a simulator over TLS, and returns its output and its report.

import { expect, onTestFinished } from 'vitest'
import { run } from '../../src/cli/run.ts'
import type { CheckReport, DoctorReport } from '../../src/doctor/report.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts'
import { testContext } from '../cli/test-context.ts'
import { noLiveObjects } from '../vim25/connect.ts'

export interface Examination {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly report: DoctorReport
  readonly check: (id: string) => CheckReport
}

export const credentials = { VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' }

/** Runs `doctor --json`. */
export async function examine(
  argv: string,
  env: Record<string, string> = credentials,
  meanwhile?: (signal: (name: 'SIGINT') => void) => Promise<void>,
): Promise<Examination> {
  const { context, written, signal, listeners } = testContext(`doctor --json ${argv}`, env)
  const done = run(context)
  await meanwhile?.(signal)
  const code = await done
  expect(listeners()).toBe(0)
  const report = JSON.parse(written.stdout) as DoctorReport
  return { code, ...written, report, check: (id) => report.checks.find((each) => each.id === id)! }
}

/** Starts a simulator that serves TLS. After the test, nothing may be left in it. */
export async function startSimulator(options?: SimulatorOptions) {
  const simulator = createSimulator(options)
  const { url, thumbprint } = await simulator.listen({ tls: true })
  onTestFinished(async () => {
    const { live } = simulator
    await simulator.close()
    expect(live).toEqual(noLiveObjects)
  })
  return { simulator, url, thumbprint: thumbprint!, pinned: `--url ${url} --thumbprint ${thumbprint}` }
}

/** Returns the statuses of all checks that are not ok. */
export const notOk = ({ report }: Examination): Record<string, string> =>
  Object.fromEntries(
    report.checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]),
  )

/** Changes the service content of a simulator. */
export function changeContent(
  simulator: Simulator,
  change: (content: Record<string, unknown>) => Record<string, unknown>,
): void {
  const instance = simulator.objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' })!
  instance.set('content', change(instance.get('content') as Record<string, unknown>))
}
