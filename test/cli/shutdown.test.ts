// Stops a busy gateway as a supervisor does: a separate process, a signal, and then the view of its clients, its log and the
// vCenter. `npm test` builds it first.

import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import type { MethodName } from '../../src/soap/envelope.ts'
import { startProgram } from '../interop/child-process.ts'
import { subscribe } from '../subscribe.ts'

const bin = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const takeSnapshot = (name: string) =>
  `mutation { createSnapshot(input: { virtualMachine: { name: "${name}" }, name: "late" }) { task { state } } }`

async function startBusy() {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 3_600_000 } })
  onTestFinished(() => simulator.close())
  const { url } = await simulator.listen()
  const program = await startProgram(
    process.execPath,
    [bin, '--url', url, '--username', 'user', '--port', '0', '--admin-port', '0'],
    /GraphiQL: (\S+)\nMetrics: (\S+)\n/,
    { PATH: process.env.PATH, VSPHERE_PASSWORD: 'pass' },
  )
  onTestFinished(async () => void (await program.stop('SIGKILL')))
  const [, endpoint, metrics] = program.match as unknown as [string, string, string]
  const events = await subscribe(
    endpoint,
    'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }',
  )
  await events.next()
  await events.next()
  return {
    simulator,
    program,
    events,
    ready: async () => (await fetch(new URL('/ready', metrics))).status,
    async execute(query: string) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      const { errors } = (await response.json()) as {
        errors?: { extensions: { code: string; task?: { moid: string } } }[]
      }
      return errors?.[0]?.extensions ?? 'done'
    },
    async pause(method: MethodName) {
      const held = simulator.faults.pause({ method })
      onTestFinished(() => held.release())
      return held
    },
  }
}

it('responds to every client, logs out and exits cleanly', async () => {
  const { simulator, program, events, execute, ready, pause } = await startBusy()
  expect(await ready()).toBe(200)
  const pendingSnapshot = execute(takeSnapshot('mail-01'))
  await expect.poll(() => simulator.live.tasks).toBe(1)
  const call = await pause('CreateSnapshot_Task')
  const unanswered = execute(takeSnapshot('wiki-01'))
  await call.waitFor()
  const read = await pause('RetrievePropertiesEx')
  const unread = execute('{ virtualMachines { nodes { name } } }')
  await read.waitFor()

  const ended = program.stop('SIGTERM')
  expect(await events.remaining()).toMatchObject([
    { errors: [{ message: 'the gateway is shutting down', extensions: { code: 'SHUTTING_DOWN' } }] },
  ])
  expect(await ready()).toBe(503)
  expect(await unread).toMatchObject({ code: 'SHUTTING_DOWN', retryable: true })
  const task = (await pendingSnapshot) as { task: { moid: string } }
  expect(task).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false, task: { moid: /^task-\d+$/ } })
  expect(await unanswered).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false })
  expect(await ended).toBe(0)

  expect(simulator.live).toMatchObject({ sessions: 0, views: 0, filters: 0, collectors: 0, waits: 0 })
  const lines = program.output.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ level }) => level !== 'info')).toEqual([])
  const audited = lines.filter(({ audit }) => audit)
  expect(audited).toMatchObject([
    { outcome: expect.stringMatching(/^(running|unknown)$/), calls: [{ task: task.task.moid }] },
    { outcome: 'unknown', calls: [{ method: 'CreateSnapshot_Task' }] },
  ])
  expect(audited[1].calls[0].task).toBeUndefined()
})

it.each(['SIGINT', 'SIGHUP'] as const)('completes running requests on %s', async (signal) => {
  const { simulator, program, execute, pause } = await startBusy()
  const read = await pause('RetrievePropertiesEx')
  const answer = execute('{ virtualMachines { nodes { name } } }')
  await read.waitFor()
  const ended = program.stop(signal)
  await expect
    .poll(() => program.output.stdout)
    .toContain(signal === 'SIGINT' ? 'Shutting down; press Ctrl-C again to force.' : 'Shutting down.')
  read.release()
  expect(await answer).toBe('done')
  expect(await ended).toBe(0)
  expect(simulator.live.sessions).toBe(0)
})

it('exits immediately on the second signal', async () => {
  const { program, execute, pause } = await startBusy()
  const read = await pause('RetrievePropertiesEx')
  const disconnected = expect(execute('{ virtualMachines { nodes { name } } }')).rejects.toThrow(
    'fetch failed',
  )
  await read.waitFor()
  void program.stop('SIGTERM')
  await expect.poll(() => program.output.stdout).toContain('Shutting down.')
  // A second signal within half a second counts as a duplicate of the first.
  await setTimeout(600)
  expect(await program.stop('SIGTERM')).toBe(1)
  await disconnected
})
