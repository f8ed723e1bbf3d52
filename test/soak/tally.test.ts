// What a soak calls a problem, and what it lets pass.

import { describe, expect, it } from 'vitest'
import { growthProblems, Tally } from '../../soak/tally.ts'

describe('the tally of a soak', () => {
  const tallyOf = (...outcomes: string[]) => {
    const tally = new Tally()
    for (const outcome of outcomes) tally.add('query', outcome)
    return tally
  }

  it('has a line for each kind of operation', () => {
    const tally = tallyOf('answered', 'answered', 'VCENTER_UNAVAILABLE')
    tally.add('page', 'answered')
    expect(tally.lines()).toEqual([
      'query          answered 2, VCENTER_UNAVAILABLE 1',
      'page           answered 1',
    ])
    expect(tally.problems()).toEqual([])
  })

  it('takes the errors of an outage as they are, and no others', () => {
    expect(tallyOf('answered', 'VCENTER_TIMEOUT', 'OUTCOME_UNKNOWN').problems()).toEqual([])
    expect(tallyOf('answered', 'INTERNAL', 'INTERNAL').problems()).toEqual(['query: INTERNAL 2 times'])
  })

  it('finds what was never answered', () => {
    expect(tallyOf('VCENTER_UNAVAILABLE').problems()).toEqual(['query: never answered'])
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
