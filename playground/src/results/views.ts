// The result views, from which the best is chosen for each value by its shape.

import { cardView } from './cards/card.tsx'
import { diskMapView } from './disk-map/disk-map-view.tsx'
import type { RunView, View } from './view.ts'

export const views: readonly View[] = [cardView, diskMapView]

export const runViews: readonly RunView[] = []
