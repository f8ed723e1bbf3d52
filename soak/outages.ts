// Formats the report line about outages: how long the vCenter was unreachable, and how long the gateway
// rejected requests.

import type { Periods } from './periods.ts'

export function formatOutages(outages: Periods, rejected: Periods, from: number, to: number): string {
  const during = (periods: Periods) =>
    periods.all.filter((each) => each.from <= to && (each.to ?? to) >= from)
  const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
  const seconds = (periods: Periods) => (periods.lengthWithin(from, to) / 1_000).toFixed(1)
  const unexplained = during(rejected).filter((each) => !outages.overlaps(each)).length
  return `outages        vCenter unreachable ${times(during(outages).length)}, ${seconds(outages)} s; requests rejected ${times(during(rejected).length)}, ${seconds(rejected)} s (${times(unexplained)} without an outage)`
}
