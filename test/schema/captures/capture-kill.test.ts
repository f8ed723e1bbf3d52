// Kills the process of a gateway while it takes a capture and while a client downloads an earlier one. `npm test` builds the program
// first.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/simulator/clock.ts'
import { startProgram } from '../../interop/child-process.ts'
import { countOf } from '../mutations/mutate.ts'
import {
  captured,
  captureKey,
  release,
  snapshotsIn,
  startCaptureFixture,
  tokensOf,
} from './capture-fixture.ts'

/** A clock whose timers, such as the steps of tasks, wait while they are held. */
function createHoldableClock() {
  const held = new Set<() => void>()
  let isHeld = false
  let offset = 0
  return {
    now: () => new Date(Date.now() + offset),
    schedule(afterMs: number, callback: () => void) {
      if (!isHeld) return systemClock.schedule(afterMs, callback)
      held.add(callback)
      return () => held.delete(callback)
    },
    later: (ms: number) => {
      offset += ms
    },
    hold: () => {
      isHeld = true
    },
    release() {
      isHeld = false
      for (const callback of held) callback()
      held.clear()
    },
  }
}

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

test('a gateway that is killed leaves one capture and no complete map', async () => {
  const clock = createHoldableClock()
  const { simulator, machine, another, gateway, write, timers } = await startCaptureFixture({ clock })
  const directory = await mkdtemp(join(tmpdir(), 'captures-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const keyFile = join(directory, 'keys.txt')
  await writeFile(keyFile, captureKey, { mode: 0o600 })
  const { url } = await simulator.listen()
  const child = await startProgram(
    process.execPath,
    [program, '--url', url, '--capture-key-file', keyFile, '--port', '0'],
    /(http:\/\/127\.0\.0\.1:\d+)\/graphql/,
    { VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' },
  )
  onTestFinished(async () => void (await child.stop('SIGKILL')))
  const origin = child.match[1] as string
  const begin = async (idempotencyKey: string, tokens: readonly string[] = []) => {
    const input = { virtualMachine: { name: 'lab' }, idempotencyKey, tokens, leaseSeconds: 60 }
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query:
          'mutation ($input: CaptureChangesInput!) { captureChanges(input: $input) { capture { snapshot { moid } disks { export { path } } } } }',
        variables: { input },
      }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: the selection above
    return (await response.json()) as any
  }
  const before = await captured(gateway)
  await release(gateway, before.snapshot.id)
  for (let at = 0; at < 4 * 1_048_576; at += 2 * 65_536) write(0, at)
  const first = await begin('first', tokensOf(before))
  const [{ export: file }] = first.data.captureChanges.capture.disks

  simulator.inventory.settings.areasPerWindow = 1
  // The first windows pass, the others wait.
  simulator.faults.pause({ method: 'QueryChangedDiskAreas', times: 4 }).release()
  const ofOthers = simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
  const download = await fetch(`${origin}${file.path}`)
  await ofOthers.waitFor()
  clock.hold()
  const second = begin('second').catch((error: unknown) => error)
  await expect.poll(() => simulator.live.tasks).toBe(1)
  expect(await child.stop('SIGKILL')).toBeNull()
  ofOthers.release()

  expect(download.status).toBe(200)
  // The connection breaks, so that a client cannot take what it has for a map.
  await expect(download.text()).rejects.toThrow()
  expect(await second).toBeInstanceOf(Error)

  const next = another({ captureExpiry: true })
  const task = () => captured(next, { idempotencyKey: 'second', leaseSeconds: 60 })
  // Until the task of the first process has ended, it is in the way.
  await expect(task()).rejects.toThrow('TASK_RUNNING')
  clock.release()
  await expect.poll(() => simulator.live.tasks).toBe(0)
  const { snapshot } = await task()
  expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([
    first.data.captureChanges.capture.snapshot.moid,
    snapshot.moid,
  ])
  expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(3)
  clock.later(120_000)
  await expect
    .poll(() => {
      timers.advance(3_600_000)
      return snapshotsIn(machine)
    })
    .toEqual([])
})
