import { describe, expect, it } from 'vitest'
import { untilStopped } from '../../src/cli/until-stopped.ts'
import { testContext } from './test-context.ts'

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((r) => {
    resolve = r
  })
  return { promise, resolve }
}

describe('what serves', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s, once, and lets go of the signals', async (name) => {
    const { context, signal, exits, listeners } = testContext('')
    const started = deferred()
    let stops = 0
    const done = untilStopped(context, async () => {
      started.resolve()
      return async () => {
        stops++
      }
    })
    await started.promise
    expect(stops).toBe(0)
    signal(name)
    await done
    expect({ stops, exits, listeners: listeners() }).toEqual({ stops: 1, exits: [], listeners: 0 })
  })

  it('exits at once at the second signal', async () => {
    const { context, signal, exits, written } = testContext('')
    const stopping = deferred()
    const stopped = deferred()
    const done = untilStopped(context, async () => async () => {
      stopping.resolve()
      await stopped.promise
    })
    signal('SIGINT')
    await stopping.promise
    expect(written.stdout).toBe('Stopping; once more exits at once.\n')
    expect(exits).toEqual([])
    signal('SIGTERM')
    expect(exits).toEqual([1])
    stopped.resolve()
    await done
  })

  it('that is told to stop while it starts is stopped when it has', async () => {
    const { context, signal } = testContext('')
    const starting = deferred()
    const order: string[] = []
    const done = untilStopped(context, async () => {
      await starting.promise
      order.push('started')
      return async () => void order.push('stopped')
    })
    signal('SIGINT')
    starting.resolve()
    await done
    expect(order).toEqual(['started', 'stopped'])
  })

  it('that cannot start or stop says why, and lets go of the signals', async () => {
    const { context, signal, listeners } = testContext('')
    await expect(untilStopped(context, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const done = untilStopped(context, async () => () => Promise.reject(new Error('still busy')))
    signal('SIGINT')
    await expect(done).rejects.toThrow('still busy')
    expect(listeners()).toBe(0)
  })
})
