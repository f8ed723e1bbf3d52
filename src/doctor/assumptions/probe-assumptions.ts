// The check of assumptions: probes each one, and adds the result to the report.

import { withSignal } from '../../concurrency/timing.ts'
import type { Check, DoctorRun } from '../check.ts'
import { describeFailure } from '../failure.ts'
import type { AssumptionReport } from '../report.ts'
import { assumptions } from './assumptions.ts'
import type { Assumption } from './probe.ts'

/** @param reports receives the result of each assumption */
export const assumptionsCheck = (reports: AssumptionReport[]): Check => ({
  id: 'assumptions',
  title: 'Assumptions about real servers',
  needs: ['endpoint'],
  async run(run) {
    for (const assumption of assumptions) reports.push(await probe(assumption, run))
    const countOf = (result: AssumptionReport['result']) =>
      reports.filter((each) => each.result === result).length
    const facts = {
      confirmed: countOf('confirmed'),
      differs: countOf('differs'),
      unknown: countOf('unknown'),
      skipped: countOf('skipped'),
      notProbed: countOf('notProbed'),
    }
    const found = [
      `${facts.confirmed} confirmed, ${facts.differs} different, ${facts.unknown} unknown, ${facts.skipped} not applicable; ${facts.notProbed} cannot be probed without a change.`,
    ]
    const reason = describeFailure(run.signal.reason)
    if (reason !== undefined)
      return { status: 'unknown', found: [`Not finished: ${reason}.`, ...found], facts }
    if (!run.session.isConnected)
      return { status: 'unknown', found: ['Most were not probed: there is no session.', ...found], facts }
    if (facts.differs === 0) return { status: 'ok', found, facts }
    return {
      status: 'unknown',
      found,
      todo: ['Send this report to the developers: the gateway may need a change for this server.'],
      facts,
    }
  },
})

async function probe(assumption: Assumption, run: DoctorRun): Promise<AssumptionReport> {
  const { id, assumed } = assumption
  if ('notProbed' in assumption)
    return { id, assumed, probe: assumption.notProbed, result: 'notProbed', observed: '' }
  const report = (result: AssumptionReport['result'], observed: string): AssumptionReport => ({
    id,
    assumed,
    probe: assumption.probe,
    result,
    observed,
  })
  try {
    run.signal.throwIfAborted()
    if (!run.content || (assumption.needsLogin !== false && !run.session.isConnected))
      return report('unknown', 'Not probed: there is no session.')
    const { result, observed } = await withSignal(assumption.observe(run), run.signal)
    return report(result, observed)
  } catch (error) {
    const description = describeFailure(error)
    if (description === undefined)
      run.hint(`${id}: unexpected error: ${error instanceof Error ? error.stack : String(error)}`)
    return report('unknown', `Not probed: ${description ?? 'unexpected error of this program'}.`)
  }
}
