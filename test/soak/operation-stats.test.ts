// What a soak calls a problem, and what it lets pass.

import { describe, expect, it } from 'vitest'
import { growthProblems } from '../../soak/resource-growth.ts'
import { type Ended, Tally } from '../../soak/operation-stats.ts'

describe('the tally of a soak', () => {
  const ended = (outcome: string, ms = 100, message = outcome): Ended => ({
    operation: 'query',
    outcome,
    from: 0,
    to: ms,
    ...(outcome !== 'answered' && { message }),
  })
  const tallyOf = (...all: Ended[]) => {
    const tally = new Tally()
    for (const each of all) tally.add(each)
    return tally
  }
  const ofOutages = ({ outcome }: Ended) => outcome === 'VCENTER_UNAVAILABLE'

  it('has a line for each kind of operation, with how long those took that were answered', () => {
    const answered = Array.from({ length: 20 }, (_, index) => ended('answered', 10 * (index + 1)))
    const tally = tallyOf(...answered, ended('VCENTER_UNAVAILABLE', 9_000))
    tally.add({ ...ended('VCENTER_UNAVAILABLE'), operation: 'page' })
    expect(tally.lines()).toEqual([
      'query          answered 20, VCENTER_UNAVAILABLE 1; half in 0.10 s, 95 % in 0.19 s, all in 0.20 s',
      'page           VCENTER_UNAVAILABLE 1',
    ])
    expect(tally.count).toBe(22)
  })

  it('takes what is expected as it is, and gives examples of all else', () => {
    const messages = ['a', 'a', 'b', 'c', 'd'].map((message) => ended('INTERNAL', 1, message))
    const tally = tallyOf(ended('answered'), ended('VCENTER_UNAVAILABLE'), ended('no event'), ...messages)
    expect(tally.problems(ofOutages)).toEqual([
      'query: no event 1 times\n    no event',
      'query: INTERNAL 5 times\n    a\n    b\n    c',
    ])
    expect(tally.problems(() => true)).toEqual([])
  })

  it('finds what was never answered, but for what is not meant to be', () => {
    const often = <T>(what: T) => Array.from({ length: 20 }, () => what)
    const hungUp = { ...ended('hung up'), operation: 'hang-up' }
    const tally = tallyOf(...often(ended('VCENTER_UNAVAILABLE')), ...often(hungUp))
    expect(tally.problems(() => true)).toEqual(['query: never answered'])
    expect(tallyOf(ended('VCENTER_UNAVAILABLE')).problems(() => true)).toEqual([])
  })
})

describe('what a process holds', () => {
  const before = { heap: 40, handles: { TCPSocketWrap: 8, Timeout: 3 } }

  it('may come and go a little', () => {
    expect(growthProblems(before, { heap: 45, handles: { TCPSocketWrap: 12, Timeout: 1 } })).toEqual([])
  })

  it('must not grow', () => {
    expect(growthProblems(before, { heap: 55.5, handles: { TCPSocketWrap: 60, Immediate: 20 } })).toEqual([
      'the heap grew by 15.5 MB',
      '52 more handles of kind TCPSocketWrap',
      '20 more handles of kind Immediate',
    ])
  })
})
