// The result views, from which the best is chosen for each value by its shape.

import { accessView } from './access/access-view.tsx'
import { areasView } from './areas/areas-view.tsx'
import { cardView } from './cards/card.tsx'
import { diskMapView } from './disk-map/disk-map-view.tsx'
import { liveLogView } from './live-log/live-log.tsx'
import { taskListView } from './live-log/task-list-view.tsx'
import { snapshotTreeView } from './snapshot-tree/snapshot-tree-view.tsx'
import { connectionView } from './tables/connection-view.tsx'
import { listView } from './tables/list-view.tsx'
import { statisticsView } from './tables/statistics-view.tsx'
import { usageBarsView } from './usage-bars/usage-bars-view.tsx'
import { usageView } from './usage-bars/usage-view.tsx'
import type { RunView, View } from './view.ts'

export const views: readonly View[] = [
  cardView,
  accessView,
  listView,
  connectionView,
  statisticsView,
  areasView,
  diskMapView,
  snapshotTreeView,
  usageBarsView,
  usageView,
  taskListView,
]

export const runViews: readonly RunView[] = [liveLogView]
