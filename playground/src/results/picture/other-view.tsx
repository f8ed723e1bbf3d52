// Renders a value by its next best view, such as the table of a list in place of its picture.

import { useMemo } from 'react'
import { ResultContext, useResultServices } from '../result-context.ts'
import { ValueView } from '../value-view.tsx'
import type { ViewProps } from '../view.ts'

export interface OtherViewProps extends ViewProps {
  /** The name of the view that is left out, also for nested values. */
  readonly without: string
}

export function OtherView({ without, ...props }: OtherViewProps) {
  const services = useResultServices()
  const remaining = useMemo(
    () => ({ ...services, views: services.views.filter(({ name }) => name !== without) }),
    [services, without],
  )
  return (
    <ResultContext value={remaining}>
      <ValueView {...props} />
    </ResultContext>
  )
}
