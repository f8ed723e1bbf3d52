// The operations that run: which observer receives their results, and which are aborted when the user stops, leaves or closes a tab.

import { describe, expect, it } from 'vitest'
import { Executions } from '../../playground/src/execution/executions.ts'
import { RunStore } from '../../playground/src/execution/runs.ts'
import type { SelectedOperation } from '../../playground/src/execution/select-operation.ts'
import type { EventSink } from '../../playground/src/execution/subscribe.ts'

function createTabs() {
  const runs = new RunStore()
  const executions = new Executions()
  const requests: { sink: EventSink; isAborted: boolean }[] = []
  /** What GraphiQL receives for a tab. */
  function observe(tabId: string, type: SelectedOperation['type']) {
    const heard: unknown[] = []
    const stop = executions.observe(
      tabId,
      {
        next: ({ data }) => heard.push(data),
        complete: () => heard.push('complete'),
        error: (error) => heard.push(String(error)),
      },
      () => ({
        type,
        recorder: runs.start({ tabId, document: '' }),
        send: (sink) => {
          const request = { sink, isAborted: false }
          requests.push(request)
          return () => {
            request.isAborted = true
          }
        },
      }),
    )
    return { heard, stop }
  }
  function respond(nth: number, data: Record<string, unknown>): void {
    requests[nth]?.sink.next({ result: { data }, bytes: 1 })
    requests[nth]?.sink.complete()
  }
  const aborted = () => requests.map(({ isAborted }) => isAborted)
  return { runs, executions, observe, respond, requests, aborted }
}

describe('an operation', () => {
  it('is sent once, however often it is observed in its tab', () => {
    const { observe, respond, requests, runs } = createTabs()
    const first = observe('a', 'mutation')
    first.stop()
    const second = observe('a', 'mutation')
    respond(0, { done: 1 })
    expect([requests.length, first.heard, second.heard]).toEqual([1, [], [{ done: 1 }, 'complete']])
    expect(runs.latest('a')).toMatchObject({ state: 'done', results: [{ result: { data: { done: 1 } } }] })
    observe('a', 'mutation')
    expect(requests).toHaveLength(2)
  })

  it.each(['query', 'mutation'] as const)(
    'that is a %s completes in a tab that the user has left',
    (type) => {
      const { executions, observe, respond, runs, aborted } = createTabs()
      const left = observe('a', type)
      executions.activate('b')
      expect(left.heard).toEqual(['complete'])
      respond(0, { done: 1 })
      expect([left.heard, aborted()]).toEqual([['complete'], [false]])
      expect(runs.latest('a')?.results).toHaveLength(1)
      expect([executions.takeMissed('a'), executions.takeMissed('a')]).toEqual([true, false])
    },
  )

  it('that is a subscription ends with the reason when the user leaves its tab', () => {
    const { executions, observe, runs, requests, aborted } = createTabs()
    const { heard } = observe('a', 'subscription')
    executions.activate('a')
    requests[0]?.sink.next({ result: { data: { n: 1 } }, bytes: 1 })
    executions.activate('b')
    requests[0]?.sink.next({ result: { data: { n: 2 } }, bytes: 1 })
    expect([heard, aborted()]).toEqual([[{ n: 1 }, 'complete'], [true]])
    expect(runs.latest('a')).toMatchObject({
      state: 'done',
      note: expect.stringContaining('changed the tab'),
    })
  })

  it.each([
    ['query', true, { state: 'failed', failure: expect.stringContaining('stopped') }],
    ['subscription', true, { state: 'failed', failure: expect.stringContaining('stopped') }],
    ['mutation', false, { state: 'running', note: expect.stringContaining('cannot be stopped') }],
  ] as const)('that is a %s is stopped by the user: %s', (type, isAborted, run) => {
    const { executions, observe, runs, aborted } = createTabs()
    observe('a', type)
    expect(executions.hasMutation()).toBe(type === 'mutation')
    executions.stop('a')
    expect([aborted(), executions.isRunning('a')]).toEqual([[isAborted], !isAborted])
    expect(runs.latest('a')).toMatchObject(run)
  })

  it('is not described as running any longer when its result has arrived', () => {
    const { executions, observe, respond, runs } = createTabs()
    observe('a', 'mutation')
    executions.stop('a')
    respond(0, { done: 1 })
    expect(runs.latest('a')).toMatchObject({ state: 'done', note: undefined })
  })

  it('is aborted when its tab is closed, unless it is a mutation', () => {
    const { executions, observe, aborted } = createTabs()
    observe('a', 'mutation')
    observe('b', 'query')
    observe('c', 'query')
    executions.keepTabs(new Set(['c']))
    expect(aborted()).toEqual([false, true, false])
  })

  it('is abandoned when the user signs out: mutations complete, and nothing is recorded', () => {
    const { executions, observe, respond, runs, aborted } = createTabs()
    const mutation = observe('a', 'mutation')
    observe('b', 'query')
    expect(executions.abandon()).toEqual(['a'])
    respond(0, { secret: 1 })
    respond(1, { secret: 2 })
    expect([mutation.heard, aborted()]).toEqual([['complete'], [false, true]])
    expect(runs.latest('a')?.results).toEqual([])
    expect([executions.isRunning('a'), executions.takeMissed('a')]).toEqual([false, false])
  })
})
