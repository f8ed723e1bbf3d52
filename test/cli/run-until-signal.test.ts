// runUntilSignal: runs a server until a signal or a crash, and sets the exit code.

import { GraphQLError } from 'graphql'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { runUntilSignal } from '../../src/cli/run-until-signal.ts'
import { OperationBudget } from '../../src/schema/cost/operation-budget.ts'
import { badInput } from '../../src/schema/errors/api-error.ts'
import { defaultLimits } from '../test-gateway.ts'
import { testContext } from './test-context.ts'

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((r) => {
    resolve = r
  })
  return { promise, resolve }
}

const noCrash = (error: unknown) => {
  throw error
}

describe('runUntilSignal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops once on %s, and removes its signal handlers',
    async (name) => {
      const { context, signal, exits, listeners } = testContext('')
      const started = deferred()
      let stops = 0
      const start = async () => {
        started.resolve()
        return async () => {
          stops++
        }
      }
      const done = runUntilSignal(context, start, noCrash)
      await started.promise
      expect(stops).toBe(0)
      signal(name)
      await done
      expect({ stops, exits, listeners: listeners() }).toEqual({ stops: 1, exits: [], listeners: 0 })
    },
  )

  it('exits immediately on the second signal, but ignores one that comes twice within half a second', async () => {
    const { context, signal, exits, written, time } = testContext('')
    const shutdownSignal = deferred()
    const stopped = deferred()
    const start = async () => async () => {
      shutdownSignal.resolve()
      await stopped.promise
    }
    const done = runUntilSignal(context, start, noCrash)
    signal('SIGINT')
    await shutdownSignal.promise
    expect(written.stdout).toBe('Shutting down; press Ctrl-C again to force.\n')
    time.now = 499
    signal('SIGINT')
    expect(exits).toEqual([])
    time.now = 500
    signal('SIGTERM')
    expect(exits).toEqual([1])
    stopped.resolve()
    await done
  })

  it('stops after startup when a signal arrives during startup', async () => {
    const { context, signal } = testContext('')
    const starting = deferred()
    const order: string[] = []
    const start = async () => {
      await starting.promise
      order.push('started')
      return async () => void order.push('stopped')
    }
    const done = runUntilSignal(context, start, noCrash)
    signal('SIGINT')
    starting.resolve()
    await done
    expect(order).toEqual(['started', 'stopped'])
  })

  it.each(['uncaughtException', 'unhandledRejection'])(
    'logs an %s, stops and exits with 1, only once',
    async (fault) => {
      const { context, crash, exits, listeners } = testContext('')
      const reported: unknown[] = []
      let stops = 0
      const start = async () => async () => {
        stops += 1
      }
      const done = runUntilSignal(context, start, (error) => reported.push(error))
      const errors = [new Error('of a callback'), new Error('of the stop')]
      for (const error of errors) crash(fault, error)
      await done
      expect({ reported, stops, exits, listeners: listeners() }).toEqual({
        reported: errors,
        stops: 1,
        exits: [1],
        listeners: 0,
      })
    },
  )

  it('continues after the rejections that an operation has left which exceeded a limit and reported it', async () => {
    const { context, crash, exits, signal } = testContext('')
    const reported: unknown[] = []
    const done = runUntilSignal(
      context,
      async () => async () => {},
      (error) => reported.push(error),
    )
    const exceeded = badInput('too many', 'Request less.')
    new OperationBudget(defaultLimits).abort(exceeded)
    crash('unhandledRejection', exceeded)
    crash('unhandledRejection', new GraphQLError('located', { originalError: exceeded }))
    expect(reported).toEqual([])
    signal('SIGTERM')
    await done
    expect(exits).toEqual([])
  })

  it('exits after a crash even when stopping hangs', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { context, crash, exits } = testContext('')
    const start = async () => () => new Promise<never>(() => {})
    void runUntilSignal(context, start, () => {})
    crash('uncaughtException', new Error('deep inside'))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(exits).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(exits).toEqual([1])
  })

  it('reports why it cannot start or stop, and removes its signal handlers', async () => {
    const { context, signal, listeners } = testContext('')
    await expect(runUntilSignal(context, () => Promise.reject(new Error('no')), noCrash)).rejects.toThrow(
      'no',
    )
    const done = runUntilSignal(context, async () => () => Promise.reject(new Error('still busy')), noCrash)
    signal('SIGINT')
    await expect(done).rejects.toThrow('still busy')
    expect(listeners()).toBe(0)
  })
})
