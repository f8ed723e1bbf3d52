// The view of objects with lists of areas: their maps, and what else is selected of them.

import { Fragment, useMemo } from 'react'
import { OtherView } from '../picture/other-view.tsx'
import { NextPageButton } from '../tables/next-page-button.tsx'
import { connectionOf } from '../tables/row-set.ts'
import type { TypedObject, TypedValue } from '../typed/typed-value.ts'
import { ValueView } from '../value-view.tsx'
import type { View, ViewContext, ViewProps } from '../view.ts'
import { DiskMap } from './disk-map.tsx'
import { isDrawable, type ReadMap, readMap, readMaps } from './read-maps.ts'
import { disksWithAreas, distinguish, identityOf, namesOf } from './same-disk.ts'

/** What the table in place of the picture leaves out. */
const ownViews = ['disk-map']

const hasMaps = (value: TypedValue): value is TypedObject =>
  value.kind === 'object' && value.fields.some((field) => isDrawable(field.value))

/** Returns the objects of the result with areas of the same disk, which are drawn together at the first of them. */
function sameDisk(owner: TypedObject, { result }: ViewContext): readonly TypedObject[] {
  const identity = identityOf(owner)
  if (identity === undefined || !result.root) return [owner]
  const same = disksWithAreas(result.root).filter((each) => identityOf(each) === identity)
  return same.some(({ path }) => isSamePath(path, owner.path)) ? same : [owner]
}

const isSamePath = (one: TypedObject['path'], other: TypedObject['path']): boolean =>
  one.length === other.length && one.every((key, place) => key === other[place])

function mapsOf(owners: readonly TypedObject[], { run, result }: ViewContext): ReadMap[] {
  const places = distinguish(owners.map(({ path }) => namesOf(result.root, path)))
  const maps = owners.flatMap((owner, index) => {
    const own = readMaps(owner, run.variables)
    return own.map((map) => ({
      ...map,
      name: [places[index], own.length > 1 && map.name].filter(Boolean).join(': ') || map.name,
    }))
  })
  // Places without names can have the same one.
  return maps.map((map, index) => {
    const before = maps.slice(0, index).filter(({ name }) => name === map.name).length
    return before === 0 ? map : { ...map, name: `${map.name} (${before + 1})` }
  })
}

function DiskMapView({ value, label, context }: ViewProps) {
  const owners = useMemo(() => (hasMaps(value) ? sameDisk(value, context) : []), [value, context])
  const maps = useMemo(() => {
    if (value.kind !== 'object') return []
    if (owners.length > 0) return mapsOf(owners, context)
    return [readMap(label, value, context.run.variables)]
  }, [value, owners, label, context])
  if (value.kind !== 'object') return null
  const title = namesOf(context.result.root, value.path).join(' › ')
  const other = { ...value, fields: value.fields.filter((field) => !isDrawable(field.value)) }
  const details = owners.length > 0 &&
    other.fields.some(({ name }) => !['id', 'label', 'capacity'].includes(name)) && (
      <ValueView value={other} label={label} context={context} />
    )
  const [first] = owners
  if (first && !isSamePath(first.path, value.path))
    return (
      <>
        <p className="rv-note">
          The areas of {title} are compared at {namesOf(context.result.root, first.path).join(' › ')}.
        </p>
        {details}
      </>
    )
  return (
    <>
      <DiskMap
        title={title}
        maps={maps}
        controls={(index) => <NextAreas map={maps[index]} context={context} />}
        table={() => <Tables owners={owners.length > 1 ? owners : [value]} label={label} context={context} />}
      />
      {details}
    </>
  )
}

interface TablesProps extends Omit<ViewProps, 'value'> {
  readonly owners: readonly TypedObject[]
}

/** What the picture shows of each object, under its name if there are several. */
function Tables({ owners, label, context }: TablesProps) {
  return owners.map((owner) => (
    <Fragment key={owner.path.join('.')}>
      {owners.length > 1 && <h4>{namesOf(context.result.root, owner.path).join(' › ')}</h4>}
      <OtherView without={ownViews} value={owner} label={label} context={context} />
    </Fragment>
  ))
}

/** Loads the areas behind those of a page. */
function NextAreas({ map, context }: { readonly map: ReadMap | undefined; readonly context: ViewContext }) {
  const connection = map && connectionOf(map.source)
  return connection ? <NextPageButton connection={connection} context={context} /> : null
}

export const diskMapView: View = {
  name: 'disk-map',
  matches: (value) => (hasMaps(value) || isDrawable(value) ? 30 : false),
  component: DiskMapView,
  isPicture: true,
}
