// Searches the events of one vCenter, the newest first.

import { createEventCollector, type EventFilterSpec, eventsOf, type VimEvent } from './event-collector.ts'
import type { HistoryKind, HistoryPosition } from './history-search.ts'

export const positionOf = ({ createdTime, key }: VimEvent): HistoryPosition => ({
  createdAt: createdTime.getTime(),
  key,
})

/** @param filter criteria without `time` and `maxCount` */
export const eventsWith = (filter: EventFilterSpec): HistoryKind<VimEvent> => ({
  create: (time, maxCount) =>
    // Unset, disableFullMessage suppresses the message according to the API reference.
    createEventCollector({ ...filter, time, disableFullMessage: false, maxCount }),
  itemsOf: eventsOf,
  positionOf,
  readNext: 'ReadNextEvents',
  readPrevious: 'ReadPreviousEvents',
})
