// Counts the virtual machines whose changed blocks are available (CBT), and why those of the others are not. Reads the machines in
// pages, so that memory and the load of the vCenter are bounded.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { type Check, count, type DoctorRun, type Finding, known } from '../check.ts'
import { RunEndedError } from '../failure.ts'

/** Machines per retrieval. Each has some ten disks and controllers. */
const pageSize = 250

/** The form of changeIds that is documented: an identifier in hexadecimal, and a sequence number. */
const usualChangeId = /^(?:[0-9a-f]{2}[ -]?){16}\/\d+$/i

interface Tally {
  checked: number
  ready: number
  eligible: number
  others: number
  readonly reasons: Record<string, number>
  readonly changeIds: { all: number; usual: number }
}

export const trackingCheck: Check = {
  id: 'change-tracking',
  title: 'Changed block tracking',
  needs: ['inventory'],
  async run(run) {
    const refs = known(run.objects).get('VirtualMachine') ?? []
    if (refs.length === 0) return { status: 'skipped', found: ['The account sees no virtual machine.'] }
    const tally: Tally = {
      checked: 0,
      ready: 0,
      eligible: 0,
      others: 0,
      reasons: {},
      changeIds: { all: 0, usual: 0 },
    }
    let endedBy: RunEndedError | undefined
    try {
      for (let from = 0; from < refs.length; from += pageSize)
        await addPage(run, refs.slice(from, from + pageSize), tally)
    } catch (error) {
      if (!(run.signal.reason instanceof RunEndedError) || tally.checked === 0) throw error
      endedBy = run.signal.reason
    }
    run.changeIds = tally.changeIds
    const { remedyOfCode } = await import('./tracked-machines.ts')
    return findingOf(tally, refs.length, endedBy, remedyOfCode)
  },
}

async function addPage(run: DoctorRun, refs: readonly ManagedObjectReference[], tally: Tally): Promise<void> {
  const { readTrackedMachines } = await import('./tracked-machines.ts')
  for (const { codes, isEligible, changeIds } of await readTrackedMachines(run, refs)) {
    tally.checked += 1
    if (codes.size === 0) tally.ready += 1
    else if (isEligible) tally.eligible += 1
    else tally.others += 1
    for (const code of codes) tally.reasons[code] = (tally.reasons[code] ?? 0) + 1
    tally.changeIds.all += changeIds.length
    tally.changeIds.usual += changeIds.filter((each) => usualChangeId.test(each)).length
  }
}

function findingOf(
  { checked, ready, eligible, others, ...tally }: Tally,
  total: number,
  endedBy: RunEndedError | undefined,
  remedyOf: (code: string) => string,
): Finding {
  const reasons = sorted(tally.reasons)
  const facts = { machines: total, checked, ready, eligible, others, reasons: Object.fromEntries(reasons) }
  const found = [
    `Of ${count(checked, 'virtual machine')}, changed blocks are available on ${ready.toLocaleString('en')}. setChangeTracking can activate tracking now on ${eligible.toLocaleString('en')} more, and not on ${others.toLocaleString('en')}.`,
    ...reasons.map(([code, n]) => `${code}: ${count(n, 'virtual machine')}. ${remedyOf(code)}`),
  ]
  if (!endedBy) return { status: 'ok', found, facts }
  const progress = `${checked.toLocaleString('en')} of ${count(total, 'virtual machine')}`
  return {
    status: 'unknown',
    found: [`Not finished: ${endedBy.message} after ${progress}.`, ...found],
    facts,
  }
}

const sorted = (reasons: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(reasons).sort(([, a], [, b]) => b - a)
