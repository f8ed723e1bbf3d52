// Tests what captures do when something goes wrong at each of their steps. Afterwards the same request is repeated. A backup copies what
// the captures list, and every copy is compared with the contents of the disks. FAULTS=all tests every fault at every step.

import { describe, expect, onTestFinished, test } from 'vitest'
import { restartVCenter } from '../../adversary/fixture.ts'
import { BackupCopy, copiedFields } from './backup-copy.ts'
import { capture, release, snapshotsIn, startCaptureFixture, takeWithout } from './capture-fixture.ts'
import { captureCases, type Fault, releaseCases, type Step, writeSomething } from './fault-cases.ts'
import { createInterceptor } from './interceptor.ts'

const minute = 60_000

/** A machine with a snapshot of someone else, and a backup of it; and a gateway whose calls can be intercepted. */
async function start() {
  const tasks = { queuedMs: 0, durationMs: 4 }
  const disks = [{ capacity: 8 * 65_536 }, { capacity: 5 * 65_536 }]
  const fixture = await startCaptureFixture({ tasks, disks })
  const { simulator, machine, another, gateway: other } = fixture
  const interceptor = createInterceptor()
  takeWithout(machine, 'mine')
  const state = {
    gateway: another({ wrap: interceptor.wrap }),
    cutOff: interceptor.killed,
    mayLoseMine: false,
  }
  const highest = new Map<string, number>()
  const onChanged = () => {
    const all = snapshotsIn(machine)
    if (!state.mayLoseMine && !all.some(({ name }) => name === 'mine')) highest.set('mine is missing', 1)
    for (const key of ['first', 'second', 'third']) {
      const count = all.filter(({ description }) => description.includes(`capture] ["${key}"`)).length
      highest.set(key, Math.max(count, highest.get(key) ?? 0))
    }
  }
  simulator.objects.on('changed', onChanged)
  onTestFinished(() => void simulator.objects.off('changed', onChanged))
  const copy = new BackupCopy(machine)

  /** Repeats a request until the capture exists. Returns the errors before it, and the snapshot. */
  async function captureUntilTaken(key: string, onFailure: () => void = () => {}) {
    const errors: string[] = []
    const { tokens } = copy
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const input = { idempotencyKey: key, tokens, leaseSeconds: 600 }
      const request = capture(state.gateway, input, `capture { ${copiedFields} }`)
      const { payload, reported } = await Promise.race([request, state.cutOff])
      for (const error of reported) errors.push(JSON.stringify(error))
      const taken = reported.length === 0 && payload?.capture
      if (taken) return { errors, ...taken, bases: copy.store(taken.snapshot.moid, taken.disks) }
      onFailure()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`not taken: ${errors.join('\n')}`)
  }
  async function releaseUntilRemoved(snapshot: string) {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const { reported } = await release(state.gateway, snapshot)
      if (reported.length === 0) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error('not released')
  }
  const full = await captureUntilTaken('first')
  await releaseUntilRemoved(full.snapshot.id)
  writeSomething(fixture)
  return { ...fixture, other, interceptor, state, highest, copy, captureUntilTaken, releaseUntilRemoved }
}

type Setup = Awaited<ReturnType<typeof start>>

/** Returns what happens at the step, and what ends it. */
function prepare(setup: Setup, step: Step, fault: Fault) {
  const { interceptor, simulator, another, state } = setup
  let end: unknown
  // A task that still runs when the request is repeated.
  if (step.isBusy && (fault.killsGateway || fault.isRestart)) simulator.tasks.durationMs = 150
  state.mayLoseMine = fault.name === 'a disk grows'
  interceptor.at(step.at, async () => {
    writeSomething(setup)
    simulator.tasks.durationMs = 4
    end = await fault.begin({
      ...setup,
      kill: interceptor.kill,
      restart: () => restartVCenter(simulator),
    })
    writeSomething(setup)
    if (!fault.killsGateway) return
    state.gateway = another({ captureExpiry: true })
    state.cutOff = new Promise(() => {})
  })
  return () => {
    if (typeof end === 'function') end()
    end = undefined
  }
}

/** Checks what holds after every case, and that the next capture has what changed since. */
async function assertNext({ machine, highest, ...setup }: Setup, expected: readonly string[]) {
  writeSomething({ machine, ...setup })
  const next = await setup.captureUntilTaken('third')
  expect(next.bases).toEqual(expected)
  await setup.releaseUntilRemoved(next.snapshot.id)
  expect(snapshotsIn(machine).map(({ name }) => name)).toEqual(setup.state.mayLoseMine ? [] : ['mine'])
  expect([...highest.entries()].filter(([, count]) => count > 1)).toEqual([])
  expect(highest.get('mine is missing')).toBeUndefined()
  expect(setup.simulator.live.historyCollectors).toBe(0)
}

const changes = ['CHANGES', 'CHANGES']

describe('captureChanges', () => {
  test.each(captureCases.map((each) => [each.fault.name, each.step.name, each] as const))(
    'takes one complete capture when %s %s',
    async (_fault, _step, { fault, step }) => {
      const setup = await start()
      const { interceptor, state, machine, timers, later } = setup
      if (step.isAfterLease) {
        await capture(state.gateway, { idempotencyKey: 'old', leaseSeconds: 60 })
        later(2 * minute)
      }
      const end = prepare(setup, step, fault)
      const taken = await setup.captureUntilTaken('second', end)
      expect(interceptor.hasRun).toBe(true)
      end()
      const next = fault.next ?? changes
      // What happens after the snapshot was taken is in the next one.
      expect(taken.bases).toEqual(step.hasSnapshot ? changes : next)
      if (fault.prevents && !step.hasSnapshot) expect(taken.errors.join()).toMatch(fault.prevents)
      if (fault.killsGateway) {
        // The client has stopped too: the second gateway removes the snapshot at the end of its lease.
        later(11 * minute)
        const namesAnHourLater = () => {
          timers.advance(60 * minute)
          return snapshotsIn(machine).map(({ name }) => name)
        }
        await expect.poll(namesAnHourLater).toEqual(['mine'])
      } else await setup.releaseUntilRemoved(taken.snapshot.id)
      await assertNext(setup, step.hasSnapshot ? next : next.map(() => 'CHANGES'))
    },
  )
})

describe('releaseCapture', () => {
  test.each(releaseCases.map((each) => [each.fault.name, each.step.name, each] as const))(
    'ends the capture when %s %s',
    async (_fault, _step, { fault, step }) => {
      const setup = await start()
      const { snapshot } = await setup.captureUntilTaken('second')
      const end = prepare(setup, step, fault)
      const request = release(setup.state.gateway, snapshot.id)
      const first = await Promise.race([request, setup.state.cutOff])
      expect(setup.interceptor.hasRun).toBe(true)
      if (fault.name === 'the datastore is full')
        expect(first.reported).toMatchObject([{ fault: 'NoDiskSpace' }])
      if (fault.name === 'the disks cannot be merged' && step.at.when === 'accepted')
        expect(first).toMatchObject({
          reported: [],
          payload: { task: { state: 'ERROR' }, virtualMachine: { consolidationNeeded: true } },
        })
      end()
      await setup.releaseUntilRemoved(snapshot.id)
      await assertNext(setup, fault.next ?? changes)
    },
  )
})
