// The report of the benchmark: one Markdown table for the terminal and the documentation, and JSON with every number.

import { describe, expect, it } from 'vitest'
import { atLeast, atMost } from '../../bench/measurements.ts'
import { headerOf, jsonOf, type Measured, sectionOf, shownNumber } from '../../bench/report.ts'

const environment = { node: 'v20.19.0', cpu: 'Some CPU', cores: 2, rounds: 3 }

const measured: Measured = {
  letter: 'x',
  title: 'Something',
  measurements: [
    {
      server: 'vcsim 1,000',
      name: 'retrievals',
      unit: 'count',
      spread: { samples: 1, min: 1, median: 1, max: 1 },
      range: atMost(1),
    },
    {
      server: 'vcsim 1,000',
      name: 'gateway',
      unit: 'ms',
      spread: { samples: 5, min: 980.4, median: 1234.5, max: 20_000 },
    },
    {
      server: 'vcsim 1,000',
      name: 'over',
      unit: '×',
      spread: { samples: 5, min: 0.4, median: 0.456, max: 2 },
      range: atLeast(0.5),
    },
  ],
  notes: ['govc is not installed; its rows are omitted.'],
}

describe('a section', () => {
  it('is a Markdown table with aligned columns', () => {
    expect(sectionOf(measured)).toBe(`### x. Something

| server      | measurement  |  min | median |    max |   n | target        |
| ----------- | ------------ | ---: | -----: | -----: | --: | ------------- |
| vcsim 1,000 | retrievals   |      |      1 |        |     | ≤ 1: met      |
| vcsim 1,000 | gateway (ms) |  980 |  1,235 | 20,000 |   5 |               |
| vcsim 1,000 | over         | 0.40 |   0.46 |   2.00 |   5 | ≥ 0.5: missed |

- govc is not installed; its rows are omitted.
`)
  })

  it('has no table when nothing could be measured', () => {
    expect(sectionOf({ ...measured, measurements: [] })).toBe(
      '### x. Something\n\n- govc is not installed; its rows are omitted.\n',
    )
  })
})

it('names the source of its numbers', () => {
  expect(headerOf(environment)).toBe('Node v20.19.0 on 2 × Some CPU; at most 3 rounds.')
})

it('shows three significant digits, and more only before the decimal point', () => {
  const shown = [0.004, 0.456, -1.5, 9.999, 12.34, 123.4, 1234.5].map((value) => shownNumber(value, 'ms'))
  expect(shown).toEqual(['0.00', '0.46', '-1.50', '10.00', '12.3', '123', '1,235'])
})

it('has every number in JSON, unrounded, and whether it meets its target', () => {
  const { parts, ...rest } = JSON.parse(jsonOf(environment, [measured]))
  expect(rest).toEqual(environment)
  expect(parts).toEqual([
    {
      ...measured,
      measurements: [
        { ...measured.measurements[0], met: true },
        { ...measured.measurements[1] },
        { ...measured.measurements[2], met: false },
      ],
    },
  ])
})
