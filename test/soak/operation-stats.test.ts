// Which observations a soak test reports as problems, and which it tolerates.

import { describe, expect, it } from 'vitest'
import { type OperationResult, OperationStats } from '../../soak/operation-stats.ts'
import { resourceGrowthProblems } from '../../soak/resource-growth.ts'

describe('the operation statistics of a soak test', () => {
  const result = (outcome: string, ms = 100, message = outcome): OperationResult => ({
    operation: 'query',
    outcome,
    from: 0,
    to: ms,
    ...(outcome !== 'succeeded' && { message }),
  })
  const statsOf = (...all: OperationResult[]) => {
    const stats = new OperationStats()
    for (const each of all) stats.add(each)
    return stats
  }
  const isOutage = ({ outcome }: OperationResult) => outcome === 'VCENTER_UNAVAILABLE'

  it('have one line for each kind of operation, with the latencies of its responses', () => {
    const succeeded = Array.from({ length: 20 }, (_, index) => result('succeeded', 10 * (index + 1)))
    const stats = statsOf(...succeeded, result('VCENTER_UNAVAILABLE', 9_000))
    stats.add({ ...result('VCENTER_UNAVAILABLE'), operation: 'page' })
    expect(stats.lines()).toEqual([
      'query          succeeded 20, VCENTER_UNAVAILABLE 1; median 0.10 s, p95 0.19 s, max 0.20 s',
      'page           VCENTER_UNAVAILABLE 1',
    ])
    expect(stats.count).toBe(22)
  })

  it('count expected errors, and show examples of all others', () => {
    const messages = ['a', 'a', 'b', 'c', 'd'].map((message) => result('INTERNAL_SERVER_ERROR', 1, message))
    const stats = statsOf(result('succeeded'), result('VCENTER_UNAVAILABLE'), result('no event'), ...messages)
    expect(stats.problems(isOutage)).toEqual([
      'query: no event, 1 times\n    no event',
      'query: INTERNAL_SERVER_ERROR, 5 times\n    a\n    b\n    c',
    ])
    expect(stats.problems(() => true)).toEqual([])
  })

  it('report kinds of operations that never succeed, except where none is expected', () => {
    const repeated = <T>(what: T) => Array.from({ length: 20 }, () => what)
    const clientAborted = { ...result('aborted'), operation: 'client abort' }
    const stats = statsOf(...repeated(result('VCENTER_UNAVAILABLE')), ...repeated(clientAborted))
    expect(stats.problems(() => true)).toEqual(['query: never succeeded'])
    expect(statsOf(result('VCENTER_UNAVAILABLE')).problems(() => true)).toEqual([])
  })
})

describe('the resource usage of a process', () => {
  const before = { heap: 40, handles: { TCPSocketWrap: 8, Timeout: 3 } }

  it('may fluctuate a little', () => {
    expect(resourceGrowthProblems(before, { heap: 45, handles: { TCPSocketWrap: 12, Timeout: 1 } })).toEqual(
      [],
    )
  })

  it('must not grow', () => {
    expect(
      resourceGrowthProblems(before, { heap: 55.5, handles: { TCPSocketWrap: 60, Immediate: 20 } }),
    ).toEqual([
      'the heap grew by 15.5 MB',
      '52 more handles of kind TCPSocketWrap',
      '20 more handles of kind Immediate',
    ])
  })
})
