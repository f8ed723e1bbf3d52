// Chooses which two lists of areas of a disk are compared.

import { useState } from 'react'
import type { AreaMap } from './area-map.ts'
import { ComparisonStrip } from './comparison-strip.tsx'
import type { Range } from './ranges.ts'

interface Props {
  readonly maps: readonly AreaMap[]
  readonly view: Range
}

export function Comparisons({ maps, view }: Props) {
  const [[one, other], setPair] = useState<readonly [number, number]>([0, 1])
  const [first, second] = [maps[one], maps[other]]
  if (!first || !second) return null
  return (
    <>
      {maps.length > 2 && (
        <fieldset className="rv-disk-pair">
          <legend>Compare</legend>
          <MapChoice label="First list" maps={maps} value={one} onChange={(next) => setPair([next, other])} />
          with
          <MapChoice
            label="Second list"
            maps={maps}
            value={other}
            onChange={(next) => setPair([one, next])}
          />
        </fieldset>
      )}
      <ComparisonStrip first={first} second={second} view={view} />
    </>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly maps: readonly AreaMap[]
  readonly value: number
  onChange(value: number): void
}

function MapChoice({ label, maps, value, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {maps.map(({ name }, index) => (
        <option key={name} value={index}>
          {name}
        </option>
      ))}
    </select>
  )
}
