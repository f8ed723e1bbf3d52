// What the coverage of a list, or of a batch of a subscription, says about what is missing.

import { fieldNamed, rawField, type TypedObject } from '../typed/typed-value.ts'

/** The coverage of one vCenter. */
interface Coverage {
  readonly isIncomplete: boolean
  /** What is incomplete, the reason and the remedy. */
  readonly heading: string
  readonly explanation: string
  /** Number of objects that the filter could not decide. */
  readonly undecidedCount: number
}

/** Returns the coverage of each vCenter, or undefined if it is not selected. */
export function coverageOf(of: TypedObject): readonly Coverage[] | undefined {
  const coverage = fieldNamed(of, 'coverage')?.value
  if (coverage?.kind !== 'list') return undefined
  return coverage.items.flatMap((item) => (item.kind === 'object' ? [readCoverage(item)] : []))
}

function readCoverage(coverage: TypedObject): Coverage {
  const error = fieldNamed(coverage, 'error')?.value
  const ofError = (name: string) => (error?.kind === 'object' ? rawField(error, name) : undefined)
  const [message, remedy, vcenter] = [ofError('message'), ofError('remedy'), rawField(coverage, 'vcenter')]
  return {
    isIncomplete: rawField(coverage, 'isComplete') === false,
    heading: typeof vcenter === 'string' ? `Incomplete: ${vcenter}.` : 'Incomplete.',
    explanation: [
      message ?? 'Not everything was examined. Select coverage { error { message } } for the reason.',
      remedy,
    ]
      .filter((text) => typeof text === 'string')
      .join(' '),
    undecidedCount: Number(rawField(coverage, 'undecidedCount') ?? 0),
  }
}

/** Whether something is missing from a list or a batch, as far as it says. */
export const isIncomplete = (of: TypedObject): boolean =>
  coverageOf(of)?.some((each) => each.isIncomplete) ?? false
