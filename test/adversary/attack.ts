// Runs one attack on a mutation: disturbs one of its SOAP calls, retries as a client that honors `retryable` does, and judges
// the result.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import type { ProxiedCall } from '../soap-proxy.ts'
import type { TestGateway } from '../test-gateway.ts'
import type { Verdict } from './cases.ts'
import { isRetryable, wrongAbout } from './mutation-judge.ts'
import { type AttackedMutation, attackedMutations, snapshotsIn, temporaryName } from './mutations.ts'
import { type Rig, startRig } from './rig.ts'

/** When a delayed call is executed. */
export const lateMoments = ['after the response', 'after the retry'] as const

/** Identifies a call of a mutation: its `nth` call of this method. */
export interface Step {
  readonly mutation: AttackedMutation
  readonly method: string
  readonly nth: number
}

export interface Attack extends Step {
  readonly name: string
  readonly when?: (typeof lateMoments)[number]
  handle(call: ProxiedCall, late: (execute: () => Promise<unknown>) => void, rig: Rig): Promise<void> | void
}

/** Polls until a condition holds or the timeout expires. Returns whether it held. */
async function comes(holds: () => boolean, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(25)) if (holds()) return true
  return holds()
}

const hasTemporary = ({ simulator }: Rig): boolean =>
  ['web-01', 'web-02'].some((name) =>
    snapshotsIn(simulator.inventory.machine(name)).some((each) => each.name.startsWith(temporaryName)),
  )

async function settle({ simulator }: Rig): Promise<void> {
  await comes(() => simulator.live.tasks <= 0 || simulator.tasks.queuedMs > 1_000, 5_000)
}

const auditOf = ({ audit }: TestGateway, { field }: AttackedMutation) =>
  audit.filter((line) => line.mutation === field)

/** The SOAP calls that an undisturbed mutation makes, in order. */
async function callsOf(mutation: AttackedMutation): Promise<readonly string[]> {
  const rig = await startRig()
  const gateway = rig.gateway()
  const { query, variables } = await mutation.prepare(rig, gateway)
  rig.proxy.reset()
  const answer = await gateway.execute(query, variables)
  const calls = [...rig.proxy.calls]
  await rig.close()
  if (answer.errors) throw new Error(`${mutation.name} fails by itself: ${JSON.stringify(answer.errors)}`)
  return calls
}

/** Every call of every mutation. */
export async function allCalls(): Promise<Step[]> {
  const found: Step[] = []
  for (const mutation of attackedMutations) {
    const counts = new Map<string, number>()
    for (const method of await callsOf(mutation)) {
      const nth = counts.get(method) ?? 0
      counts.set(method, nth + 1)
      found.push({ mutation, method, nth })
    }
  }
  return found
}

/** Runs an attack and judges the result. */
export async function attack({ mutation, method, nth, when, handle }: Attack): Promise<Verdict> {
  const rig = await startRig()
  try {
    const gateway = rig.gateway()
    const prepared = await mutation.prepare(rig, gateway)
    const { query, variables, effects } = prepared
    const late: (() => Promise<unknown>)[] = []
    rig.proxy.reset()
    let isMet = false
    rig.proxy.on(method, async (call) => {
      if (call.index !== nth) return call.rewrite((text) => text)
      isMet = true
      await handle(call, (execute) => late.push(execute), rig)
    })
    const executeLate = async (): Promise<void> => {
      for (const execute of late.splice(0)) await execute().catch(() => {})
      await settle(rig)
    }
    const send = (): Promise<ExecutionResult> => gateway.execute(query, variables)

    const lines = auditOf(gateway, mutation).length
    const first = await send()
    await settle(rig)
    if (when !== 'after the retry') await executeLate()
    const firstEffects = effects()
    let second: ExecutionResult | undefined
    if (isRetryable(first)) {
      second = await send()
      await settle(rig)
    }
    const secondEffects = effects() - firstEffects
    const isLate = late.length > 0
    await executeLate()
    const ofFirst = effects() - secondEffects

    const isApplied = prepared.isApplied()
    const wrong: string[] = isMet ? [] : [`${method} ${nth} was not called`]
    if (hasTemporary(rig) && !(await comes(() => !hasTemporary(rig), 15_000)))
      wrong.push('a temporary snapshot is left')
    await comes(() => auditOf(gateway, mutation).length >= lines + (second ? 2 : 1), 5_000)
    const [audit, auditOfSecond] = auditOf(gateway, mutation).slice(lines)
    // A failed cleanup is a failure, too.
    const isCleanup = method === 'RemoveSnapshot_Task' && mutation.changes.length > 1
    wrong.push(
      ...wrongAbout(mutation, { answer: first, effects: ofFirst, isApplied, isLate, isCleanup, audit }),
    )
    if (second)
      wrong.push(
        ...wrongAbout(mutation, {
          answer: second,
          effects: secondEffects,
          isApplied,
          isLate: false,
          isCleanup,
          audit: auditOfSecond,
        }).map((problem) => `after the retry: ${problem}`),
      )
    if (effects() > 1) wrong.push(`a client that follows retryable gets ${effects()} effects`)
    if (effects() === 1 && !isApplied) wrong.push('executed, but the inventory does not show it')
    return wrong
  } finally {
    await rig.close()
  }
}
