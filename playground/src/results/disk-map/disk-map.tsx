// The areas of a disk as strips on one scale, with what is at the chosen position, and a comparison of two of them.

import './disk-map.css'
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react'
import { Picture } from '../picture/picture.tsx'
import { formatBytes } from '../values/format.ts'
import type { AreaMap } from './area-map.ts'
import { type PreparedMap, prepareMap } from './bins.ts'
import { ticksOf } from './byte-scale.ts'
import { Comparisons } from './comparisons.tsx'
import type { Range } from './ranges.ts'
import { describeSpot } from './spot.ts'
import { columnCount, percentOf, Strip } from './strip.tsx'
import { summaryOf } from './summary.ts'
import { moveTo, nextStop, type Viewport, wholeDisk, zoom } from './viewport.ts'

export interface DiskMapProps {
  readonly title: ReactNode
  /** One list of areas, or several of the same disk. */
  readonly maps: readonly AreaMap[]
  readonly table: () => ReactNode
  /** What can be done with one of the lists, such as loading its next page. */
  readonly controls?: (index: number) => ReactNode
}

export function DiskMap({ title, maps, table, controls }: DiskMapProps) {
  const capacity = Math.max(1, ...maps.map((map) => map.capacity))
  const prepared = useMemo(() => maps.map(prepareMap), [maps])
  // Without `view` it is the whole disk, which grows while a stream without the size of the disk arrives.
  const [chosen, setChosen] = useState<Partial<Viewport>>({})
  const viewport = { ...wholeDisk(capacity), ...chosen }
  const setViewport = ({ view, offset }: Viewport) =>
    setChosen(view.end - view.start < capacity ? { view, offset } : { offset })
  const isZoomed = chosen.view !== undefined
  const { view } = viewport
  const step = Math.max(1, Math.ceil((view.end - view.start) / columnCount))
  const describe = (each: PreparedMap) =>
    viewport.offset === undefined
      ? summaryOf(each.map)
      : describeSpot(each, columnAt(viewport.offset, view, step))
  const onKeyDown = (map: AreaMap) => (event: KeyboardEvent) => {
    const next = nextViewport(event.key, viewport, map, capacity, step)
    if (!next) return
    event.preventDefault()
    setViewport(next)
  }
  return (
    <Picture
      kind="disk-map"
      title={title}
      caption={<Captions maps={maps} />}
      table={table}
      actions={
        <ZoomButtons
          isZoomed={isZoomed}
          onZoom={(factor) => setViewport(zoom(viewport, factor, capacity))}
          onReset={() => setViewport({ ...wholeDisk(capacity), offset: viewport.offset })}
        />
      }
    >
      <div className="rv-disk-strips">
        {prepared.map((each, index) => (
          <div className="rv-disk-strip-row" key={each.map.name} data-map={each.map.name}>
            <div className="rv-disk-strip-label">
              <strong>{each.map.name}</strong> <span>{summaryOf(each.map)}</span>
            </div>
            <Strip
              label={each.map.name}
              prepared={each}
              view={view}
              offset={viewport.offset}
              description={describe(each)}
              onOffset={(offset) => setViewport(moveTo(viewport, offset, capacity))}
              onKeyDown={onKeyDown(each.map)}
            />
            {controls?.(index)}
          </div>
        ))}
        <Comparisons maps={maps} view={view} />
        <div className="rv-disk-scale" aria-hidden="true">
          {ticksOf(view).map(({ offset, label }) => (
            <span key={offset} style={{ left: percentOf(offset, view) }}>
              {!isNearEnd(offset, view) && label}
            </span>
          ))}
        </div>
      </div>
      <output className="rv-disk-spot">
        {viewport.offset === undefined
          ? 'Move the pointer over a strip, or select it and use the arrow keys, to see offsets and lengths.'
          : prepared.map((each) => (
              <span key={each.map.name}>
                {prepared.length > 1 && <strong>{each.map.name}: </strong>}
                {describe(each)}
              </span>
            ))}
      </output>
      <Legend hasUnknown={prepared.some(({ unknown }) => unknown.length > 0)} />
    </Picture>
  )
}

/** Whether the label of a tick would not have room behind it. */
const isNearEnd = (offset: number, { start, end }: Range): boolean => (offset - start) / (end - start) > 0.9

const columnAt = (offset: number, view: { start: number }, step: number) => {
  const start = view.start + Math.floor((offset - view.start) / step) * step
  return { start, end: start + step }
}

function nextViewport(
  key: string,
  viewport: Viewport,
  { areas }: AreaMap,
  capacity: number,
  step: number,
): Viewport | undefined {
  const { view } = viewport
  const offset = viewport.offset ?? view.start
  const page = (view.end - view.start) / 10
  const targets: Readonly<Record<string, () => Viewport>> = {
    ArrowRight: () => moveTo(viewport, nextStop(areas, offset, 1, step), capacity),
    ArrowLeft: () => moveTo(viewport, nextStop(areas, offset, -1, step), capacity),
    PageUp: () => moveTo(viewport, offset + page, capacity),
    PageDown: () => moveTo(viewport, offset - page, capacity),
    Home: () => moveTo(viewport, 0, capacity),
    End: () => moveTo(viewport, capacity, capacity),
    '+': () => zoom(viewport, 1 / 4, capacity),
    '-': () => zoom(viewport, 4, capacity),
    '0': () => ({ ...wholeDisk(capacity), offset: viewport.offset }),
  }
  return targets[key]?.()
}

function Captions({ maps }: { readonly maps: readonly AreaMap[] }) {
  const capacity = maps[0]?.isCapacityKnown ? `Disk of ${formatBytes(maps[0].capacity)}. ` : ''
  return (
    <>
      {capacity}
      {maps.every(({ isCapacityKnown }) => !isCapacityKnown) &&
        'The strip ends with the last area, because the size of the disk is not selected (capacity). '}
    </>
  )
}

interface ZoomProps {
  readonly isZoomed: boolean
  readonly onZoom: (factor: number) => void
  readonly onReset: () => void
}

function ZoomButtons({ isZoomed, onZoom, onReset }: ZoomProps) {
  return (
    <fieldset className="rv-picture-buttons" aria-label="Zoom">
      <button type="button" className="rv-picture-button" aria-label="Zoom in" onClick={() => onZoom(1 / 4)}>
        +
      </button>
      <button
        type="button"
        className="rv-picture-button"
        aria-label="Zoom out"
        disabled={!isZoomed}
        onClick={() => onZoom(4)}
      >
        −
      </button>
      <button type="button" className="rv-picture-button" disabled={!isZoomed} onClick={onReset}>
        Whole disk
      </button>
    </fieldset>
  )
}

function Legend({ hasUnknown }: { readonly hasUnknown: boolean }) {
  return (
    <div className="rv-disk-legend" aria-hidden="true">
      <span>Share of a column:</span>
      {['up to 5 %', '25 %', '50 %', '75 %', '100 %'].map((label, shade) => (
        <span key={label}>
          <i className={`rv-swatch rv-shade-${shade}`} />
          {label}
        </span>
      ))}
      {hasUnknown && (
        <span>
          <i className="rv-swatch rv-not-loaded" />
          not loaded
        </span>
      )}
    </div>
  )
}
