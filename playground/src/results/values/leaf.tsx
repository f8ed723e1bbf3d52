// Renders a single value by its declared type and unit.

import { isEnumType } from 'graphql'
import type { TypedLeaf, TypedNull, TypedValue } from '../typed-value.ts'
import { enumLabel, exactNumber, formatAge, formatDateTime, formatNumber } from './format.ts'
import { toneOf } from './tone.ts'

/** Renders a leaf or a null, and a list of them. Anything else is counted. */
export function LeafView({ value }: { readonly value: TypedValue }) {
  if (value.kind === 'null') return <NullView value={value} />
  if (value.kind === 'leaf') return <ScalarView value={value} />
  if (value.kind === 'object') return <span>{value.typeName ?? 'Object'}</span>
  if (value.items.length === 0) return <span className="rv-null">none</span>
  return (
    <ul className="rv-inline-list">
      {value.items.map((item) => (
        <li key={item.path.join('.')}>
          <LeafView value={item} />
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

function ScalarView({ value }: { readonly value: TypedLeaf }) {
  const { raw, leafType } = value
  if (typeof raw === 'boolean')
    return raw ? <span className="rv-yes">✓ yes</span> : <span className="rv-no">no</span>
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
  if (leafType?.name === 'ID') return <code className="rv-id">{raw}</code>
  return <span className="rv-text">{raw}</span>
}

function DateTimeView({ iso }: { readonly iso: string }) {
  const time = Date.parse(iso)
  if (Number.isNaN(time)) return <span>{iso}</span>
  return (
    <time dateTime={iso} title={iso}>
      {formatDateTime(time)} <span className="rv-age">{formatAge(time, Date.now())}</span>
    </time>
  )
}
