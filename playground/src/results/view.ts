// What a result view is: a component for values of a shape. `views.ts` lists them.

import type { ComponentType } from 'react'
import type { Run } from '../execution/runs.ts'
import type { TypedResult } from './typed/typed-result.ts'
import type { TypedValue } from './typed/typed-value.ts'

/** What a view may read beside its value. */
export interface ViewContext {
  readonly run: Run
  /** The result that the value belongs to. */
  readonly result: TypedResult
  /** Whether a picture shows the value or a value below it. Such objects are shown as cards, because a table would hide the picture. */
  readonly hasPicture: (value: TypedValue) => boolean
}

export interface ViewProps {
  readonly value: TypedValue
  /** The heading: the alias or the name of the field. */
  readonly label: string
  readonly context: ViewContext
}

export interface View {
  readonly name: string
  /**
   * Returns how well the view shows the value, by its shape only, or false if it does not show it. The best view is rendered;
   * 1 is for what every value of a kind has, such as a card; 10 for a shape; 20 for a picture of something specific.
   */
  matches(value: TypedValue, context: ViewContext): number | false
  readonly component: ComponentType<ViewProps>
  /** A picture is shown open within a list of objects, where other nested values are collapsed. */
  readonly isPicture?: boolean
}

export interface RunViewProps {
  readonly run: Run
  /** Types one of the results of the run; the same object for the same result. */
  readonly typed: (result: Run['results'][number]) => TypedResult
}

/** A view of all results of a run in place of the views of its last result, such as the log of a subscription. */
export interface RunView {
  readonly name: string
  matches(run: Run, last: TypedResult | undefined): number | false
  readonly component: ComponentType<RunViewProps>
}

/** How many items of a list are examined for pictures: the items of a list mostly have the same shape. */
const examinedItems = 3

/** Whether a picture shows the value or a value below it. */
export function hasPicture(views: readonly View[], value: TypedValue, context: ViewContext): boolean {
  if (value.kind !== 'list' && value.kind !== 'object') return false
  if (bestView(views, value, context)?.isPicture) return true
  if (value.kind === 'object') return value.fields.some((field) => hasPicture(views, field.value, context))
  return (
    value.raw.length > 0 &&
    value.items.slice(0, examinedItems).some((item) => hasPicture(views, item, context))
  )
}

/** The best view of a value. */
export function bestView(views: readonly View[], value: TypedValue, context: ViewContext): View | undefined {
  let best: View | undefined
  let bestScore = 0
  for (const view of views) {
    const score = view.matches(value, context)
    if (score === false || score <= bestScore) continue
    best = view
    bestScore = score
  }
  return best
}
