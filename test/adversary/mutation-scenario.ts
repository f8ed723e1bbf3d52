// Runs one scenario: disturbs one SOAP call of a mutation, retries as a client that honors `retryable` does, and returns the
// violations that the oracle finds.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import type { ProxiedCall } from '../soap-proxy.ts'
import type { TestGateway } from '../test-gateway.ts'
import type { Violations } from './cases.ts'
import { type AdversaryFixture, startFixture } from './fixture.ts'
import { type MutationCase, mutationCases, snapshotsIn, temporaryName } from './mutation-cases.ts'
import { isRetryable, mutationViolations } from './mutation-oracle.ts'

/** When a delayed call is executed. */
export const lateTimings = ['after the response', 'after the retry'] as const

/** Identifies a call of a mutation: its `nth` call of this method. */
export interface Step {
  readonly mutation: MutationCase
  readonly method: string
  readonly nth: number
}

export interface MutationScenario extends Step {
  readonly name: string
  readonly when?: (typeof lateTimings)[number]
  handle(
    call: ProxiedCall,
    executeLater: (execute: () => Promise<unknown>) => void,
    fixture: AdversaryFixture,
  ): Promise<void> | void
}

/** Polls until a condition holds, for as long as a slow machine may need. Returns whether it held. */
async function becomesTrue(condition: () => boolean): Promise<boolean> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(25)) if (condition()) return true
  return condition()
}

const hasTemporary = ({ simulator }: AdversaryFixture): boolean =>
  ['web-01', 'web-02'].some((name) =>
    snapshotsIn(simulator.inventory.machine(name)).some((each) => each.name.startsWith(temporaryName)),
  )

async function waitForTasks({ simulator }: AdversaryFixture): Promise<void> {
  await becomesTrue(() => simulator.live.tasks <= 0 || simulator.tasks.queuedMs > 1_000)
}

const auditOf = ({ audit }: TestGateway, { field }: MutationCase) =>
  audit.filter((line) => line.mutation === field)

/** Returns the SOAP calls that an undisturbed mutation makes, in order. */
async function callsOf(mutation: MutationCase): Promise<readonly string[]> {
  const fixture = await startFixture()
  const gateway = fixture.gateway()
  const { query, variables } = await mutation.prepare(fixture, gateway)
  fixture.proxy.reset()
  const response = await gateway.execute(query, variables)
  const calls = [...fixture.proxy.calls]
  await fixture.close()
  if (response.errors)
    throw new Error(`${mutation.name} fails without interference: ${JSON.stringify(response.errors)}`)
  return calls
}

/** Returns every call of every mutation. */
export async function allSteps(): Promise<Step[]> {
  const steps: Step[] = []
  for (const mutation of mutationCases) {
    const counts = new Map<string, number>()
    for (const method of await callsOf(mutation)) {
      const nth = counts.get(method) ?? 0
      counts.set(method, nth + 1)
      steps.push({ mutation, method, nth })
    }
  }
  return steps
}

const streamMethods: ReadonlySet<string> = new Set([
  'WaitForUpdatesEx',
  'CreatePropertyCollector',
  'DestroyPropertyCollector',
  'CreateFilter',
  'CreateListView',
  'ModifyListView',
  'DestroyView',
])

/** Runs a scenario. Returns the violations that the oracle finds. */
export async function runScenario({
  mutation,
  method,
  nth,
  when,
  handle,
}: MutationScenario): Promise<Violations> {
  const fixture = await startFixture()
  try {
    const gateway = fixture.gateway()
    const prepared = await mutation.prepare(fixture, gateway)
    const { query, variables, effects } = prepared
    const lateCalls: (() => Promise<unknown>)[] = []
    fixture.proxy.reset()
    let isReached = false
    fixture.proxy.on(method, async (call) => {
      if (call.index !== nth) return call.rewrite((text) => text)
      isReached = true
      await handle(call, (execute) => lateCalls.push(execute), fixture)
    })
    const executeLateCalls = async (): Promise<void> => {
      for (const execute of lateCalls.splice(0)) await execute().catch(() => {})
      await waitForTasks(fixture)
    }
    const send = (): Promise<ExecutionResult> => gateway.execute(query, variables)

    const lines = auditOf(gateway, mutation).length
    const first = await send()
    await waitForTasks(fixture)
    if (when !== 'after the retry') await executeLateCalls()
    const firstEffects = effects()
    let second: ExecutionResult | undefined
    if (isRetryable(first)) {
      second = await send()
      await waitForTasks(fixture)
    }
    const secondEffects = effects() - firstEffects
    const isLate = lateCalls.length > 0
    await executeLateCalls()
    const effectsOfFirst = effects() - secondEffects

    const isApplied = prepared.isApplied()
    // One long poll can return the updates for which another run needs two, and a task can end before its stream is opened again, so
    // only the first calls of a stream are certain.
    const isOptional = streamMethods.has(method) && nth > 0
    const violations: string[] = isReached || isOptional ? [] : [`${method} ${nth} was not called`]
    if (hasTemporary(fixture) && !(await becomesTrue(() => !hasTemporary(fixture))))
      violations.push('a temporary snapshot was not removed')
    await becomesTrue(() => auditOf(gateway, mutation).length >= lines + (second ? 2 : 1))
    const [auditOfFirst, auditOfSecond] = auditOf(gateway, mutation).slice(lines)
    // A failed cleanup is a failure, too.
    const isCleanup = method === 'RemoveSnapshot_Task' && mutation.writeMethods.length > 1
    violations.push(
      ...mutationViolations(mutation, {
        response: first,
        effects: effectsOfFirst,
        isApplied,
        isLate,
        isCleanup,
        audit: auditOfFirst,
      }),
    )
    if (second)
      violations.push(
        ...mutationViolations(mutation, {
          response: second,
          effects: secondEffects,
          isApplied,
          isLate: false,
          isCleanup,
          audit: auditOfSecond,
        }).map((problem) => `after the retry: ${problem}`),
      )
    if (effects() > 1) violations.push(`a client that honors retryable causes ${effects()} effects`)
    if (effects() === 1 && !isApplied) violations.push('executed, but the inventory is unchanged')
    return violations
  } finally {
    await fixture.close()
  }
}
