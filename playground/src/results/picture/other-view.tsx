// Renders a value by its next best view, such as the table of a list in place of its picture.

import { useMemo } from 'react'
import { ResultContext, useResultServices } from '../result-context.ts'
import { ValueView } from '../value-view.tsx'
import { hasPicture, type ViewContext, type ViewProps } from '../view.ts'

export interface OtherViewProps extends ViewProps {
  /** The names of the views that are left out, also for nested values. */
  readonly without: readonly string[]
}

export function OtherView({ without, context, ...props }: OtherViewProps) {
  const services = useResultServices()
  const views = useMemo(
    () => services.views.filter(({ name }) => !without.includes(name)),
    [services, without],
  )
  const remaining = useMemo(() => ({ ...services, views }), [services, views])
  const below = useMemo(() => {
    const pictures = views.filter(({ isPicture }) => isPicture)
    const own: ViewContext = { ...context, hasPicture: (value) => hasPicture(pictures, value, own) }
    return own
  }, [views, context])
  return (
    <ResultContext value={remaining}>
      <ValueView {...props} context={below} />
    </ResultContext>
  )
}
