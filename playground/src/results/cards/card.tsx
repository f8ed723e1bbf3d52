// Shows a single object as a definition list, and its nested values by their own views.

import { useId } from 'react'
import { pathKey } from '../typed/error-index.ts'
import { isPlain, type TypedField, type TypedObject } from '../typed/typed-value.ts'
import { ValueView } from '../value-view.tsx'
import { fieldLabel, pathLabel } from '../values/format.ts'
import { LeafView } from '../values/leaf.tsx'
import type { View, ViewProps } from '../view.ts'

/** Whether a field has one line in a card. An empty list needs no table. */
const isShort = ({ value }: TypedField): boolean =>
  isPlain(value) || (value.kind === 'list' && value.raw.length === 0)

/** Whether the label does not name the type already. */
const hasOtherType = ({ typeName }: TypedObject, label: string): boolean =>
  typeName !== undefined && typeName.toLowerCase() !== label.toLowerCase()

function Card({ value, label, context }: ViewProps) {
  const heading = useId()
  if (value.kind === 'list')
    return (
      <>
        {value.items.map((item, index) => (
          <ValueView
            key={item.path.join('.')}
            value={item}
            label={`${label} ${index + 1}`}
            context={context}
          />
        ))}
      </>
    )
  if (value.kind !== 'object')
    return (
      <section className="rv-card" aria-labelledby={heading}>
        <h3 id={heading}>{fieldLabel(label)}</h3>
        <LeafView value={value} />
      </section>
    )
  const plain = value.fields.filter(isShort)
  const nested = value.fields.filter((field) => !isShort(field))
  const [only] = nested
  // A card around a single table or picture would only take its space.
  if (only && plain.length === 0 && nested.length === 1)
    return <ValueView value={only.value} label={`${label}_${only.key}`} context={context} />
  return (
    <section className="rv-card" aria-labelledby={heading}>
      <h3 id={heading}>
        {fieldLabel(label)} {hasOtherType(value, label) && <span className="rv-type">{value.typeName}</span>}
      </h3>
      <Definitions fields={plain} />
      {nested.map((field) => (
        <ValueView key={field.key} value={field.value} label={field.key} context={context} />
      ))}
    </section>
  )
}

function Definitions({ fields }: { readonly fields: readonly TypedField[] }) {
  if (fields.length === 0) return null
  return (
    <dl className="rv-definitions">
      {fields.map(({ key, name, definition, value }) => (
        <div key={key}>
          <dt title={definition?.description ?? name}>{pathLabel([key], value.unit)}</dt>
          <dd data-path={pathKey(value.path)}>
            <LeafView value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

export const cardView: View = {
  name: 'card',
  matches: (value) => (value.kind === 'object' || value.kind === 'list' ? 1 : false),
  component: Card,
}
