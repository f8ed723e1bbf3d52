// The store of runs: one run for each tab, bounded results, and late results.

import { describe, expect, it } from 'vitest'
import { maxResults, RunStore } from '../../playground/src/execution/runs.ts'

const start = (tabId: string) => ({ tabId, document: '{ viewer { name } }' })

describe('the store of runs', () => {
  it('records results, times, sizes and the end of a run', () => {
    let now = 100
    const runs = new RunStore(() => now)
    let changes = 0
    runs.subscribe(() => changes++)
    const recorder = runs.start(start('a'))
    now = 150
    recorder.receive({ data: { a: 1 } }, { bytes: 12, httpStatus: 200 })
    now = 160
    recorder.end()
    expect(runs.latest('a')).toMatchObject({
      state: 'done',
      startedAt: 100,
      endedAt: 160,
      bytes: 12,
      httpStatus: 200,
      results: [{ at: 150, result: { data: { a: 1 } } }],
    })
    expect(changes).toBe(3)
    expect(runs.latest('b')).toBeUndefined()
  })

  it('ignores the results of a run that ended or was replaced', () => {
    const runs = new RunStore()
    const first = runs.start(start('a'))
    const second = runs.start(start('a'))
    first.receive({ data: { first: true } })
    second.fail('no connection')
    second.end()
    second.receive({ data: { late: true } })
    expect(runs.latest('a')).toMatchObject({
      id: second.id,
      state: 'failed',
      failure: 'no connection',
      results: [],
    })
    expect(runs.changeLast(first.id, () => ({ data: {} }))).toBeUndefined()
    expect(runs.latest('a')?.id).toBe(second.id)
  })

  it('changes the last result from what it is by then', () => {
    const runs = new RunStore()
    const recorder = runs.start(start('a'))
    recorder.receive({ data: { pages: 1 } }, { bytes: 10 })
    const addPage = () =>
      runs.changeLast(recorder.id, ({ data }) => ({ data: { pages: (data?.pages as number) + 1 } }), 5)
    addPage()
    expect(addPage()).toEqual({ data: { pages: 3 } })
    expect(runs.changeLast(recorder.id, () => undefined, 5)).toBeUndefined()
    expect(runs.latest('a')).toMatchObject({ bytes: 20, results: [{ result: { data: { pages: 3 } } }] })
  })

  it('keeps the last results of a subscription and counts those that it dropped', () => {
    const runs = new RunStore()
    const recorder = runs.start(start('a'))
    for (let n = 0; n < maxResults + 5; n++) recorder.receive({ data: { n } })
    const run = runs.latest('a')
    expect(run?.results).toHaveLength(maxResults)
    expect(run?.results[0]?.result.data).toEqual({ n: 5 })
    expect(run?.droppedResults).toBe(5)
  })

  it('removes the runs of closed tabs', () => {
    const runs = new RunStore()
    runs.start(start('a'))
    runs.start(start('b'))
    runs.keepTabs(new Set(['b']))
    expect([runs.latest('a'), runs.latest('b')?.tabId]).toEqual([undefined, 'b'])
  })

  it('forgets all runs, records nothing of those that still run, and notifies its readers', () => {
    const runs = new RunStore()
    const recorder = runs.start(start('a'))
    let notified = 0
    runs.subscribe(() => notified++)
    runs.clear()
    recorder.receive({ data: {} })
    expect([runs.latest('a'), notified]).toEqual([undefined, 1])
  })
})
