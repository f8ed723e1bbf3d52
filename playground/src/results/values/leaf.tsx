// Renders a single value by its declared type and unit.

import { isEnumType, Kind } from 'graphql'
import { IdView } from '../ids/id-view.tsx'
import type { TypedLeaf, TypedNull, TypedValue } from '../typed/typed-value.ts'
import { enumLabel, exactNumber, formatAge, formatDateTime, formatNumber } from './format.ts'
import { toneOf } from './tone.ts'

interface LeafProps {
  readonly value: TypedValue
  /** For the cells of a table: ids are shortened. */
  readonly isCompact?: boolean
}

/** Renders a leaf or a null, and a list of them. Of an object only its type is shown. */
export function LeafView({ value, isCompact = false }: LeafProps) {
  if (value.kind === 'null') return <NullView value={value} />
  if (value.kind === 'leaf') return <ScalarView value={value} isCompact={isCompact} />
  if (value.kind === 'object') return <span>{value.typeName ?? 'Object'}</span>
  if (value.items.length === 0) return <span className="rv-null">none</span>
  return (
    <ul className="rv-inline-list">
      {value.items.map((item) => (
        <li key={item.path.join('.')}>
          <LeafView value={item} isCompact={isCompact} />
        </li>
      ))}
    </ul>
  )
}

function NullView({ value }: { readonly value: TypedNull }) {
  const [error] = value.errors
  if (!error) return <span className="rv-null">–</span>
  const code = error.extensions?.code
  return (
    <span className="rv-null rv-null-error" title={error.message}>
      – <span className="rv-null-reason">{typeof code === 'string' ? code : error.message}</span>
    </span>
  )
}

/** Longer strings are broken into lines in a table. */
const longText = 30

function ScalarView({ value, isCompact }: { readonly value: TypedLeaf; readonly isCompact: boolean }) {
  const { raw, leafType } = value
  // Neither is coloured: whether a yes is good depends on the field, such as consolidationNeeded.
  if (typeof raw === 'boolean') return raw ? <span>✓ yes</span> : <span className="rv-no">no</span>
  if (typeof raw === 'number') {
    const exact = exactNumber(raw, value.unit)
    return (
      <span className="rv-number" {...(exact && { title: exact })}>
        {formatNumber(raw, value.unit)}
      </span>
    )
  }
  if (typeof raw !== 'string') return <span>{JSON.stringify(raw)}</span>
  if (isEnumType(leafType))
    return (
      <span className="rv-badge" data-tone={toneOf(raw)} title={raw}>
        {enumLabel(raw)}
      </span>
    )
  if (leafType?.name === 'DateTime') return <DateTimeView iso={raw} />
  if (leafType?.name === 'ID')
    return value.owner && isOwnId(value) ? (
      <IdView id={raw} typeName={value.owner} isCompact={isCompact} />
    ) : (
      <code className="rv-id" data-compact={isCompact} title={raw}>
        {raw}
      </code>
    )
  return (
    <span className="rv-text" data-long={raw.length > longText} data-words={raw.includes(' ')}>
      {raw}
    </span>
  )
}

const isOwnId = ({ nodes: [node] }: TypedLeaf): boolean =>
  node?.kind === Kind.FIELD && node.name.value === 'id'

function DateTimeView({ iso }: { readonly iso: string }) {
  const time = Date.parse(iso)
  if (Number.isNaN(time)) return <span>{iso}</span>
  const now = Date.now()
  return (
    <time dateTime={iso} title={iso}>
      {formatDateTime(time, now)} <span className="rv-age">{formatAge(time, now)}</span>
    </time>
  )
}
