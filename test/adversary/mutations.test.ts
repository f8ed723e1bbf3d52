// Disturbs every mutation: each of its SOAP calls is lost, rejected, answered by a proxy, answered illegally or executed late,
// or the vCenter restarts. The response, the audit log and the simulator's inventory must agree.

import { expect, test } from 'vitest'
import type { SoapResponse } from '../soap-proxy.ts'
import { type CallOutcome, readOutcomes, writeOutcomes } from './call-outcomes.ts'
import { expectNoViolations, randomOf, sample, scaledTimeout } from './cases.ts'
import { allSteps, lateTimings, type MutationScenario, runScenario, type Step } from './mutation-scenario.ts'
import { illegalResponsesOf } from './responses/illegal-responses.ts'
import { restartTimings } from './restart-timings.ts'

/** Executes the call and sends an illegal response. */
const illegalOutcomes = ({ mutation, method }: Step): CallOutcome[] =>
  illegalResponsesOf(method).map(({ name, change }) => ({
    name,
    async handle(call) {
      const { status, text, headers }: SoapResponse = await call.forward()
      const changed = change({ method, text }, randomOf(mutation.name, method, name))
      if (status !== 200 || changed === undefined) call.respond(status, text, headers)
      else if (typeof changed === 'string') call.respond(status, changed, headers)
      else call.respond(changed.status, changed.text, headers)
    },
  }))

function scenariosOf(step: Step): MutationScenario[] {
  const { mutation, method, nth } = step
  const isWrite = mutation.writeMethods.includes(method)
  const scenario = (
    { name, handle }: Pick<MutationScenario, 'name' | 'handle'>,
    when?: MutationScenario['when'],
  ): MutationScenario => ({
    ...step,
    name: `${mutation.name}, ${method} ${nth}: ${name}${when ? ` ${when}` : ''}`,
    handle,
    ...(when && { when }),
  })
  return [
    ...[...(isWrite ? writeOutcomes : readOutcomes), ...illegalOutcomes(step)].flatMap((outcome) =>
      outcome.name.endsWith('late')
        ? lateTimings.map((when) => scenario(outcome, when))
        : [scenario(outcome)],
    ),
    ...restartTimings.map(({ name, handle }) =>
      scenario({ name: `restart ${name}`, handle: (call, _late, fixture) => handle(call, fixture) }),
    ),
  ]
}

test(
  'makes the change of each mutation once or reports a correct error, whatever happens to a call',
  async () => {
    const steps = await allSteps()
    expect(steps.length).toBeGreaterThan(40)
    const scenarios = steps.flatMap(scenariosOf)
    // Most calls are reads, so write calls are sampled separately.
    const isOnWrite = ({ mutation, method }: MutationScenario): boolean =>
      mutation.writeMethods.includes(method)
    const onWrites = scenarios.filter(isOnWrite)
    const others = scenarios.filter((each) => !isOnWrite(each))
    await expectNoViolations(
      [...sample('changes', onWrites, 35), ...sample('other calls', others, 20)],
      24,
      runScenario,
    )
  },
  scaledTimeout(300_000),
)
