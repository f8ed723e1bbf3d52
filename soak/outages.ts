// Formats the report line about outages: how long the vCenter was unreachable, and how long the gateway
// rejected requests.

import type { Periods } from './periods.ts'

export function outagesOf(outages: Periods, rejected: Periods, from: number, to: number): string {
  const during = (periods: Periods) =>
    periods.all.filter((each) => each.from <= to && (each.to ?? to) >= from)
  const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
  const seconds = (periods: Periods) => (periods.within(from, to) / 1_000).toFixed(1)
  const forNothing = during(rejected).filter((each) => !outages.meets(each)).length
  return `outages        the vCenter was away ${times(during(outages).length)}, ${seconds(outages)} s; callers were refused ${times(during(rejected).length)}, ${seconds(rejected)} s (${times(forNothing)} without its being away)`
}
